"""Letters that tell no decision: who may have them written, what they say, when they are no longer needed."""

from datetime import date

import pytest
from django.urls import reverse

from conduct import code
from conduct.models import AuditRow
from conduct.roles import Role
from letters.models import Letter
from sanctions import (
    approvals,
    bans,
    case_notices,
    case_page,
    correspondence,
    diary,
    hanging,
    inquiry,
    notices,
    post,
    serving,
)
from sanctions.letter_facts import digest_of, facts_of, look_of
from sanctions.models import Case, CaseLetter, Measure
from sanctions.situation import opened_file, with_history
from sanctions.standing import Refused
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")


def refused(verb, *args, **told) -> list[str]:
    with pytest.raises(Refused) as excinfo:
        verb(*args, **told)
    return [r.rule for r in excinfo.value.refusals]


def facts(draft: CaseLetter, when: str, method: str = "post") -> dict:
    return facts_of(draft, method=method, sent_at=at(when), at=at(when))


def issue(draft: CaseLetter, world, when: str, method: str = "post") -> Letter:
    correspondence.approvals.sign(draft, by=draft.signs, at=at(when))
    return correspondence.issue(draft, by=world.adam, at=at(when), method=method, signed_by=draft.signs)


# -- the request for an account -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("sena", True), ("hari", True), ("olive", False), ("cora", False), ("tess", False), ("adam", False),
        ("gail", False), ("rita", False), ("sid", False),
    ],
)  # fmt: skip
def test_senior_staff_and_the_head_ask_for_an_account(world, name, allowed):
    case = world.incident().in_case.case
    told = {"by": getattr(world, name), "at": at("2026-03-02 11:00")}
    if allowed:
        assert notices.ask_account(case, **told).letter.kind == "account_request"
    else:
        assert refused(notices.ask_account, case, **told) == ["not-permitted"]


def test_it_asks_about_what_has_no_finding_and_no_account_of_the_person(world):
    found, heard, open_one = (world.incident(f"2026-03-02 0{n}:00", narrative=f"Number {n}.") for n in (7, 8, 9))
    world.found(found)
    inquiry.record_account(heard, by=world.sena, at=at("2026-03-03 09:00"), of="subject", text="It was not like that.")
    inquiry.record_account(open_one, by=world.sena, at=at("2026-03-03 09:00"), of="subject", attempted="Rang twice.")
    draft = notices.ask_account(open_one.in_case.case, by=world.sena, at=at("2026-03-04 09:00"))
    assert [i["text"] for i in facts(draft, "2026-03-04 09:00")["incidents"]] == ["Number 9."]


@pytest.mark.parametrize("days", [0, 31])
def test_the_time_to_answer_is_some_school_days(world, days):
    case = world.incident().in_case.case
    assert refused(notices.ask_account, case, by=world.sena, at=at("2026-03-02 11:00"), days=days) == ["wrong-state"]


def test_nothing_is_asked_about_what_is_found_is_not_of_the_case_or_is_closed(world):
    incident = world.incident()
    case, told = incident.in_case.case, {"by": world.sena, "at": at("2026-03-11 09:00")}
    other = world.incident(subject=world.person("Jo Hill"))
    assert refused(notices.ask_account, case, incidents=[other.pk], **told) == ["wrong-state"]
    assert refused(notices.ask_account, case, incidents=[], **told) == ["wrong-state"]
    world.found(incident)
    assert refused(notices.ask_account, case, incidents=[incident.pk], **told) == ["wrong-state"]
    assert refused(notices.ask_account, case, **told) == ["wrong-state"]


def test_five_school_days_after_receipt_are_the_time_to_answer_and_follow_from_sending(world):
    draft = notices.ask_account(world.incident().in_case.case, by=world.sena, at=at("2026-03-02 11:00"))
    by_post, by_hand = facts(draft, "2026-03-02 11:00"), facts(draft, "2026-03-02 11:00", "hand")
    assert (by_post["reply_by"], by_hand["reply_by"]) == ("2026-03-11", "2026-03-09")
    assert digest_of(draft, by_post, look_of(draft)) == digest_of(draft, by_hand, look_of(draft))


def test_what_whoever_drafts_it_chose_stands_in_it_and_is_in_the_audit(world):
    incident = world.incident()
    draft = notices.ask_account(
        incident.in_case.case, by=world.sena, at=at("2026-03-02 11:00"), incidents=[incident.pk], days=3,
        readers="Sena Senior alone.", signs=world.hari,
    )  # fmt: skip
    said = facts(draft, "2026-03-02 11:00")
    assert (said["reply_by"], said["readers"], said["signatory_name"]) == (
        "2026-03-09",
        "Sena Senior alone.",
        "Hari Head",
    )
    assert AuditRow.objects.get(deed="draft_letter").changes["kind"] == "account_request"


def test_asked_again_the_draft_that_waits_is_chosen_anew(world):
    case, told = world.incident().in_case.case, {"by": world.sena, "at": at("2026-03-02 11:00")}
    first = notices.ask_account(case, **told)
    again = notices.ask_account(case, **told, days=7)
    assert (again.pk, again.chosen["days"]) == (first.pk, 7)
    assert CaseLetter.objects.count() == 1


def test_other_days_to_answer_are_approved_anew(world):
    case, told = world.incident().in_case.case, {"by": world.sena, "at": at("2026-03-02 11:00")}
    draft = notices.ask_account(case, **told)
    before = approvals.digest_now(draft, at("2026-03-02 11:00"))
    assert approvals.digest_now(notices.ask_account(case, **told, days=2), at("2026-03-02 11:00")) != before


def test_it_is_issued_like_any_letter_and_leaves_the_account_to_be_recorded(world):
    incident = world.incident()
    draft = notices.ask_account(incident.in_case.case, by=world.sena, at=at("2026-03-02 11:00"))
    letter = issue(draft, world, "2026-03-02 12:00")
    assert (letter.reference, letter.signed_by) == ("L-2026-0001", world.sena)
    assert "clauses" not in letter.facts
    assert not incident.accounts.exists()


def test_a_witness_is_not_named_in_it(world):
    incident = world.incident(witnesses=["Pat Green"], narrative="Shouted at Pat Green.")
    draft = notices.ask_account(incident.in_case.case, by=world.sena, at=at("2026-03-02 11:00"))
    correspondence.approvals.sign(draft, by=world.sena, at=at("2026-03-02 12:00"))
    told = {"by": world.adam, "at": at("2026-03-02 12:00"), "method": "post", "signed_by": world.sena}
    assert refused(correspondence.issue, draft, **told) == ["no-third-parties"]


def test_once_everything_it_asks_about_is_found_it_says_nothing_any_more(world):
    incident = world.incident()
    draft = notices.ask_account(incident.in_case.case, by=world.sena, at=at("2026-03-02 11:00"))
    world.found(incident)
    assert facts(draft, "2026-03-11 09:00")["incidents"] == []


def test_sent_later_than_told_its_day_to_answer_moves_and_the_page_says_so(world):
    incident = world.incident()
    draft = notices.ask_account(incident.in_case.case, by=world.sena, at=at("2026-03-02 11:00"))
    letter = issue(draft, world, "2026-03-02 12:00")
    assert letter.facts["reply_by"] == "2026-03-11"
    left = {"sent_at": at("2026-03-05 12:00"), "method": "post"}
    correspondence.record_sent(letter, by=world.adam, at=at("2026-03-05 12:00"), **left)
    last = hanging.hanging(CaseLetter.objects.get())[-1]
    assert (last.on, last.told) == (date(2026, 3, 16), date(2026, 3, 11))
    assert "They have longer now" in last.remark


def asked(world, when: str) -> list[case_notices.Asked]:
    case = Case.objects.get()
    return case_notices.asked_in(case, opened_file(case), frozenset({Role.SENIOR}), at(when))


def test_a_request_that_came_back_is_to_be_sent_again_and_one_that_was_replaced_asks_nothing(world):
    incident = world.incident()
    draft = notices.ask_account(incident.in_case.case, by=world.sena, at=at("2026-03-02 11:00"))
    letter = issue(draft, world, "2026-03-02 12:00")
    assert [(a.late, "unanswered" in a.open[0][1]) for a in asked(world, "2026-03-12 09:00")] == [(True, True)]
    told = {"by": world.adam, "at": at("2026-03-06 09:00")}
    correspondence.record_sent(letter, sent_at=at("2026-03-02 12:00"), method="post", **told)
    serving.came_back(letter.sendings.get(), on=date(2026, 3, 6), why="Gone away", **told)
    (back,) = asked(world, "2026-03-12 09:00")
    assert "came back: send it again" in back.words
    assert "unanswered" not in back.open[0][1]
    again = correspondence.redraft(letter, by=world.hari, at=at("2026-03-12 10:00"))
    new = issue(again, world, "2026-03-12 11:00")
    assert [new.reference in a.words for a in asked(world, "2026-03-12 12:00")] == [True]


# -- the notice of a review ---------------------------------------------------------------------------------------


def test_the_diary_drafts_it_when_the_review_falls_due_in_the_name_of_whoever_may_review(world):
    ban = world.confirmed()  # the head opened it and the chair confirmed it, so that the trust reviews it
    diary.sweep(at("2026-04-06 06:00"))
    diary.sweep(at("2026-04-20 06:00"))
    draft = CaseLetter.objects.get(letter__kind="review_notice")
    assert (draft.measure, draft.decision, draft.signs, draft.letter.drafted_by) == (ban, None, world.tess, world.cora)
    said = facts(draft, "2026-04-20 09:00")
    assert (said["review_on"], said["ends"], said["reply_by"]) == ("2026-05-08", "2026-05-22", "2026-04-30")
    assert AuditRow.objects.filter(deed="draft_letter").count() == 1


def test_it_is_not_drafted_again_once_it_is_out(world):
    ban = world.confirmed()
    draft = notices.ask_views(ban, by=world.tess, at=at("2026-04-01 09:00"))
    issue(draft, world, "2026-04-01 10:00")
    diary.sweep(at("2026-04-20 06:00"))
    assert CaseLetter.objects.filter(letter__kind="review_notice").count() == 1


def test_sent_late_it_still_gives_five_school_days_but_never_beyond_the_review(world):
    draft = notices.ask_views(world.confirmed(), by=world.tess, at=at("2026-04-24 09:00"))
    assert facts(draft, "2026-04-24 09:00")["reply_by"] == "2026-05-05"
    assert facts(draft, "2026-05-06 09:00")["reply_by"] == "2026-05-08"  # the review: what comes later is not weighed


@pytest.mark.parametrize("name", ["olive", "sena", "adam", "gail", "rita", "sid"])
def test_only_head_chair_and_trust_ask_for_views(world, name):
    told = {"by": getattr(world, name), "at": at("2026-04-06 09:00")}
    assert refused(notices.ask_views, world.confirmed(), **told) == ["not-permitted"]


def test_of_a_ban_that_is_not_confirmed_or_whose_letter_is_not_out_there_is_no_review_to_come(world):
    told = {"by": world.tess, "at": at("2026-03-19 12:00")}
    assert refused(notices.ask_views, world.confirmed(issue=False), **told) == ["wrong-state"]


def test_a_provisional_ban_has_no_review(world):
    told = {"by": world.tess, "at": at("2026-03-03 12:00")}
    assert refused(notices.ask_views, world.opened(), **told) == ["wrong-state"]


def test_once_the_review_is_held_its_notice_is_no_longer_needed_and_the_next_one_is_another(world):
    ban = world.confirmed()
    draft = notices.ask_views(ban, by=world.tess, at=at("2026-05-05 09:00"))
    bans.keep(ban, by=world.tess, at=at("2026-05-06 09:00"), reasons="It helps.", review_on=date(2026, 5, 20))
    assert post.state_word(draft.letter) == ("No longer needed", "plain")
    listed = {letter.pk: post.state_word(letter)[0] for letter in post.letters_in(post.BY_KEY["all"], world.school)}
    assert listed[draft.letter_id] == "No longer needed"
    waiting = post.letters_in(post.BY_KEY["to-issue"], world.school)
    assert [letter.kind for letter in waiting] == ["ban_kept"]
    with pytest.raises(Refused):
        issue(draft, world, "2026-05-06 10:00")
    fresh = with_history(Measure.objects.filter(pk=ban.pk)).get()
    assert [b.url for b in case_page.letters_waiting(fresh)] == [reverse("letter", args=[waiting.get().pk])]
    again = notices.ask_views(ban, by=world.cora, at=at("2026-05-07 09:00"))
    assert again.pk != draft.pk


def test_it_counts_as_the_letter_of_no_decision(world):
    ban = world.confirmed(issue=False)
    correspondence.issue_kind(
        ban, "ban_confirmed", by=world.adam, at=at("2026-03-19 10:10"), method="post", signed_by=world.cora
    )
    issue(notices.ask_views(ban, by=world.tess, at=at("2026-04-06 09:00")), world, "2026-04-06 10:00")
    before = diary.due_measures(at("2026-05-09 06:00"))
    assert before == [ban.pk]
    assert ban.case_letters.filter(decision=None).count() == 1


# -- the notice of a breach ---------------------------------------------------------------------------------------


def came_in(world, when: str = "2026-04-13 15:20"):
    return world.incident(when, clauses=["U35"], narrative="Was in the playground.")


def test_a_breach_of_the_ban_is_written_about_with_the_ban_as_it_stands(world):
    ban = world.confirmed()
    world.incident("2026-04-10 09:00", clauses=["U03"], narrative="Shouted on the telephone.", place="telephone")
    came_in(world)
    draft = notices.tell_breach(ban, by=world.hari, at=at("2026-04-13 16:00"))
    said = facts(draft, "2026-04-13 16:00")
    assert [i["text"] for i in said["incidents"]] == ["Was in the playground."]
    assert [c["id"] for c in said["clauses"]] == ["U35"]
    assert (said["starts"], said["ends"], said["scope"]) == ("2026-03-02", "2026-05-22", "The whole site")
    assert issue(draft, world, "2026-04-13 16:30").kind == "ban_breach_notice"


def test_of_a_provisional_ban_the_last_day_is_the_latest_decision_date(world):
    ban = world.opened()
    came_in(world, "2026-03-09 15:20")
    draft = notices.tell_breach(ban, by=world.hari, at=at("2026-03-09 16:00"))
    assert facts(draft, "2026-03-09 16:00")["ends"] == "2026-03-31"


def test_without_a_breach_while_it_was_in_force_there_is_nothing_to_write_about(world):
    ban = world.confirmed()
    told = {"by": world.hari, "at": at("2026-04-13 16:00")}
    assert refused(notices.tell_breach, ban, **told) == ["wrong-state"]
    other = world.incident("2026-04-13 09:00", clauses=["U03"], place="telephone")
    assert refused(notices.tell_breach, ban, incidents=[other.pk], **told) == ["wrong-state"]
    world.incident("2026-04-13 09:10", clauses=["U35"], occurred_at=at("2026-03-01 09:00"))
    assert refused(notices.tell_breach, ban, **told) == ["wrong-state"]


@pytest.mark.parametrize("name", ["olive", "sena", "adam", "gail", "rita", "sid"])
def test_only_head_chair_and_trust_write_about_a_breach(world, name):
    ban = world.confirmed()
    came_in(world)
    told = {"by": getattr(world, name), "at": at("2026-04-13 16:00")}
    assert refused(notices.tell_breach, ban, **told) == ["not-permitted"]


def test_once_the_ban_is_lifted_it_is_no_longer_needed(world):
    ban = world.confirmed()
    came_in(world)
    draft = notices.tell_breach(ban, by=world.hari, at=at("2026-04-13 16:00"))
    bans.lift(ban, by=world.cora, at=at("2026-04-14 09:00"), reasons="It has served its end.")
    draft.refresh_from_db()
    assert post.state_word(draft.letter) == ("No longer needed", "plain")
    told = {"by": world.hari, "at": at("2026-04-14 16:00")}
    assert refused(notices.tell_breach, ban, **told) == ["wrong-state"]


# -- the notice for the desk --------------------------------------------------------------------------------------


def test_the_desk_is_told_what_the_gate_list_says_and_nothing_else(world):
    ban = world.confirmed(terms=world.final_terms(exceptions="Sports day"))
    draft = notices.make_gate_notice(ban, by=world.olive, at=at("2026-04-13 16:00"))
    assert (draft.letter.addressee, draft.letter.recipient, draft.signs) == ("Reception", None, world.hari)
    letter = issue(draft, world, "2026-04-13 16:10", "hand")
    of_the_texts = {"head_title", "chair_title", "recording", "worded"}  # what they name in brackets; it is not printed
    told = {name: value for name, value in letter.facts.items() if value and name not in of_the_texts}
    assert told == {
        "school_name": world.school.name,
        "recipient_name": "Reception",
        "date": "2026-04-13",
        "reference": letter.reference,
        "method": "hand",
        "name": "Alex Marsh",
        "banned": True,
        "what_applies": "Banned from the school site",
        "scope": "The whole site",
        "exceptions": "Sports day",
        "what_to_do": told["what_to_do"],
        "what_to_do_plan": told["what_to_do_plan"],
        "call": "Olive Office",
        "valid_until": "2026-05-22",
    }


def test_whoever_may_sign_it_signs_it(world):
    draft = notices.make_gate_notice(world.confirmed(), by=world.sena, at=at("2026-04-13 16:00"))
    assert draft.signs == world.sena


def test_while_nothing_applies_there_is_no_notice_for_the_desk(world):
    told = {"by": world.olive, "at": at("2026-03-02 09:50")}
    assert refused(notices.make_gate_notice, world.decided(), **told) == ["wrong-state"]


def test_it_goes_by_hand_alone(world):
    draft = notices.make_gate_notice(world.confirmed(), by=world.hari, at=at("2026-04-13 16:00"))
    with pytest.raises(Refused) as told:
        issue(draft, world, "2026-04-13 16:10", "post")
    assert [r.rule for r in told.value.refusals] == ["one-recipient"]


@pytest.mark.parametrize("name", ["cora", "tess", "adam", "gail", "rita", "sid"])
def test_staff_make_it(world, name):
    told = {"by": getattr(world, name), "at": at("2026-04-13 16:00")}
    assert refused(notices.make_gate_notice, world.confirmed(), **told) == ["not-permitted"]


# -- by kind, as a rehearsal issues them --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "who", "method"),
    [
        ("review_notice", "hari", "post"), ("review_notice", "cora", "email"), ("ban_breach_notice", "tess", "hand"),
        ("gate_notice", "sena", "hand"),
    ],
)  # fmt: skip
def test_any_allowed_signatory_signs_them(world, kind, who, method):
    world.alex.email = "alex@home.example"
    world.alex.save()
    ban, signer = world.confirmed(), getattr(world, who)
    came_in(world)
    diary.sweep(at("2026-04-20 06:00"))  # a notice of the review waits, in the name of somebody else
    letter = correspondence.issue_kind(
        ban, kind, by=world.adam, at=at("2026-04-20 09:00"), method=method, signed_by=signer
    )
    assert (letter.kind, letter.signed_by) == (kind, signer)
    assert letter.case_letter.decision is None


@pytest.mark.parametrize(
    ("kind", "who"), [("review_notice", "sena"), ("ban_breach_notice", "olive"), ("gate_notice", "tess")]
)
def test_nobody_else_does(world, kind, who):
    ban = world.confirmed()
    came_in(world)
    told = {"by": world.adam, "at": at("2026-04-20 09:00"), "method": "hand", "signed_by": getattr(world, who)}
    assert refused(correspondence.issue_kind, ban, kind, **told) == ["signer-allowed"]


def test_a_breach_notice_without_a_breach_lacks_what_happened(world):
    told = {"by": world.adam, "at": at("2026-04-20 09:00"), "method": "post", "signed_by": world.hari}
    assert refused(correspondence.issue_kind, world.confirmed(), "ban_breach_notice", **told) == ["letter-complete"]
    assert not CaseLetter.objects.filter(letter__kind="ban_breach_notice").exists()


def test_a_corrected_notice_says_which_it_replaces(world):
    ban = world.confirmed()
    first = issue(notices.ask_views(ban, by=world.tess, at=at("2026-04-06 09:00")), world, "2026-04-06 10:00")
    draft = correspondence.redraft(first, by=world.hari, at=at("2026-04-07 09:00"))
    assert (draft.letter.supersedes, draft.signs, draft.decision) == (first, world.tess, None)
    assert issue(draft, world, "2026-04-07 10:00").facts["supersedes"] == first.reference


@pytest.mark.parametrize("key", code.pack_keys())
def test_every_policy_lets_somebody_sign_a_request_for_an_account(key):
    assert {"senior", "head"} <= set(code.pack(key).signers_of("account_request"))
