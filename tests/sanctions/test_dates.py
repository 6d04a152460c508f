"""The dates of a ban, from what was recorded of it. 2 March 2026 is a Monday; by post it is received on the Wednesday."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conduct.calendar import Calendar, Closure, deemed_receipt
from sanctions.dates import Receipt, Step, days_in_all, months_away
from sanctions.states import State
from tests.factories import at
from tests.sanctions.situations import (
    CONFIRM,
    CORA,
    FINAL,
    HARI,
    ISSUED,
    OPENING,
    TESS,
    record,
)

NOTICE = replace(
    OPENING, starts=date(2026, 4, 13), ends=date(2026, 5, 22), review_on=date(2026, 5, 8), latest_decision_on=None
)
RENEWED = replace(FINAL, ends=date(2026, 6, 30), review_on=date(2026, 6, 12))
PROVISIONAL, INTENT = record(State.PROVISIONAL), record(State.INTENT, opening="intent", terms=NOTICE)
CONFIRMED = record(State.CONFIRMED, CONFIRM)
UNTOLD = record(State.CONFIRMED, replace(CONFIRM, letter_at=None))


def extended(letter: str | None, ends: date = RENEWED.ends) -> Step:
    """Extended on 7 May 2026."""
    return Step("extend", at("2026-05-07 10:00"), TESS, replace(RENEWED, ends=ends), at(letter) if letter else None)


def kept(review_on: date | None, *, run_out: bool = False, when: str = "2026-05-07 10:00") -> Step:
    return Step("keep", at(when), TESS, replace(FINAL, review_on=review_on), run_out=run_out)


def letters(*sent: tuple[str, str]) -> tuple[Receipt, ...]:
    return tuple(Receipt(at(when), deemed_receipt(method, at(when))) for method, when in sent)


def kinds_due(ban, when: str) -> list[tuple[str, str]]:
    return [(due.on.isoformat(), due.kind) for due in ban.agenda(at(when))]


# -- the window, and the day to decide ----------------------------------------------------------------------------


def test_ten_school_days_after_receipt_for_a_reply_and_five_more_to_decide():
    assert (PROVISIONAL.window.on, PROVISIONAL.decision_by) == (date(2026, 3, 18), date(2026, 3, 25))


def test_the_window_says_how_it_was_computed_from_the_letter_on():
    assert PROVISIONAL.window.how.startswith("Posted first class on Monday 2 March 2026")


def test_before_the_letter_there_is_no_window_no_day_and_nothing_due():
    ban = record(State.DECIDED, opening_letters=())
    assert (ban.window, ban.decision_by, ban.lapses_after) == (None, None, None)
    assert ban.agenda(ISSUED) == ()
    assert ban.in_force(ISSUED) is False
    assert ban.state_on(at("2027-01-01 09:00")) is State.DECIDED


def test_the_latest_decision_date_comes_before_five_school_days():
    ban = record(State.PROVISIONAL, terms=replace(OPENING, latest_decision_on=date(2026, 3, 20)))
    assert ban.decision_by == date(2026, 3, 20)


def test_a_notice_of_intent_knows_no_latest_decision_date():
    ban = record(State.INTENT, opening="intent", terms=replace(NOTICE, latest_decision_on=date(2026, 3, 20)))
    assert ban.decision_by == date(2026, 3, 25)


def test_a_holiday_leaves_nobody_barred_and_unheard():
    closed = Calendar(closures=(Closure(date(2026, 3, 5), date(2026, 4, 30)),))
    until = date(2026, 4, 1)  # twenty business days after 4 March
    assert record(State.PROVISIONAL, calendar=closed).window.on == until
    assert record(State.INTENT, opening="intent", terms=NOTICE, calendar=closed).window.on == date(2026, 5, 15)


def test_a_letter_sent_again_starts_the_window_again():
    ban = record(State.PROVISIONAL, opening_letters=letters(("post", "2026-03-02 10:00"), ("hand", "2026-03-09 10:00")))
    assert (ban.window.on, ban.decision_by) == (date(2026, 3, 23), date(2026, 3, 30))


def test_the_window_of_a_letter_sent_again_ends_by_the_latest_decision_date():
    ban = record(State.PROVISIONAL, opening_letters=letters(("post", "2026-03-02 10:00"), ("hand", "2026-03-20 10:00")))
    assert (ban.window.on, ban.decision_by) == (date(2026, 3, 31), date(2026, 3, 31))
    assert ban.window.how.endswith("No later than the latest decision date, Tuesday 31 March 2026.")


def test_the_window_of_an_intent_sent_again_has_no_such_limit():
    told = {"opening": "intent", "terms": replace(NOTICE, latest_decision_on=date(2026, 3, 31))}
    ban = record(
        State.INTENT, opening_letters=letters(("post", "2026-03-02 10:00"), ("hand", "2026-03-20 10:00")), **told
    )
    assert ban.window.on == date(2026, 4, 7)  # Good Friday and Easter Monday between


def returned(ban, on: str):
    """The same ban, its letter come back on that day."""
    back = tuple(receipt._replace(came_back_on=date.fromisoformat(on)) for receipt in ban.opening_letters)
    return replace(ban, opening_letters=back)


def test_while_the_letter_is_back_no_window_runs():
    for ban in (returned(PROVISIONAL, "2026-03-09"), returned(INTENT, "2026-03-09")):
        assert (ban.window, ban.came_back_on) == (None, date(2026, 3, 9))


def test_while_the_letter_is_back_a_provisional_ban_stands_to_its_latest_decision_date_and_no_longer():
    ban = returned(PROVISIONAL, "2026-03-09")
    assert (ban.decision_by, ban.lapses_after) == (date(2026, 3, 31), date(2026, 3, 31))
    assert ban.in_force(at("2026-03-31 23:59")) is True
    assert ban.state_on(at("2026-04-01 00:00")) is State.LAPSED
    assert kinds_due(ban, "2026-03-10 09:00") == [
        ("2026-03-22", "provisional_alert"),
        ("2026-04-01", "decision_due"),
        ("2026-04-01", "decision_overdue"),
        ("2026-04-01", "lapse"),
    ]


def test_an_intent_whose_letter_is_back_lapses_as_if_it_had_been_handed_over_that_day():
    handed_over = record(
        State.INTENT, opening="intent", terms=NOTICE, opening_letters=letters(("hand", "2026-03-09 10:00"))
    )
    ban = returned(INTENT, "2026-03-09")
    assert ban.lapses_after == handed_over.lapses_after == date(2026, 4, 22)
    assert ban.state_on(at("2026-04-23 00:00")) is State.LAPSED


def test_an_intent_that_came_back_before_it_counted_as_received_lapses_no_sooner():
    assert returned(INTENT, "2026-03-03").lapses_after == INTENT.lapses_after


def test_a_second_time_of_the_same_letter_ends_its_window_by_the_latest_decision_date():
    late = letters(("hand", "2026-03-20 10:00"))
    again = tuple(receipt._replace(again=True) for receipt in late)
    assert record(State.PROVISIONAL, opening_letters=late).window.on == date(2026, 4, 7)
    assert record(State.PROVISIONAL, opening_letters=again).window.on == date(2026, 3, 31)


# -- in force -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "banned"),
    [
        ("2026-03-02 09:59", False),
        ("2026-03-02 10:00", True),
        ("2026-03-31 23:59", True),
        ("2026-04-01 00:00", False),
    ],
)
def test_a_provisional_ban_runs_from_its_letter_to_its_latest_decision_date(when, banned):
    assert PROVISIONAL.in_force(at(when)) is banned


@pytest.mark.parametrize(("when", "banned"), [("2026-03-04 23:59", False), ("2026-03-05 00:00", True)])
def test_a_provisional_ban_is_not_in_force_before_its_start(when, banned):
    assert record(State.PROVISIONAL, terms=replace(OPENING, starts=date(2026, 3, 5))).in_force(at(when)) is banned


@pytest.mark.parametrize("when", ["2026-03-02 10:00", "2026-04-13 00:00", "2026-05-01 12:00"])
def test_a_notice_of_intent_keeps_nobody_out(when):
    assert INTENT.in_force(at(when)) is False


def test_confirming_a_provisional_ban_leaves_no_gap():
    moments = [at("2026-03-02 10:00") + timedelta(hours=h) for h in range(24 * 81 + 13)]
    assert [m for m in moments if not CONFIRMED.in_force(m)] == []
    assert CONFIRMED.in_force(at("2026-05-22 23:59")) is True
    assert CONFIRMED.in_force(at("2026-05-23 00:00")) is False


@pytest.mark.parametrize(
    ("when", "banned"), [("2026-03-25 09:00", True), ("2026-03-31 23:59", True), ("2026-04-01 00:00", False)]
)
def test_until_the_letter_of_a_confirmation_the_latest_decision_date_holds(when, banned):
    assert UNTOLD.in_force(at(when)) is banned


@pytest.mark.parametrize(
    ("when", "banned"),
    [
        ("2026-03-31 23:59", True),
        ("2026-04-05 12:00", False),
        ("2026-04-10 09:59", False),
        ("2026-04-10 10:00", True),
        ("2026-05-22 23:59", True),
        ("2026-05-23 00:00", False),
    ],
)
def test_a_confirmation_told_late_leaves_the_ban_out_of_force_until_its_letter(when, banned):
    late = record(State.CONFIRMED, replace(CONFIRM, letter_at=at("2026-04-10 10:00")))
    assert late.in_force(at(when)) is banned


def test_a_ban_confirmed_and_never_told_does_not_lapse():
    assert UNTOLD.state_on(at("2026-12-01 09:00")) is State.CONFIRMED
    assert kinds_due(UNTOLD, "2026-12-01 09:00") == []


@pytest.mark.parametrize(
    ("letter", "when", "banned"),
    [
        ("2026-03-20 10:00", "2026-04-12 23:59", False),
        ("2026-03-20 10:00", "2026-04-13 00:00", True),
        ("2026-04-20 10:00", "2026-04-20 09:59", False),
        ("2026-04-20 10:00", "2026-04-20 10:00", True),
        ("2026-04-20 10:00", "2026-05-22 23:59", True),
        ("2026-04-20 10:00", "2026-05-23 00:00", False),
        (None, "2026-04-20 10:00", False),
    ],
)
def test_after_an_intent_the_ban_runs_from_the_letter_but_not_before_its_start(letter, when, banned):
    told = Step("confirm", at("2026-03-19 10:00"), HARI, NOTICE, at(letter) if letter else None)
    ban = record(State.CONFIRMED, told, opening="intent", terms=NOTICE)
    assert ban.in_force(at(when)) is banned


def test_keeping_a_ban_before_its_start_does_not_bring_the_start_forward():
    steps = (
        Step("confirm", at("2026-03-19 10:00"), HARI, NOTICE, at("2026-03-20 10:00")),
        kept(date(2026, 5, 1), when="2026-04-01 10:00"),
    )
    steps = (steps[0], replace(steps[1], terms=NOTICE))
    ban = record(State.CONFIRMED, *steps, opening="intent", terms=NOTICE)
    assert ban.in_force(at("2026-04-02 10:00")) is False
    assert ban.in_force(at("2026-04-13 10:00")) is True


@pytest.mark.parametrize(
    ("letter", "when", "banned"),
    [
        (None, "2026-05-22 23:59", True),
        (None, "2026-05-23 00:00", False),
        ("2026-05-10 10:00", "2026-05-23 00:00", True),
        ("2026-05-10 10:00", "2026-06-30 23:59", True),
        ("2026-05-10 10:00", "2026-07-01 00:00", False),
        ("2026-06-01 10:00", "2026-05-25 12:00", False),
        ("2026-06-01 10:00", "2026-06-01 10:00", True),
    ],
)
def test_an_extension_counts_from_its_letter(letter, when, banned):
    ban = record(State.EXTENDED, CONFIRM, extended(letter))
    assert ban.in_force(at(when)) is banned


def test_a_shorter_end_counts_from_its_letter_too():
    shorter = Step(
        "vary_on_review", at("2026-05-07 10:00"), TESS, replace(FINAL, ends=date(2026, 5, 12)), at("2026-05-08 10:00")
    )
    ban = record(State.VARIED, CONFIRM, shorter)
    assert ban.in_force(at("2026-05-12 23:59")) is True
    assert ban.in_force(at("2026-05-13 00:00")) is False
    assert ban.last_day_in_force() == date(2026, 5, 12)


@pytest.mark.parametrize(("when", "banned"), [("2026-05-07 10:04", True), ("2026-05-07 10:05", False)])
def test_lifting_works_at_once(when, banned):
    ban = record(State.LIFTED, CONFIRM, ended_at=at("2026-05-07 10:05"))
    assert ban.in_force(at(when)) is banned
    assert ban.state_on(at("2026-12-01 09:00")) is State.LIFTED


def test_a_final_ban_that_ends_before_the_latest_decision_date_is_over_then():
    short = replace(CONFIRM, terms=replace(FINAL, ends=date(2026, 3, 27), review_on=date(2026, 3, 25)))
    ban = record(State.CONFIRMED, short)
    assert ban.in_force(at("2026-03-28 09:00")) is False
    assert ban.last_day_in_force() == date(2026, 3, 27)


# -- end and review -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ban", "when", "shown"),
    [
        (PROVISIONAL, "2026-03-10 09:00", (None, None)),
        (UNTOLD, "2026-04-10 09:00", (None, None)),
        (CONFIRMED, "2026-03-19 09:59", (None, None)),
        (CONFIRMED, "2026-03-19 10:00", (date(2026, 5, 22), date(2026, 5, 8))),
        (record(State.EXTENDED, CONFIRM, extended(None)), "2026-05-10 09:00", (date(2026, 5, 22), date(2026, 5, 8))),
        (
            record(State.EXTENDED, CONFIRM, extended("2026-05-10 10:00")),
            "2026-05-10 10:00",
            (date(2026, 6, 30), date(2026, 6, 12)),
        ),
        (
            record(State.CONFIRMED, CONFIRM, kept(date(2026, 5, 20))),
            "2026-05-07 10:00",
            (date(2026, 5, 22), date(2026, 5, 20)),
        ),
        (record(State.CONFIRMED, CONFIRM, kept(None, run_out=True)), "2026-05-07 10:00", (date(2026, 5, 22), None)),
    ],
)
def test_end_and_review_are_those_that_a_letter_told(ban, when, shown):
    assert ban.end_and_review(at(when)) == shown


def test_a_review_made_before_the_letter_of_the_confirmation_counts_with_it():
    late = replace(CONFIRM, letter_at=at("2026-05-10 10:00"))
    ban = record(State.CONFIRMED, late, kept(date(2026, 5, 20)))
    assert ban.end_and_review(at("2026-05-09 09:00")) == (None, None)
    assert ban.end_and_review(at("2026-05-10 10:00")) == (date(2026, 5, 22), date(2026, 5, 20))


# -- lapse and end ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ban", "last_day", "after"),
    [
        (PROVISIONAL, "2026-03-31 23:59", State.LAPSED),
        (INTENT, "2026-04-17 23:59", State.LAPSED),  # twenty school days after 18 March, Easter between
        (CONFIRMED, "2026-05-22 23:59", State.LAPSED),
        (record(State.CONFIRMED, CONFIRM, kept(None, run_out=True)), "2026-05-22 23:59", State.ENDED),
        (record(State.CONFIRMED, CONFIRM, kept(date(2026, 5, 20))), "2026-05-22 23:59", State.LAPSED),
        (record(State.EXTENDED, CONFIRM, extended("2026-05-10 10:00")), "2026-06-30 23:59", State.LAPSED),
    ],
)
def test_a_ban_whose_date_passes_has_lapsed_or_ended_as_reviewed(ban, last_day, after):
    assert ban.state_on(at(last_day)) is ban.state
    assert ban.state_on(at(last_day) + timedelta(minutes=1)) is after


def test_a_ban_extended_and_not_told_does_not_lapse_at_the_old_end():
    ban = record(State.EXTENDED, CONFIRM, extended(None))
    assert ban.in_force(at("2026-05-23 09:00")) is False
    assert ban.state_on(at("2026-06-23 09:00")) is State.EXTENDED


@pytest.mark.parametrize("state", [State.NOT_CONFIRMED, State.LIFTED, State.WITHDRAWN, State.DECLINED])
def test_nothing_falls_due_for_a_ban_that_somebody_ended(state):
    assert record(state, CONFIRM).agenda(at("2026-12-01 09:00")) == ()


# -- what falls due -----------------------------------------------------------------------------------------------


def test_what_falls_due_for_an_open_provisional_ban():
    assert kinds_due(PROVISIONAL, "2026-03-02 10:00") == [
        ("2026-03-19", "decision_due"),
        ("2026-03-22", "provisional_alert"),
        ("2026-03-26", "decision_overdue"),
        ("2026-04-01", "lapse"),
    ]


def test_what_falls_due_for_an_open_notice_of_intent():
    assert kinds_due(INTENT, "2026-03-02 10:00") == [
        ("2026-03-19", "decision_due"),
        ("2026-03-26", "decision_overdue"),
        ("2026-04-18", "lapse"),
    ]


def test_a_decision_is_due_as_soon_as_everything_said_is_answered():
    ban = record(State.PROVISIONAL, replies_answered_at=at("2026-03-10 15:00"))
    assert kinds_due(ban, "2026-03-10 15:00")[0] == ("2026-03-10", "decision_due")


def test_an_answer_after_the_window_does_not_put_the_decision_off():
    ban = record(State.PROVISIONAL, replies_answered_at=at("2026-03-24 15:00"))
    assert kinds_due(ban, "2026-03-24 15:00")[0] == ("2026-03-19", "decision_due")


def test_what_falls_due_for_a_final_ban():
    assert kinds_due(CONFIRMED, "2026-04-01 09:00") == [
        ("2026-04-09", "review_due"),
        ("2026-05-09", "review_overdue"),
        ("2026-05-23", "lapse"),
    ]


def test_a_ban_kept_to_run_out_asks_for_no_review():
    ban = record(State.CONFIRMED, CONFIRM, kept(None, run_out=True))
    assert kinds_due(ban, "2026-05-08 09:00") == [("2026-05-23", "end")]


def test_an_extension_not_told_yet_does_not_ask_for_the_review_that_was_made():
    ban = record(State.EXTENDED, CONFIRM, extended(None))
    assert kinds_due(ban, "2026-05-08 09:00") == []


def test_what_is_due_on_the_last_day_of_all_comes_before_the_lapse():
    ban = record(State.PROVISIONAL, terms=replace(OPENING, latest_decision_on=date(2026, 3, 18)))
    assert kinds_due(ban, "2026-03-02 10:00") == [
        ("2026-03-19", "decision_due"),
        ("2026-03-19", "decision_overdue"),
        ("2026-03-19", "lapse"),
        ("2026-03-22", "provisional_alert"),
    ]


# -- lengths ------------------------------------------------------------------------------------------------------


def test_the_first_day_is_that_of_the_letter_or_the_start_whichever_is_later():
    early = record(State.PROVISIONAL, terms=replace(OPENING, starts=date(2026, 2, 27)))
    late = record(State.PROVISIONAL, terms=replace(OPENING, starts=date(2026, 3, 5)))
    assert early.first_day(date(2026, 3, 19)) == date(2026, 3, 2)
    assert late.first_day(date(2026, 3, 19)) == date(2026, 3, 5)
    assert INTENT.first_day(date(2026, 4, 13)) == date(2026, 4, 13)


def test_days_in_all_count_both_ends():
    assert days_in_all(date(2026, 3, 2), date(2026, 3, 2)) == 1
    assert days_in_all(date(2026, 3, 2), date(2026, 5, 30)) == 90


def test_a_year_before_the_29th_of_february_is_the_28th():
    assert months_away(date(2028, 2, 29), -12) == date(2027, 2, 28)
    assert months_away(date(2026, 3, 1), 12) == date(2027, 3, 1)
    assert months_away(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_away(date(2026, 3, 31), -4) == date(2025, 11, 30)


@given(st.integers(0, 40), st.integers(1, 60), st.integers(0, 100))
def test_no_ban_is_in_force_before_its_letter_or_after_its_last_day(told_after, runs, looked_at):
    letter = ISSUED + timedelta(days=told_after)
    ends = letter.date() + timedelta(days=runs)
    step = Step("confirm", min(letter, at("2026-03-19 10:00")), CORA, replace(FINAL, ends=ends), letter)
    ban = record(State.CONFIRMED, step)
    day = at("2026-02-20 12:00") + timedelta(days=looked_at)
    if ban.in_force(day):
        assert date(2026, 3, 2) <= day.date() <= ban.last_day_in_force()
