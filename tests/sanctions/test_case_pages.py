"""The case's pages: who sees them, what they show, what a form answers."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from conduct.models import AuditRow
from sanctions import cases
from sanctions.models import Decision, Prepared
from tests.factories import at

NOW = "2026-03-19 10:00"


@pytest.fixture(autouse=True)
def on_the_day():
    """The pages read the clock: it is the morning on which the ban may be confirmed."""
    with time_machine.travel(at(NOW), tick=False):
        yield


def page(case) -> str:
    return reverse("case", args=[case.reference])


def deed(ban, verb: str) -> str:
    return reverse("deed", args=[ban.case.reference, ban.pk, verb])


def confirming(ban, **changed: object) -> dict[str, object]:
    """The answers of the form that confirms a ban."""
    pupil = ban.person.pupils.get()
    return {
        "reasons": "The threat is established.",
        "starts": "2026-03-02",
        "ends": "2026-05-22",
        "review_on": "2026-05-08",
        "scope": "The whole site",
        "contact_who": "Olive Office",
        "contact_methods": ["email"],
        f"handover_{pupil.pk}": "Grandmother",
        "equality": "Asked; none raised.",
        **changed,
    }


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("olive", 200), ("sena", 200), ("hari", 200), ("cora", 200), ("tess", 200),
        ("adam", 404), ("gail", 404), ("rita", 404), ("sid", 404),
    ],
)  # fmt: skip
def test_a_case_with_a_proposed_ban_is_seen_by_staff_chair_and_trust_alone(world, client_of, name, status):
    ban = world.proposed()
    assert client_of(getattr(world, name)).get(page(ban.case)).status_code == status


def test_the_chair_does_not_see_a_case_that_was_not_put_before_them(world, client_of):
    incident = world.incident(clauses=["U28"])
    assert client_of(world.cora).get(page(incident.in_case.case)).status_code == 404


def test_the_head_can_put_a_case_before_the_chair(world, client_of):
    case = world.incident(clauses=["U28"]).in_case.case
    client_of(world.hari).post(reverse("show_to_chair", args=[case.reference]))
    assert client_of(world.cora).get(page(case)).status_code == 200


def test_a_case_of_another_school_and_an_unknown_one_are_the_same_404(world, make_world, client_of):
    other = make_world("combined", trust=world.school.trust)
    case = other.incident().in_case.case
    case_at_home = world.incident().in_case.case
    assert case.reference == case_at_home.reference
    client = client_of(other.olive)
    assert client.get(page(case)).context["case"].person == other.alex
    stranger = make_world("sholing", staff={"olive": "office"})
    assert client_of(stranger.olive).get(page(case)).status_code == 404
    assert client_of(stranger.olive).get("/cases/C-2026-9999/").status_code == 404


def test_an_anonymous_visitor_is_sent_to_sign_in(world, client):
    case = world.incident().in_case.case
    assert client.get(page(case)).headers["Location"] == f"/account/login/?next={page(case)}"


def test_a_look_at_a_case_is_in_the_audit(world, client_of):
    case = world.incident().in_case.case
    client_of(world.hari).get(page(case))
    row = AuditRow.objects.get(deed="look")
    assert (row.by, row.about, row.school) == (world.hari, case.reference, world.school)


def test_the_page_takes_as_many_queries_with_three_incidents_as_with_one(world, client_of, django_assert_num_queries):
    case = world.incident().in_case.case
    client = client_of(world.hari)
    client.get(page(case))
    with django_assert_num_queries(QUERIES):
        client.get(page(case))
    for clock in ("09:00", "09:10"):
        world.heard(world.incident(f"2026-03-03 {clock}"))
    with django_assert_num_queries(QUERIES):
        client.get(page(case))


QUERIES = 32


def test_the_list_takes_as_many_queries_with_three_cases_as_with_one(world, client_of, django_assert_num_queries):
    world.incident()
    client = client_of(world.hari)
    client.get("/cases/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/cases/")
    for name in ("Bea Long", "Carl Short"):
        world.incident(subject=world.person(name))
    with django_assert_num_queries(LIST_QUERIES):
        assert len(client.get("/cases/").context["rows"]) == 3


LIST_QUERIES = 11


def test_the_preflight_list_ticks_what_is_met_and_says_what_is_not(world, client_of):
    ban = world.opened()
    world.found(ban.case.incidents.get())
    items = client_of(world.cora).get(page(ban.case)).context["panels"][0].items
    unmet = {i.rule: i.link_text for i in items if not i.met}
    assert unmet == {"hear-first": "Record the reply", "dated": "Fill it in", "equality-considered": "Add the note"}


def test_a_ban_is_confirmed_by_the_form(world, client_of):
    ban = world.replied()
    response = client_of(world.cora).post(deed(ban, "confirm"), confirming(ban))
    ban.refresh_from_db()
    assert (response.status_code, ban.state) == (302, "confirmed")
    terms = ban.decisions.get(verb="confirm").terms
    assert (terms.ends, terms.review_on) == (date(2026, 5, 22), date(2026, 5, 8))


def test_a_refused_form_comes_back_with_everything_in_it_and_the_rules(world, client_of):
    ban = world.replied()
    response = client_of(world.cora).post(deed(ban, "confirm"), confirming(ban, review_on="2026-06-01", equality=""))
    assert response.status_code == 422
    assert [r.rule for r in response.context["refusals"]] == ["dated", "equality-considered"]
    assert response.context["form"]["reasons"].value() == "The threat is established."
    ban.refresh_from_db()
    assert ban.state == "provisional"


def test_the_form_of_a_decision_is_not_there_for_whoever_may_not_try_it(world, client_of):
    ban = world.replied()
    assert client_of(world.olive).get(deed(ban, "confirm")).status_code == 404
    assert client_of(world.olive).post(deed(ban, "confirm"), confirming(ban)).status_code == 404


def test_whoever_comes_second_is_told_who_decided_what(world, client_of):
    ban = world.replied()
    client_of(world.cora).post(deed(ban, "confirm"), confirming(ban))
    response = client_of(world.tess).post(deed(ban, "confirm"), confirming(ban))
    assert response.status_code == 422
    text = response.context["refusals"][0].text
    assert "Cora Chair" in text
    assert "ban confirmed" in text
    assert Decision.objects.filter(measure=ban, verb="confirm").count() == 1


def test_what_is_kept_for_later_decides_nothing_and_turns_the_list_green(world, client_of):
    ban = world.replied()
    client = client_of(world.cora)
    client.post(deed(ban, "confirm"), confirming(ban, later="1"))
    assert Prepared.objects.get(measure=ban).saved_by == world.cora
    panel = client.get(page(ban.case)).context["panels"][0]
    assert [i.rule for i in panel.items if not i.met] == []
    form = client.get(deed(ban, "confirm")).context["form"]
    assert form["ends"].value() == "2026-05-22"
    ban.refresh_from_db()
    assert ban.state == "provisional"


def test_what_was_kept_for_later_is_gone_once_it_is_decided(world, client_of):
    ban = world.replied()
    client = client_of(world.cora)
    client.post(deed(ban, "confirm"), confirming(ban, later="1"))
    client.post(deed(ban, "confirm"), confirming(ban))
    assert not Prepared.objects.filter(measure=ban).exists()


def test_the_ladder_shows_here_and_what_was_not_used(world, client_of):
    ban = world.opened()
    rungs = client_of(world.hari).get(page(ban.case)).context["rungs"]
    assert [(r.label, r.state) for r in rungs] == [
        ("Meeting", "unused"),
        ("Warning letter", "unused"),
        ("Restricted communication plan", "unused"),
        ("Ban from the site", "here"),
        ("Review", "coming"),
    ]


def test_an_account_needs_words_and_keeps_what_was_typed(world, client_of):
    incident = world.incident()
    address = reverse("incident_deed", args=[incident.in_case.case.reference, incident.reference, "account"])
    response = client_of(world.olive).post(address, {"of": "witness", "text": "", "attempted": ""})
    assert response.status_code == 422
    assert response.context["form"]["of"].value() == "witness"
    assert incident.accounts.count() == 0


def test_facts_are_found_by_the_form(world, client_of):
    incident = world.incident()
    world.heard(incident)
    address = reverse("incident_deed", args=[incident.in_case.case.reference, incident.reference, "find"])
    client_of(world.hari).post(address, {"upheld": ["U05"], "reason": "Two accounts."})
    assert incident.findings.get().upheld == ["U05"]


def test_a_clause_that_was_not_logged_cannot_be_upheld(world, client_of):
    incident = world.incident()
    world.heard(incident)
    address = reverse("incident_deed", args=[incident.in_case.case.reference, incident.reference, "find"])
    assert client_of(world.hari).post(address, {"upheld": ["U28"]}).status_code == 422


def test_a_case_is_closed_by_the_form_once_nothing_is_open(world, client_of):
    case = world.incident(clauses=["U28"]).in_case.case
    client_of(world.hari).post(reverse("close_case", args=[case.reference]), {"reasons": "Spoken to; settled."})
    case.refresh_from_db()
    assert (case.is_open, case.closed_by) == (False, world.hari)


def test_the_office_cannot_reach_the_form_that_closes_a_case(world, client_of):
    case = world.incident(clauses=["U28"]).in_case.case
    assert client_of(world.olive).get(reverse("close_case", args=[case.reference])).status_code == 404


def test_a_referral_is_acknowledged_and_gets_its_outcome(world, client_of):
    case = world.incident().in_case.case
    client = client_of(world.olive)
    client.post(reverse("refer", args=[case.reference]), {"to": "police", "reference": "CR-1"})
    referral = case.referrals.get()
    address = reverse("referral_outcome", args=[case.reference, referral.pk])
    client.post(address, {"acknowledged": "1"})
    client.post(address, {"outcome": "No further action by the police."})
    referral.refresh_from_db()
    assert (referral.acknowledged_by, referral.outcome) == (world.olive, "No further action by the police.")


def test_a_notice_is_ticked_off_by_whom_it_concerns(world, client_of):
    case = world.incident().in_case.case
    address = reverse("tick_off", args=[case.reference, "chair_notice"])
    assert client_of(world.hari).post(address, {"reason": ""}).status_code == 422
    client_of(world.cora).post(address, {"reason": ""})
    assert not case.tasks.filter(kind="chair_notice", closed_at=None).exists()


def test_every_deed_of_the_table_is_a_move_of_the_ladder():
    from sanctions import ladder
    from sanctions.views.deeds import DEEDS

    moves = {m.verb for m in ladder.MOVES} - {"issue_letter", "settle"}  # `follow` settles where it is due
    assert {d.move or verb for verb, d in DEEDS.items()} == moves


def test_a_meeting_walks_from_proposal_to_its_notes(world, client_of):
    world.found(world.incident())
    office, head = client_of(world.olive), client_of(world.hari)
    case = world.alex.cases.get()
    office.post(reverse("propose", args=[case.reference]), {"response": "meeting"})
    meeting = case.measures.get()
    told = {"on": "2026-03-27", "at": "15:30", "where": "The library", "attends": "The school leader"}
    head.post(deed(meeting, "decide"), told)
    assert meeting.terms.get().when == "Friday 27 March 2026 at 15:30"
    letter = meeting.case_letters.get().letter
    digest = head.get(reverse("letter", args=[letter.pk])).context["approval"].digest
    answers = {"method": "post", "sent_at": "2026-03-19T10:00", "digest": digest}
    head.post(reverse("letter_issue", args=[letter.pk]), answers)
    head.post(
        deed(meeting, "hold_meeting"), {"outcome": "held", "notes": "Agreed to write first.", "notes_are": "agreed"}
    )
    meeting.refresh_from_db()
    assert (meeting.state, meeting.meeting_record.notes_are) == ("held", "agreed")


def test_a_meeting_at_short_notice_needs_the_persons_agreement(world, client_of):
    world.found(world.incident())
    case = world.alex.cases.get()
    client_of(world.olive).post(reverse("propose", args=[case.reference]), {"response": "meeting"})
    meeting, head = case.measures.get(), client_of(world.hari)
    told = {"on": "2026-03-25", "at": "15:30", "where": "The library", "attends": "The school leader"}
    response = head.post(deed(meeting, "decide"), told)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["on"])
    assert head.post(deed(meeting, "decide"), told | {"short_notice": "on"}).status_code == 302


def test_visible_cases_of_a_trust_are_those_of_all_its_schools(world, make_world):
    other = make_world("combined", trust=world.school.trust)
    here, there = world.incident().in_case.case, other.incident().in_case.case
    assert set(cases.visible_to(world.tess, at(NOW))) == {here, there}
    assert set(cases.visible_to(world.hari, at(NOW))) == {here}


def test_a_form_opened_at_another_school_is_not_filed_at_this_one(world, make_world, client_of):
    other = make_world("combined", trust=world.school.trust)
    here, there = world.incident().in_case.case, other.incident().in_case.case
    assert here.reference == there.reference
    client = client_of(world.tess)
    client.post("/school/switch/", {"school": other.school.slug, "next": "/"})
    told = {"to": "police", "reference": "CR-1", "at_school": world.school.slug}
    assert client.post(reverse("refer", args=[here.reference]), told).status_code == 409
    assert (here.referrals.count(), there.referrals.count()) == (0, 0)


def test_every_form_of_a_case_says_at_which_school_it_was_opened(world, client_of):
    ban = world.opened()
    client = client_of(world.hari)
    hidden = f'<input type="hidden" name="at_school" value="{world.school.slug}">'
    for address in (deed(ban, "answer"), reverse("propose", args=[ban.case.reference]), "/log/"):
        assert hidden in client.get(address).content.decode()


def test_a_switch_with_a_strange_next_goes_to_the_first_page(world, client_of):
    client = client_of(world.hari)
    told = {"school": world.school.slug}
    for strange in ("foo", "//evil.example/", "https://evil.example/"):
        assert client.post("/school/switch/", {**told, "next": strange}).headers["Location"] == "/"


def test_a_question_with_a_null_byte_is_answered(world, client_of):
    assert client_of(world.hari).get("/cases/?q=%00alex").status_code == 200


def test_a_letter_number_too_large_for_a_database_is_404(world, client_of):
    assert client_of(world.adam).get(f"/letters/{10**30}/").status_code == 404


def test_what_is_kept_for_later_may_hold_no_null_byte(world, client_of):
    ban = world.replied()
    client_of(world.cora).post(deed(ban, "confirm"), confirming(ban, later="1", reasons="a\x00b"))
    assert Prepared.objects.get(measure=ban).data["reasons"] == ["ab"]


def test_the_form_of_a_deed_is_a_look_in_the_audit(world, client_of):
    ban = world.opened()
    client_of(world.hari).get(deed(ban, "answer"))
    assert AuditRow.objects.filter(deed="look", by=world.hari, about=ban.case.reference).count() == 1


@pytest.mark.parametrize(("name", "verb", "status"), [
    ("olive", "account", 200), ("olive", "severity", 404), ("cora", "account", 404), ("sena", "severity", 200),
])  # fmt: skip
def test_the_forms_of_an_incident_are_there_for_whoever_may_use_them(world, client_of, name, verb, status):
    incident = world.incident()
    address = reverse("incident_deed", args=[incident.in_case.case.reference, incident.reference, verb])
    assert client_of(getattr(world, name)).get(address).status_code == status


def test_a_finding_about_a_post_asks_whether_it_is_only_criticism(world, client_of):
    incident = world.incident(clauses=["U21"], place="social_media")
    world.heard(incident)
    url = reverse("incident_deed", args=[incident.in_case.case.reference, incident.reference, "find"])
    head = client_of(world.hari)
    response = head.post(url, {"upheld": ["U21"]})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["online_is"])
    assert head.post(url, {"upheld": ["U21"], "online_is": "conduct"}).status_code == 302
    assert incident.findings.get().online_is == "conduct"


def test_a_finding_about_words_spoken_asks_no_such_thing(world, client_of):
    incident = world.incident()
    url = reverse("incident_deed", args=[incident.in_case.case.reference, incident.reference, "find"])
    assert "online_is" not in client_of(world.hari).get(url).context["form"].fields
