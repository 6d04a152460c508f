"""What opens a task, and what must not: the edges of the prompts, and of the acts that close what they opened."""

import pytest

from conduct import code
from sanctions import correspondence, duties, inquiry, measures, referrals
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
