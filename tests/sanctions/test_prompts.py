"""What opens a task, and what must not: the edges of the prompts, and of the acts that close what they opened."""

import pytest

from conduct import code
from sanctions import bans, cases, correspondence, diary, duties, inquiry, measures, referrals
from sanctions.standing import Refused
from tests.factories import LONG_AGO, at


@pytest.fixture(autouse=True)
def _quick(quick_letters):
    """No letter of this module is looked at."""


def open_tasks(person) -> list[str]:
    return sorted(t.kind for c in person.cases.all() for t in c.tasks.filter(closed_at=None))


def in_force(world, response: str, kind: str, **terms):
    """A lesser response decided by the head, its letter issued."""
    measure = measures.propose(
        world.alex, by=world.olive, at=at("2026-03-10 11:00"), response=response, severity_reason="It goes on."
    )
    measures.decide(measure, by=world.hari, at=at("2026-03-10 12:00"), terms=world.terms(**terms), equality="Asked.")
    correspondence.issue_kind(
        measure, kind, by=world.adam, at=at("2026-03-10 13:00"), method="hand", signed_by=world.hari
    )
    return measure


# -- report-significant -------------------------------------------------------------------------------------------


def test_a_clause_that_the_school_calls_significant_is_reported_however_minor(world):
    content = code.shipped("sholing")
    content["code"]["significant_clauses"] = ["U15", "U03"]
    world.school.adoptions.create(pack_key="sholing", content=content, starts_on=LONG_AGO.replace(year=2001))
    assert world.incident(clauses=["U03"]).severity == "minor"
    assert open_tasks(world.alex) == ["chair_notice", "trust_notice"]


def test_what_the_chair_must_read_the_chair_may_see(world):
    assert world.incident(clauses=["U03"]).in_case.case.put_before_chair_at is None
    assert world.incident("2026-03-03 09:00", clauses=["U05"]).in_case.case.put_before_chair_at is not None


@pytest.mark.parametrize("to", ["trust", "legal", "local_authority"])
def test_another_referral_than_to_the_police_tells_nobody(world, to):
    world.incident(clauses=["U03"])
    referrals.refer(world.alex, by=world.olive, at=at("2026-03-02 09:00"), to=to, reference="none given")
    assert open_tasks(world.alex) == []


def test_a_ban_opened_by_a_notice_of_intent_tells_trust_and_chair(world):
    world.heard(world.incident("2026-02-27 08:50", clauses=["U03"]), "2026-02-27 15:00")
    terms = {"starts": at("2026-04-13 00:00").date(), "ends": at("2026-05-22 00:00").date()}
    ban = world.decided(opening="intent", terms=world.terms(**terms, latest_decision_on=None))
    assert open_tasks(world.alex) == []
    correspondence.issue_kind(
        ban, "intent_to_ban", by=world.adam, at=at("2026-03-02 10:00"), method="hand", signed_by=world.hari
    )
    assert open_tasks(world.alex) == ["chair_notice", "trust_notice"]


def test_the_first_letter_of_a_lesser_response_tells_nobody(world):
    world.found(world.incident(clauses=["U03"]))
    in_force(world, "meeting", "meeting_invitation", when="Thursday at 15:30", where="The library", attends="The head")
    assert open_tasks(world.alex) == []


# -- repeat-review ------------------------------------------------------------------------------------------------


def dismissed(world, when: str) -> None:
    incident = world.incident(when, clauses=["U03"])
    world.heard(incident, when.replace("09:00", "10:00"))
    told = {"by": world.hari, "at": at(when.replace("09:00", "16:00")), "upheld": [], "reason": "Mistaken identity."}
    inquiry.find(incident, **told)


def upheld(world, when: str) -> None:
    world.found(world.incident(when, clauses=["U03"]), when.replace("09:00", "16:00"))


def test_one_that_was_dismissed_before_is_not_counted_with_two_upheld(make_world):
    world = make_world("burton_joyce")
    dismissed(world, "2026-01-12 09:00")
    upheld(world, "2026-02-09 09:00")
    upheld(world, "2026-03-02 09:00")
    assert open_tasks(world.alex) == []


def test_dismissing_a_further_one_asks_for_no_other_review(make_world):
    world = make_world("burton_joyce")
    for when in ("2026-01-12 09:00", "2026-02-09 09:00", "2026-03-02 09:00"):
        upheld(world, when)
    case = world.alex.cases.get()
    duties.complete_task(case, "repeat_review", by=world.cora, at=at("2026-03-03 09:00"), note="Seen.")
    dismissed(world, "2026-03-04 09:00")
    assert open_tasks(world.alex) == []
    upheld(world, "2026-03-05 09:00")
    assert open_tasks(world.alex) == ["repeat_review"]


# -- on the site while banned -------------------------------------------------------------------------------------


def test_the_notice_of_a_ban_tells_nobody_that_it_is_in_force(make_world):
    world = make_world("burton_joyce")
    world.found(world.incident(clauses=["U03"]))
    ban = world.proposed("2026-03-11 09:00", opening="intent")
    terms = world.final_terms(starts=at("2026-04-01 00:00").date())
    measures.decide(ban, by=world.hari, at=at("2026-03-11 10:00"), terms=terms)
    correspondence.issue_kind(
        ban, "intent_to_ban", by=world.adam, at=at("2026-03-11 11:00"), method="hand", signed_by=world.hari
    )
    bans.none_received(ban, by=world.olive, at=at("2026-03-31 09:00"))
    bans.confirm(ban, by=world.hari, at=at("2026-03-31 10:00"), reasons="It goes on.", equality="Asked.")
    correspondence.issue_kind(
        ban, "ban_confirmed", by=world.adam, at=at("2026-03-31 11:00"), method="post", signed_by=world.hari
    )
    before = world.incident("2026-04-01 09:00", clauses=["U01"])  # in force; its letter is received on the next day
    after = world.incident("2026-04-02 09:00", clauses=["U01"])
    assert (before.clause_ids, after.clause_ids) == (["U01"], ["U01", "U35"])


# -- severity afterwards ------------------------------------------------------------------------------------------


def test_lowering_a_severity_opens_nothing_again(world):
    incident = world.incident(clauses=["U06"])
    case = incident.in_case.case
    referrals.refer(world.alex, by=world.olive, at=at("2026-03-02 09:00"), to="police", reference="CR-1")
    for kind, who in (("trust_notice", world.tess), ("chair_notice", world.cora)):
        duties.complete_task(case, kind, by=who, at=at("2026-03-02 10:00"))
    assert open_tasks(world.alex) == []
    inquiry.reclassify(incident, by=world.hari, at=at("2026-03-02 11:00"), severity="serious", reason="A push.")
    assert open_tasks(world.alex) == []


# -- who may not ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["cora", "tess", "adam"])
def test_only_staff_record_an_account(world, who):
    incident = world.incident()
    with pytest.raises(Refused, match="not-permitted"):
        inquiry.record_account(incident, by=getattr(world, who), at=at("2026-03-03 09:00"), of="staff", text="Seen.")


@pytest.mark.parametrize("who", ["cora", "adam"])
def test_only_staff_and_trust_refer_and_follow_a_referral(world, who):
    world.incident()
    told = {"at": at("2026-03-03 09:00")}
    with pytest.raises(Refused, match="not-permitted"):
        referrals.refer(world.alex, by=getattr(world, who), to="legal", reference="none given", **told)
    made = referrals.refer(world.alex, by=world.tess, to="legal", reference="none given", **told)
    with pytest.raises(Refused, match="not-permitted"):
        referrals.acknowledge(made, by=getattr(world, who), **told)
    with pytest.raises(Refused, match="not-permitted"):
        referrals.conclude(made, by=getattr(world, who), outcome="Answered.", **told)
    referrals.acknowledge(made, by=world.olive, **told)


# -- closing ------------------------------------------------------------------------------------------------------


def test_a_case_is_not_closed_over_what_a_tick_would_open(world):
    world.opened()
    case = world.alex.cases.get()
    for kind, who in (("trust_notice", world.tess), ("chair_notice", world.cora)):
        duties.complete_task(case, kind, by=who, at=at("2026-03-02 11:00"))
    assert open_tasks(world.alex) == []  # its dates are past, and nobody has looked
    with pytest.raises(Refused, match="close-needs-end"):
        cases.close_case(case, by=world.hari, at=at("2026-04-01 09:00"), reason="Quiet since.")
    diary.sweep(at("2026-04-01 09:05"))
    assert open_tasks(world.alex) == ["decision_overdue"]


def test_a_post_that_was_asked_about_holds_no_case_open(make_world):
    world = make_world("burton_joyce")
    case = world.incident(clauses=["U24"]).in_case.case
    removal = measures.propose(world.alex, by=world.olive, at=at("2026-03-10 11:00"), response="post_removal")
    measures.decide(removal, by=world.hari, at=at("2026-03-10 12:00"))
    captured = {"step": "captured", "where": "https://social.example/p/1"}
    measures.follow(removal, by=world.olive, at=at("2026-03-10 12:05"), **captured)
    told = {"by": world.hari, "at": at("2026-03-10 12:10"), "reason": "Asked for."}
    with pytest.raises(Refused, match="close-needs-end"):
        cases.close_case(case, **told)
    correspondence.issue_kind(
        removal, "post_removal_request", by=world.adam, at=at("2026-03-10 13:00"), method="hand", signed_by=world.hari
    )
    cases.close_case(case, **{**told, "at": at("2026-03-10 14:00")})
    case.refresh_from_db()
    assert case.is_open is False


@pytest.mark.parametrize("who", ["cora", "tess"])
def test_repeated_breaches_are_reviewed_by_chair_or_trust(make_world, who):
    world = make_world("burton_joyce")
    for when in ("2026-01-12 09:00", "2026-02-09 09:00", "2026-03-02 09:00"):
        upheld(world, when)
    duties.complete_task(
        world.alex.cases.get(), "repeat_review", by=getattr(world, who), at=at("2026-03-03 09:00"), note="Seen."
    )
    assert open_tasks(world.alex) == []


CONFIRMING = {"reasons": "Established.", "equality": "Asked."}


@pytest.mark.parametrize("verb", [bans.confirm, bans.vary, bans.not_confirm, bans.withdraw])
def test_a_late_decision_closes_what_was_overdue_and_its_alert(world, verb):
    ban = world.replied()
    diary.sweep(at("2026-03-26 08:00"))
    assert {"decision_overdue", "provisional_alert"} <= set(open_tasks(world.alex))
    by = world.hari if verb is bans.withdraw else world.cora
    told = {"reasons": "It was an error."} if verb is bans.withdraw else CONFIRMING
    more = {"terms": world.final_terms()} if verb in (bans.confirm, bans.vary) else {}
    verb(ban, by=by, at=at("2026-03-26 10:00"), **told, **more)
    assert set(open_tasks(world.alex)) == {"chair_notice", "trust_notice"}


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("verb", [bans.keep, bans.extend, bans.vary_on_review, bans.lift, bans.withdraw])
def test_a_review_closes_what_asked_for_it_late_or_not(world, verb, late):
    ban = world.confirmed()
    diary.sweep(at("2026-05-11 08:00" if late else "2026-05-07 08:00"))
    assert ("review_overdue" if late else "review_due") in open_tasks(world.alex)
    renewed = {"terms": world.final_terms(ends=at("2026-05-29 00:00").date(), review_on=at("2026-05-20 00:00").date())}
    more = {
        bans.keep: {"review_on": renewed["terms"].review_on},
        bans.extend: {**renewed, "equality": "Asked."},
        bans.vary_on_review: {**renewed, "equality": "Asked."},
    }.get(verb, {})
    by = world.cora if verb is bans.withdraw else world.tess
    verb(ban, by=by, at=at("2026-05-11 10:00" if late else "2026-05-07 10:00"), reasons="Looked at again.", **more)
    assert set(open_tasks(world.alex)) == {"chair_notice", "trust_notice"}


def test_a_lapse_before_the_decision_was_late_turns_its_task_into_the_overdue_one(make_world):
    world = make_world("burton_joyce")
    content = code.shipped("burton_joyce")
    content["timers"]["decision_school_days"] = 30  # longer than an intent stands
    world.school.adoptions.create(pack_key="burton_joyce", content=content, starts_on=LONG_AGO.replace(year=2001))
    world.found(world.incident(clauses=["U03"]))
    ban = world.proposed("2026-03-11 09:00", opening="intent")
    measures.decide(ban, by=world.hari, at=at("2026-03-11 10:00"), terms=world.final_terms())
    correspondence.issue_kind(
        ban, "intent_to_ban", by=world.adam, at=at("2026-03-11 11:00"), method="hand", signed_by=world.hari
    )
    diary.sweep(at("2026-04-10 08:00"))
    assert open_tasks(world.alex) == ["decision_due"]
    diary.sweep(at("2026-05-01 08:00"))
    ban.refresh_from_db()
    assert (ban.state, open_tasks(world.alex)) == ("lapsed", ["decision_overdue"])
