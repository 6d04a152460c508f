"""The milder responses through their pages, from proposal to end: plan, block, notice, post, mediation, no further action."""

import re
from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from sanctions import cases, diary, ladder, measures
from sanctions.forms.plans import PlanForm
from sanctions.models import Contact, Decision, Follow, Measure, Prepared, Terms
from tests.factories import World, at, signed

pytestmark = pytest.mark.usefixtures("quick_letters")
DECIDED, IN_FORCE, REVIEWED = "2026-03-12 09:00", "2026-03-18 10:00", "2026-06-01 09:00"


class Walk:
    """A case under the combined code with its facts found, and whoever acts on it through the pages."""

    def __init__(self, world: World, client_of: Callable[..., Client]) -> None:
        self.world = world
        self.case = world.incident(clauses=["U16", "U17"], place="email").in_case.case
        world.found(self.case.incidents.get())
        self.client_of = client_of
        self.pupil = world.alex.pupils.get()

    def client(self, who: str) -> Client:
        """Somebody signed in now: a session would have ended since the last moment."""
        return self.client_of(getattr(self.world, who))

    @property
    def measure(self) -> Measure:
        return Measure.objects.latest("pk")

    def address(self, verb: str) -> str:
        return reverse("deed", args=[self.case.reference, self.measure.pk, verb])

    def page(self, who: str) -> str:
        return self.client(who).get(reverse("case", args=[self.case.reference])).content.decode()

    def buttons(self, who: str) -> set[str]:
        """The words of what the panels of the case offer to somebody."""
        response = self.client(who).get(reverse("case", args=[self.case.reference]))
        panels = response.context["panels"]
        found = {b.label for p in panels for b in (*p.daily, *p.letters, *p.buttons, *p.others)}
        return found | {p.main.label for p in panels if p.main}

    def do(self, who: str, verb: str, when: str, **told: object):
        """Answer a deed's form at a moment; what came back."""
        with time_machine.travel(at(when), tick=False):
            return self.client(who).post(self.address(verb), told)

    def done(self, who: str, verb: str, when: str, **told: object) -> None:
        """The same; and it went through."""
        response = self.do(who, verb, when, **told)
        assert response.status_code == 302, shown(response)

    def proposed(self, response: str, who: str = "olive", when: str = "2026-03-11 09:00", **told: str):
        reason = {"severity_reason": "Nine messages a day."} if response in ladder.PLANS else {}
        with time_machine.travel(at(when), tick=False):
            answer = self.client(who).post(
                reverse("propose", args=[self.case.reference]), {"response": response, **reason, **told}
            )
        assert answer.status_code == 302, shown(answer)
        return answer

    def issued(self, when: str) -> None:
        """The draft that waits is issued by the office of letters."""
        letter = signed(self.measure.case_letters.get(letter__issued_at=None), when).letter
        with time_machine.travel(at(when), tick=False):
            self.client("adam").post(
                reverse("letter_issue", args=[letter.pk]), {"method": "post", "sent_at": when.replace(" ", "T")}
            )
        letter.refresh_from_db()
        assert letter.is_issued

    def plan(self, **changed: object) -> dict[str, object]:
        """The answers of a plan's form."""
        return {
            "reasons": "Answering took hours of each week.",
            "starts": "2026-03-12",
            "ends": "2026-08-28",
            "review_on": "2026-06-05",
            "scope": "Messages about lessons",
            "way_office": ["email"],
            "staff_office": "Olive Office",
            "way_teacher": ["meeting"],
            "staff_teacher": "Sena Senior",
            "deputy": "Paul Page",
            "cap_most": "1",
            "cap_of": "email",
            "cap_per": "week",
            "reply_days": "3",
            f"handover_{self.pupil.pk}": "As now",
            "equality": "Asked; none raised.",
            **changed,
        }

    def plan_in_force(self) -> None:
        self.proposed("communication_plan")
        self.done("hari", "decide", DECIDED, **self.plan())
        self.issued("2026-03-12 10:00")


@pytest.fixture
def walk(make_world, client_of):
    with time_machine.travel(at("2026-03-11 09:00"), tick=False):
        yield Walk(make_world("combined"), client_of)


@pytest.fixture
def clock():
    """Sets the moment for whatever is looked at: clock("2026-03-18 10:00")."""
    travels = []

    def set_to(text: str) -> None:
        travels.append(time_machine.travel(at(text), tick=False))
        travels[-1].start()

    yield set_to
    for travel in reversed(travels):
        travel.stop()


def shown(response) -> str:
    """What stands in the summary of what is wrong, in one line."""
    found = re.search(r'class="error-summary".*?</div>', response.content.decode(), re.S)
    words = re.sub(r"<[^>]+>", " ", found[0].partition(">")[2] if found else "")
    return " ".join(words.split())


def links(response) -> list[str]:
    """Where the summary leads."""
    found = re.search(r'class="error-summary".*?</div>', response.content.decode(), re.S)
    return re.findall(r'href="([^"]+)"', found[0]) if found else []


class TestProposing:
    def test_the_form_offers_the_rungs_of_the_policy_and_what_may_be_used_at_any_time(self, walk):
        form = walk.client("olive").get(reverse("propose", args=[walk.case.reference])).context["form"]
        assert [value for value, _ in form.fields["response"].choices] == [
            *("meeting", "warning_letter", "communication_plan", "channel_block", "vexatious_notice", "site_ban"),
            *("post_removal", "mediation", "no_further_action"),
        ]

    def test_questions_of_some_responses_alone_say_of_which(self, walk):
        form = walk.client("olive").get(reverse("propose", args=[walk.case.reference])).context["form"]
        only = {n: f.widget.attrs.get("data-only-for") for n, f in form.fields.items()}
        assert only == {
            "response": None,
            "opening": "response site_ban",
            "lesser_options": "response site_ban",
            "severity_reason": "response communication_plan channel_block vexatious_notice site_ban",
        }

    def test_a_step_left_out_without_a_reason_is_refused_with_a_link_to_the_field(self, walk):
        response = walk.client("olive").post(
            reverse("propose", args=[walk.case.reference]), {"response": "channel_block"}
        )
        assert response.status_code == 422
        assert "write why the severity asks for this one" in shown(response)
        assert links(response) == ["#id_severity_reason"]


class TestAPlan:
    def test_it_goes_from_its_proposal_to_a_review_that_changes_it_and_to_its_end(self, walk):
        walk.plan_in_force()
        terms = Terms.objects.get(measure=walk.measure)
        assert terms.ways == [["teacher", "meeting", "Sena Senior"], ["office", "email", "Olive Office"]]
        assert (terms.cap, terms.deputy, terms.reply_days) == ("one email a week", "Paul Page", 3)
        assert walk.measure.state == "in_force"
        walk.done("olive", "log_contact", IN_FORCE, method="email", on="2026-03-17", text="Asked about a coat.")
        again = walk.plan(cap_most="2", review_on="2026-08-03", reasons="Calmer since.")
        walk.done("sena", "vary_on_review", REVIEWED, **again)
        walk.issued("2026-06-01 10:00")
        walk.done("tess", "end", "2026-06-15 09:00", reasons="No longer needed.")
        walk.issued("2026-06-15 10:00")
        assert walk.measure.state == "ended"
        verbs = Decision.objects.order_by("at").values_list("verb", "by__name")
        assert list(verbs) == [
            ("decide", "Hari Head"), ("vary_on_review", "Sena Senior"), ("end", "Tess Trust"),
        ]  # fmt: skip

    def test_what_is_typed_and_kept_for_later_comes_back_whole_the_wrong_and_the_unfinished_too(self, walk, clock):
        walk.proposed("communication_plan")
        told = walk.plan(
            starts="", staff_office="", way_senior=[], staff_senior="Grace Hope", cap_of="", reply_days="99"
        )
        walk.done("hari", "decide", DECIDED, **told, later="1")
        assert not Decision.objects.exists()
        assert Prepared.objects.get().verb == "decide"
        clock(DECIDED)
        form = walk.client("hari").get(walk.address("decide")).context["form"]
        kept = {name: form[name].value() for name in told if name in form.fields}
        assert {n: v for n, v in kept.items() if v != told[n]} == {}
        assert len(kept) == len(told)

    def test_what_is_missing_stands_in_the_summary_each_with_a_link_to_its_field(self, walk):
        walk.proposed("communication_plan")
        response = walk.do("hari", "decide", DECIDED, reasons="Too many messages.")
        assert response.status_code == 422
        assert links(response) == [f"#id_handover_{walk.pupil.pk}", "#ways", "#id_starts", "#id_equality"]
        assert response.context["form"]["reasons"].value() == "Too many messages."

    def test_an_end_that_is_too_late_leads_to_the_end(self, walk):
        walk.proposed("communication_plan")
        response = walk.do("hari", "decide", DECIDED, **walk.plan(ends="2026-10-01"))
        assert shown(response) == (
            "This is not done yet It may run 6 months at most: choose Saturday 12 September 2026 or an earlier day. Fill it in"
        )
        assert links(response) == ["#id_ends"]

    def test_a_way_without_a_name_and_a_name_without_a_way_are_said_at_the_box_for_the_name(self, walk):
        walk.proposed("communication_plan")
        response = walk.do("hari", "decide", DECIDED, **walk.plan(staff_office="", staff_senior="Grace Hope"))
        assert links(response) == ["#id_staff_office", "#id_staff_senior"]
        assert "Name a member of staff" in shown(response)
        page = response.content.decode()
        box = re.search(r'<input[^>]*id="id_staff_office"[^>]*>', page)[0]
        assert 'aria-describedby="id_staff_office_error"' in box
        assert 'aria-label="Who answers: the office (absence, payments, trips)"' in box
        assert 'id="id_staff_office_error"' in page

    @pytest.mark.parametrize(
        ("changed", "said", "link"),
        [
            ({"cap_most": ""}, "Give the number.", "#id_cap_most"),
            ({"cap_of": ""}, "Say of what.", "#id_cap_of"),
            ({"cap_per": ""}, "Say in what time.", "#id_cap_per"),
            ({"cap_most": "0"}, "Write a number from 1 to 50.", "#id_cap_most"),
            ({"reply_days": "soon"}, "Write a number from 1 to 60.", "#id_reply_days"),
            ({"closes": ["email"]}, "The plan leaves open, ticked above: email.", "#div_id_closes"),
        ],
    )
    def test_a_limit_by_half_a_strange_number_and_a_way_both_open_and_closed_are_refused(
        self, walk, changed, said, link
    ):
        walk.proposed("communication_plan")
        response = walk.do("hari", "decide", DECIDED, **walk.plan(**changed))
        assert said in shown(response)
        assert links(response) == [link]
        assert not Decision.objects.exists()

    def test_no_limit_at_all_is_none(self, walk):
        walk.proposed("communication_plan")
        walk.done("hari", "decide", DECIDED, **walk.plan(cap_most="", cap_of="", cap_per=""))
        assert Terms.objects.get().cap == ""

    def test_the_list_of_names_holds_who_answers_at_the_school_and_not_who_looks_after_the_program(self, walk):
        form = PlanForm(
            person=walk.world.alex, pack=walk.world.school.adoption_on(date(2026, 3, 12)).pack, on_review=False
        )
        assert form.staff_names == ["Hari Head", "Olive Office", "Sena Senior"]

    def test_the_case_shows_what_the_plan_allows_and_what_is_used_of_its_limit(self, walk, clock):
        walk.plan_in_force()
        for day in ("2026-03-16", "2026-03-17"):
            walk.done("olive", "log_contact", IN_FORCE, method="email", on=day)
        clock(IN_FORCE)
        response = walk.client("olive").get(reverse("case", args=[walk.case.reference]))
        (panel,) = response.context["panels"]
        assert panel.lines == [
            "The child's teacher: meeting arranged through the office, Sena Senior",
            "The office (absence, payments, trips): email, Olive Office",
            "When they are away: Paul Page",
            "At most one email a week",
            "We answer within 3 school days",
        ]
        assert panel.clocks[-1] == {"label": "Contacts this week", "value": "2 of 1", "tone": "stop"}
        assert "Restricted communication plan in force" in {t["word"] for t in response.context["tags"]}

    def test_a_contact_over_the_limit_and_one_by_another_way_are_told_as_that_and_no_more(self, walk, clock):
        walk.plan_in_force()
        for method, day in (("email", "2026-03-16"), ("email", "2026-03-17"), ("telephone", "2026-03-18")):
            walk.done("olive", "log_contact", IN_FORCE, method=method, on=day)
        clock(IN_FORCE)
        events = walk.client("olive").get(reverse("case", args=[walk.case.reference])).context["events"]
        assert sorted(e.title for e in events if e.title.startswith("They got in touch")) == [
            "They got in touch: email",
            "They got in touch: email, over the limit of the plan",
            "They got in touch: telephone, not a way that the plan allows",
        ]
        assert walk.case.tasks.filter(measure=walk.measure).count() == 0

    def test_a_contact_is_held_against_the_terms_of_its_own_day(self, walk, clock):
        walk.plan_in_force()
        for day in ("2026-05-26", "2026-05-27"):
            walk.done("olive", "log_contact", "2026-05-27 10:00", method="email", on=day)
        walk.done("sena", "vary_on_review", REVIEWED, **walk.plan(cap_most="2", review_on="2026-08-03"))
        walk.issued("2026-06-01 10:00")
        for day in ("2026-06-02", "2026-06-03"):
            walk.done("olive", "log_contact", "2026-06-03 10:00", method="email", on=day)
        clock("2026-06-03 11:00")
        events = walk.client("olive").get(reverse("case", args=[walk.case.reference])).context["events"]
        over = [e.at.date() for e in events if "over the limit" in e.title]
        assert over == [date(2026, 5, 27)]

    @pytest.mark.parametrize(
        ("on", "said"),
        [
            ("2026-03-19", "This day is still to come"),
            ("2026-03-11", "The plan has applied since Thursday 12 March 2026"),
            ("", "Give the day."),
        ],
    )
    def test_a_contact_has_a_day_on_which_the_plan_applied(self, walk, on, said):
        walk.plan_in_force()
        response = walk.do("olive", "log_contact", IN_FORCE, method="email", on=on, text="About a coat.")
        assert said in shown(response)
        assert links(response) == ["#id_on"]
        assert response.context["form"]["text"].value() == "About a coat."
        assert not Contact.objects.exists()

    def test_the_case_takes_as_many_queries_with_three_contacts_as_with_one(
        self, walk, clock, django_assert_num_queries
    ):
        walk.plan_in_force()
        walk.done("olive", "log_contact", IN_FORCE, method="email", on="2026-03-16")
        clock(IN_FORCE)
        client, page = walk.client("hari"), reverse("case", args=[walk.case.reference])
        client.get(page)
        with django_assert_num_queries(QUERIES):
            client.get(page)
        for day in ("2026-03-17", "2026-03-18"):
            walk.done("olive", "log_contact", IN_FORCE, method="telephone", on=day)
        with django_assert_num_queries(QUERIES):
            assert client.get(page).context["panels"][0].clocks[-1]["value"] == "1 of 1"

    def test_who_decided_it_is_told_that_somebody_else_reviews_it_and_sees_no_such_button(self, walk, clock):
        walk.plan_in_force()
        clock(REVIEWED)
        notice = "Make a notice for the desk"
        assert walk.buttons("hari") == {"Log a contact", notice, "Withdraw: it was an error"}
        assert "You decided it yourself, so somebody else reviews it: " in walk.page("hari")
        response = walk.do("hari", "keep", REVIEWED, reasons="All is well.", review_on="2026-08-03")
        assert "You decided it yourself" in shown(response)
        assert walk.measure.decisions.count() == 1

    def test_everybody_sees_the_steps_that_are_theirs(self, walk, clock):
        clock("2026-03-11 10:00")
        walk.proposed("communication_plan")
        assert {who: walk.buttons(who) for who in ("olive", "sena", "hari")} == {
            "olive": set(),
            "sena": set(),
            "hari": {"Approve the plan", "Decline", "Record a consultation", "Withdraw: it was an error"},
        }
        walk.done("hari", "decide", DECIDED, **walk.plan())
        clock(DECIDED)
        draft = "Open the draft letter: communication plan"
        assert walk.buttons("olive") == {draft}
        assert walk.buttons("hari") == {draft, "Withdraw: it was an error"}
        walk.issued("2026-03-12 10:00")
        clock(REVIEWED)
        review = {"Keep it as it is", "Change its terms", "End it now"}
        desk = {"Log a contact", "Make a notice for the desk"}
        assert walk.buttons("olive") == desk
        assert walk.buttons("sena") == {*desk, *review}
        assert walk.buttons("tess") == {*review, "Withdraw: it was an error"}

    def test_the_office_may_neither_decide_nor_review_by_address(self, walk):
        walk.plan_in_force()
        found = {
            verb: walk.do("olive", verb, REVIEWED, reasons="x").status_code for verb in ("keep", "end", "withdraw")
        }
        assert found == {"keep": 404, "end": 404, "withdraw": 404}

    def test_kept_with_a_review_after_the_end_the_date_is_asked_for_again_and_the_words_stay(self, walk):
        walk.plan_in_force()
        response = walk.do("sena", "keep", REVIEWED, reasons="It helps.", review_on="2026-08-29")
        assert shown(response) == (
            "This is not done yet The review must come before the end, Friday 28 August 2026: choose an earlier day. Fill it in"
        )
        assert links(response) == ["#id_review_on"]
        assert response.context["form"]["reasons"].value() == "It helps."
        unmet = [i.rule for i in response.context["items"] if not i.met]
        assert unmet == ["dated"]

    def test_changed_on_review_without_reasons_the_letter_would_lack_them_so_they_are_asked_for(self, walk):
        walk.plan_in_force()
        response = walk.do("sena", "vary_on_review", REVIEWED, **walk.plan(reasons="", review_on="2026-08-03"))
        assert links(response) == ["#id_reasons"]

    def test_withdrawn_it_is_over_at_once_and_its_letter_says_so(self, walk, clock):
        walk.plan_in_force()
        walk.done("hari", "withdraw", "2026-04-01 09:00", reasons="It was another person.")
        walk.issued("2026-04-01 10:00")
        letter = walk.measure.case_letters.latest("pk").letter
        assert (walk.measure.state, letter.kind, letter.facts["outcome"]) == ("withdrawn", "plan_outcome", "withdrawn")
        clock("2026-04-01 11:00")
        assert walk.buttons("hari") == set()

    def test_withdrawn_before_its_letter_was_issued_no_draft_is_offered_any_more(self, walk, clock):
        walk.proposed("communication_plan")
        walk.done("hari", "decide", DECIDED, **walk.plan())
        walk.done("hari", "withdraw", "2026-03-12 11:00", reasons="It was another person.")
        clock("2026-03-12 12:00")
        assert walk.buttons("hari") == set()

    def test_today_the_diary_and_the_gate_know_it(self, walk, clock):
        walk.plan_in_force()
        clock(IN_FORCE)
        ahead = walk.client("olive").get("/diary/").content.decode()
        assert "Review: restricted communication plan" in ahead
        gate = walk.client("olive").get("/gate/?q=alex").content.decode()
        assert "Communication plan: may come in" in gate
        assert "hours of each week" not in gate
        listed = walk.client("olive").get("/gate/list/").content.decode()
        assert "Plan: may come in" in listed
        diary.sweep(at("2026-06-05 06:00"))
        clock("2026-06-05 09:00")
        assert "Review the plan, block or notice" in walk.client("sena").get("/").content.decode()

    def test_a_senior_who_reviewed_it_signs_its_letter_as_one(self, walk):
        walk.plan_in_force()
        walk.done("sena", "keep", REVIEWED, reasons="It helps.", review_on="2026-08-03")
        walk.issued("2026-06-01 10:00")
        facts = walk.measure.case_letters.latest("pk").letter.facts
        assert (facts["signatory_name"], facts["signatory_role"]) == ("Sena Senior", "Senior member of staff")

    def test_its_letters_say_in_a_sentence_who_stands_in_and_nothing_of_a_ban(self, walk):
        walk.plan_in_force()
        walk.done("sena", "vary_on_review", REVIEWED, **walk.plan(review_on="2026-08-03"))
        walk.issued("2026-06-01 10:00")
        first, outcome = (cl.letter.facts for cl in walk.measure.case_letters.order_by("pk"))
        assert first["deputy"] == outcome["deputy"] == "When the person named is away, Paul Page answers."
        assert "ban" not in outcome["views"].split()
        assert outcome["views"].startswith("You have not told us what you think of the restricted communication plan")


QUERIES = 46


class TestABlockAndANotice:
    @pytest.mark.parametrize(
        ("response", "closes", "button", "noun"),
        [
            ("channel_block", ["app"], "Approve the block", "block"),
            ("vexatious_notice", ["email"], "Approve the notice", "notice"),
        ],
    )
    def test_each_goes_from_its_proposal_to_its_end(self, walk, clock, response, closes, button, noun):
        walk.proposed(response)
        clock(DECIDED)
        assert button in walk.buttons("hari")
        told = {"starts": "2026-03-12", "ends": "2026-08-28", "review_on": "2026-06-05", "closes": closes}
        walk.done("hari", "decide", DECIDED, **told)
        walk.issued("2026-03-12 10:00")
        assert walk.measure.state == "in_force"
        clock(REVIEWED)
        assert walk.client("tess").get(walk.address("keep")).context["title"] == f"Review: keep the {noun} as it is"
        walk.done("tess", "keep", REVIEWED, reasons="Still needed.", run_out="on")
        walk.issued("2026-06-01 10:00")
        walk.done("sena", "end", "2026-07-01 09:00", reasons="Quiet.")
        walk.issued("2026-07-01 10:00")
        outcomes = [cl.letter.facts.get("outcome") for cl in walk.measure.case_letters.order_by("pk")]
        assert outcomes == [None, "kept", "ended"]

    def test_it_has_no_contacts(self, walk):
        walk.proposed("channel_block")
        assert walk.client("olive").get(walk.address("log_contact")).status_code == 404


class TestAPost:
    def test_it_is_captured_asked_about_and_taken_down(self, walk, clock):
        walk.proposed("post_removal")
        clock("2026-03-11 10:00")
        assert "Record the post" in walk.buttons("olive")
        walk.done("olive", "follow", "2026-03-11 10:00", step="captured", where="https://social.example/1")
        walk.done("hari", "decide", DECIDED, reason="It names the school.")
        walk.issued("2026-03-12 10:00")
        clock(IN_FORCE)
        (panel,) = walk.client("olive").get(reverse("case", args=[walk.case.reference])).context["panels"]
        assert panel.lines == [
            "Wed 11 March, post captured: https://social.example/1",
            "Thu 12 March, author asked to take the post down",
        ]
        assert panel.clocks == [{"label": "To be taken down by", "value": "Mon 23 March", "tone": ""}]
        assert walk.buttons("olive") == {"Record what became of the post"}
        walk.done("olive", "follow", IN_FORCE, step="removed")
        (panel,) = walk.client("olive").get(reverse("case", args=[walk.case.reference])).context["panels"]
        assert panel.clocks == []
        assert [f.step for f in Follow.objects.all()] == ["captured", "asked", "removed"]

    def test_captured_without_address_or_note_is_asked_for(self, walk):
        walk.proposed("post_removal")
        response = walk.do("olive", "follow", "2026-03-11 10:00", step="captured")
        assert links(response) == ["#id_where"]
        assert not Follow.objects.exists()

    def test_nothing_becomes_of_a_post_that_was_not_captured(self, walk):
        walk.proposed("post_removal")
        response = walk.do("olive", "follow", "2026-03-11 10:00", step="removed")
        assert response.status_code == 422
        assert not Follow.objects.exists()

    def test_taken_down_before_the_letter_was_issued_it_is_over_and_the_draft_no_longer_offered(self, walk, clock):
        walk.proposed("post_removal")
        walk.done("olive", "follow", "2026-03-11 10:00", step="captured", note="Two pictures.")
        walk.done("hari", "decide", DECIDED)
        walk.done("olive", "follow", IN_FORCE, step="removed")
        assert walk.measure.state == "ended"
        clock(IN_FORCE)
        assert walk.buttons("olive") == set()


class TestMediationAndNoFurtherAction:
    def test_mediation_is_offered_accepted_and_agreed_and_then_there_is_nothing_left_to_record(self, walk, clock):
        walk.proposed("mediation")
        walk.done("hari", "decide", DECIDED)
        assert not walk.measure.case_letters.exists()
        offered = []
        clock(IN_FORCE)
        for step in ("offered", "accepted", "agreed"):
            form = walk.client("sena").get(walk.address("follow")).context["form"]
            offered.append([value for value, _ in form.fields["step"].choices])
            walk.done("sena", "follow", IN_FORCE, step=step)
        assert offered == [["offered"], ["accepted", "turned_down"], ["turned_down", "agreed", "not_agreed"]]
        assert walk.buttons("sena") == set()
        assert "Mediation held: an agreement was reached" in walk.page("sena")

    def test_no_further_action_wants_its_reason_and_then_the_case_closes(self, walk, clock):
        walk.proposed("no_further_action")
        response = walk.do("hari", "decide", DECIDED)
        assert links(response) == ["#id_reason"]
        walk.done("hari", "decide", DECIDED, reason="A word was enough.")
        clock(IN_FORCE)
        assert "Nothing more is asked for" in walk.page("hari")
        for who, task in (("cora", "chair_notice"), ("tess", "trust_notice")):
            cases.show_to_chair(walk.case, by=walk.world.hari, at=at(IN_FORCE), why="Put before them")
            walk.client(who).post(reverse("tick_off", args=[walk.case.reference, task]), {"reason": "Read"})
        walk.client("hari").post(reverse("close_case", args=[walk.case.reference]), {"reasons": "Nothing is open."})
        walk.case.refresh_from_db()
        assert not walk.case.is_open
        assert walk.buttons("hari") == set()

    def test_no_letter_is_spoken_of_where_none_goes_out(self, walk, clock):
        walk.proposed("mediation")
        clock(DECIDED)
        page = walk.client("hari").get(walk.address("decide"))
        assert page.context["lede"].startswith("No letter goes with it")


def test_the_draft_of_a_warning_says_nothing_of_a_time_to_reply_before_the_decision(world, client_of):
    world.found(world.incident())
    warning = measures.propose(world.alex, by=world.olive, at=at("2026-03-11 09:00"), response="warning_letter")
    measures.decide(warning, by=world.hari, at=at("2026-03-11 09:10"))
    page = client_of(world.adam).get(reverse("letter", args=[warning.case_letters.get().letter_id]))
    assert "dated" not in [item["rule"] for item in page.context["items"]]
