"""When a plan, block or notice is in force, when its review is due, when it ends: from its record alone."""

from dataclasses import FrozenInstanceError, replace
from datetime import date

import pytest

from sanctions.dates import Due, Step, TermsFacts
from sanctions.plan_dates import PlanRecord
from sanctions.states import State
from tests.factories import at
from tests.sanctions.situations import HARI, SENA

TERMS = TermsFacts(starts=date(2026, 11, 5), ends=date(2027, 4, 30), review_on=date(2027, 2, 1))
DECIDED = Step("decide", at("2026-11-03 09:30"), HARI, TERMS, at("2026-11-03 09:40"))
NEXT = replace(TERMS, review_on=date(2027, 4, 12))
KEPT = Step("keep", at("2027-02-01 10:00"), SENA, NEXT)
LONGER = replace(TERMS, ends=date(2027, 5, 4), review_on=date(2027, 4, 12))
CHANGED = Step("vary_on_review", at("2027-02-01 10:00"), SENA, LONGER, at("2027-02-03 12:00"))


def plan(*later: Step, state: State = State.IN_FORCE, first: Step = DECIDED, **told) -> PlanRecord:
    return PlanRecord(state, (first, *later), **told)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("2026-11-04 23:59", False),
        ("2026-11-05 00:00", True),
        ("2027-04-30 23:59", True),
        ("2027-05-01 00:00", False),
    ],
)
def test_it_is_in_force_from_its_start_to_its_last_day(when, holds):
    assert plan().in_force(at(when)) is holds


def test_it_is_not_in_force_before_its_letter():
    late = replace(DECIDED, letter_at=at("2026-11-10 12:00"))
    assert plan(first=late).in_force(at("2026-11-10 11:59")) is False
    assert plan(first=late).in_force(at("2026-11-10 12:00")) is True
    unissued = plan(first=replace(DECIDED, letter_at=None), state=State.DECIDED)
    assert (unissued.in_force(at("2026-11-10 12:00")), unissued.end_and_review(at("2026-11-10 12:00"))) == (
        False,
        (None, None),
    )


def test_the_terms_of_a_day_are_those_that_counted_at_its_end():
    changed = plan(CHANGED)
    assert changed.terms_on(date(2027, 2, 2)) == TERMS
    assert changed.terms_on(date(2027, 2, 3)) == LONGER  # its letter was issued at noon of that day


def test_a_change_that_was_told_or_followed_by_another_review_waits_for_nothing():
    untold = replace(CHANGED, letter_at=None)
    assert plan(untold).outcome_pending
    assert not plan(CHANGED).outcome_pending
    assert not plan(untold, replace(KEPT, at=at("2027-02-02 10:00"))).outcome_pending
    assert plan(KEPT, untold).outcome_pending
    assert not plan().outcome_pending
    assert not plan(Step("withdraw", at("2027-02-01 10:00"), SENA)).outcome_pending


def test_ended_on_review_it_is_over_at_once():
    over = plan(state=State.ENDED, ended_at=at("2027-02-01 10:00"))
    assert over.in_force(at("2027-02-03 09:00")) is False
    assert over.in_force(at("2027-02-01 09:59")) is True
    assert over.in_force(at("2027-02-01 10:00")) is False
    assert over.in_force(at("2027-02-01 10:01")) is False


@pytest.mark.parametrize(("when", "state"), [("2027-04-30 23:59", State.IN_FORCE), ("2027-05-01 00:00", State.ENDED)])
def test_it_ends_by_itself(when, state):
    assert plan().state_on(at(when)) is state


def test_kept_it_has_another_review_date_from_that_moment():
    kept = plan(KEPT)
    assert kept.end_and_review(at("2027-02-01 09:59")) == (TERMS.ends, TERMS.review_on)
    assert kept.end_and_review(at("2027-02-01 10:00")) == (TERMS.ends, NEXT.review_on)


def test_changed_terms_count_from_the_letter_that_tells_them():
    changed = plan(CHANGED)
    assert changed.end_and_review(at("2027-02-03 11:59")) == (TERMS.ends, TERMS.review_on)
    assert changed.end_and_review(at("2027-02-03 12:00")) == (LONGER.ends, LONGER.review_on)
    untold = plan(replace(CHANGED, letter_at=None))
    assert untold.state_on(at("2027-05-01 00:00")) is State.ENDED  # the old end holds
    assert changed.state_on(at("2027-05-01 00:00")) is State.IN_FORCE


def test_its_review_falls_due_on_its_day_and_its_end_on_the_day_after():
    agenda = plan().agenda(at("2026-11-06 09:00"))
    assert agenda == (
        Due(date(2027, 2, 1), "plan_review", date(2027, 2, 1)),
        Due(date(2027, 5, 1), "end", date(2027, 4, 30)),
    )


def test_a_review_made_asks_for_none_while_its_letter_waits():
    waiting = plan(replace(CHANGED, letter_at=None))
    assert [due.kind for due in waiting.agenda(at("2027-02-02 09:00"))] == ["end"]


def test_kept_it_is_reviewed_on_the_new_day_whether_or_not_its_letter_is_issued():
    reviews = [due.on for due in plan(KEPT).agenda(at("2027-02-02 09:00")) if due.kind == "plan_review"]
    assert reviews == [NEXT.review_on]


def test_only_the_last_change_can_wait_for_its_letter():
    changed_again = replace(CHANGED, at=at("2027-03-01 10:00"), letter_at=None)
    waiting = plan(CHANGED, changed_again)
    assert [due.kind for due in waiting.agenda(at("2027-03-02 09:00"))] == ["end"]
    told = plan(KEPT, replace(changed_again, letter_at=at("2027-03-01 11:00")))
    assert [due.kind for due in told.agenda(at("2027-03-02 09:00"))] == ["plan_review", "end"]


@pytest.mark.parametrize(("day", "ends"), [("2027-02-02", TERMS.ends), ("2027-02-03", LONGER.ends)])
def test_of_a_day_those_terms_count_that_did_at_its_end(day, ends):
    assert plan(CHANGED).terms_on(date.fromisoformat(day)).ends == ends


def test_what_was_recorded_is_not_changed_afterwards():
    with pytest.raises(FrozenInstanceError):
        plan().state = State.ENDED


def test_kept_to_run_out_it_is_not_reviewed_again():
    run_out = replace(KEPT, terms=replace(TERMS, review_on=None), run_out=True)
    assert [due.kind for due in plan(run_out).agenda(at("2027-02-02 09:00"))] == ["end"]


@pytest.mark.parametrize("state", [State.DECIDED, State.ENDED, State.WITHDRAWN])
def test_nothing_falls_due_for_one_that_does_not_run(state):
    assert plan(state=state).agenda(at("2026-11-06 09:00")) == ()
