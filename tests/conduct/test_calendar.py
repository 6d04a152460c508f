"""The school calendar: worked dates, awkward days, and what holds for every date."""

from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conduct.calendar import (
    LONDON,
    Calendar,
    Closure,
    Computed,
    deemed_receipt,
    local_date,
    window,
    words,
)

PLAIN = Calendar()
SUMMER = Calendar((Closure(date(2026, 7, 22), date(2026, 9, 1), "Summer holiday"),))
SHUT_FOR_EVER = Calendar((Closure(date(2026, 1, 1), date.max),))


def sent(*when: int) -> datetime:
    return datetime(*when, tzinfo=LONDON)


def day(text: str) -> date:
    return date.fromisoformat(text)


# --- words and days


def test_a_date_is_written_in_full_with_its_weekday():
    assert words(date(2026, 3, 2)) == "Monday 2 March 2026"
    months = "January February March April May June July August September October November December"
    assert " ".join(words(date(2026, month, 1)).split()[2] for month in range(1, 13)) == months


def test_half_past_eleven_at_night_in_summer_belongs_to_the_london_day():
    assert local_date(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == date(2026, 7, 1)
    assert local_date(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)


def test_half_past_eleven_at_night_in_winter_is_the_same_day_in_both():
    assert local_date(datetime(2026, 1, 7, 23, 30, tzinfo=UTC)) == date(2026, 1, 7)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "2026-03-29"),
        (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), "2026-03-30"),
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), "2026-10-25"),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), "2026-10-25"),
    ],
)
def test_both_clock_changes_keep_their_london_day(moment, expected):
    assert local_date(moment) == day(expected)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        local_date(datetime(2026, 3, 2, 9, 0))
    with pytest.raises(ValueError, match="time zone"):
        deemed_receipt("post", datetime(2026, 3, 2, 9, 0))


@pytest.mark.parametrize(
    "holiday",
    ["2026-04-03", "2026-04-06", "2026-05-04", "2026-08-31", "2026-12-25", "2026-12-28", "2022-09-19", "2023-05-08"],
)
def test_bank_holidays_of_england_substitutes_and_single_ones_are_no_business_days(holiday):
    assert PLAIN.is_business_day(day(holiday)) is False
    assert PLAIN.is_school_day(day(holiday)) is False


@pytest.mark.parametrize("elsewhere", ["2026-01-02", "2026-03-17", "2026-11-30", "2026-08-03"])
def test_bank_holidays_of_scotland_and_northern_ireland_are_ordinary_days(elsewhere):
    assert PLAIN.is_business_day(day(elsewhere)) is True


def test_a_weekend_is_neither_a_business_day_nor_a_school_day():
    assert [PLAIN.is_business_day(date(2026, 3, n)) for n in range(2, 9)] == [True] * 5 + [False] * 2
    assert [PLAIN.is_school_day(date(2026, 3, n)) for n in range(2, 9)] == [True] * 5 + [False] * 2


# --- closures


def test_a_closure_counts_both_its_ends():
    half_term = Calendar((Closure(date(2026, 2, 17), date(2026, 2, 19)),))
    open_days = [n for n in range(16, 21) if half_term.is_school_day(date(2026, 2, n))]
    assert open_days == [16, 20]


def test_a_closure_of_one_day_closes_that_day_alone():
    inset = Calendar((Closure(date(2026, 2, 17), date(2026, 2, 17), "Training day"),))
    assert inset.school_day_after(date(2026, 2, 16), 1) == date(2026, 2, 18)
    assert inset.school_day_before(date(2026, 2, 18), 1) == date(2026, 2, 16)


def test_a_closure_leaves_business_days_as_they_are():
    assert SUMMER.is_business_day(date(2026, 8, 3)) is True
    assert SUMMER.is_school_day(date(2026, 8, 3)) is False


def test_a_closure_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="before it begins"):
        Closure(date(2026, 2, 20), date(2026, 2, 16))


@pytest.mark.parametrize("kept", [PLAIN, SUMMER.closures[0], Computed(date(2026, 3, 2), "So.")])
def test_what_was_worked_out_is_not_changed_afterwards(kept):
    with pytest.raises(FrozenInstanceError):
        setattr(kept, next(iter(vars(kept))), None)


# --- counting


def test_the_day_counted_from_is_not_counted():
    assert PLAIN.school_day_after(date(2026, 3, 4), 10) == date(2026, 3, 18)
    assert PLAIN.school_days_between(date(2026, 3, 4), date(2026, 3, 18)) == 10


def test_twenty_school_days_before_a_review_pass_over_the_bank_holidays():
    assert PLAIN.school_day_before(date(2026, 5, 8), 20) == date(2026, 4, 9)


def test_no_days_after_a_day_is_that_day():
    assert PLAIN.school_day_after(date(2026, 3, 7), 0) == date(2026, 3, 7)


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="negative"):
        PLAIN.school_day_after(date(2026, 3, 7), -1)


def test_no_school_days_lie_between_a_day_and_itself_or_an_earlier_one():
    assert PLAIN.school_days_between(date(2026, 3, 4), date(2026, 3, 4)) == 0
    assert PLAIN.school_days_between(date(2026, 3, 18), date(2026, 3, 4)) == 0


def test_the_leap_day_is_counted_like_any_other():
    assert PLAIN.business_day_after(date(2028, 2, 28), 1) == date(2028, 2, 29)
    assert PLAIN.school_day_after(date(2028, 2, 28), 2) == date(2028, 3, 1)
    assert PLAIN.school_day_after(date(2027, 2, 26), 1) == date(2027, 3, 1)


def test_the_last_day_of_a_year_leads_into_the_next_past_new_years_day():
    assert PLAIN.is_business_day(date(2026, 12, 31)) is True
    assert PLAIN.business_day_after(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert PLAIN.school_day_before(date(2027, 1, 4), 1) == date(2026, 12, 31)


def test_counting_days_over_a_clock_change_neither_gains_nor_loses_one():
    assert PLAIN.school_day_after(date(2026, 3, 27), 1) == date(2026, 3, 30)
    assert PLAIN.school_day_after(date(2026, 10, 23), 1) == date(2026, 10, 26)


@pytest.mark.parametrize("count_from", [date(2026, 3, 2), date.max])
def test_a_calendar_that_is_closed_for_ever_is_refused_and_does_not_run_on(count_from):
    with pytest.raises(ValueError, match=r"no school day in the 800 days after .*check the school's closures"):
        SHUT_FOR_EVER.school_day_after(count_from, 1)


def test_counting_back_past_the_first_of_all_dates_is_refused():
    with pytest.raises(ValueError, match="no school day in the 800 days before"):
        PLAIN.school_day_before(date(1, 1, 1), 1)


def test_a_count_longer_than_the_search_is_no_mistake_while_the_school_opens_in_between():
    assert PLAIN.school_days_between(date(2026, 1, 1), PLAIN.school_day_after(date(2026, 1, 1), 900)) == 900


# --- deemed receipt


@pytest.mark.parametrize(
    ("method", "moment", "expected"),
    [
        ("post", sent(2026, 3, 2, 10, 0), "2026-03-04"),  # Monday to Wednesday
        ("post", sent(2026, 3, 5, 10, 0), "2026-03-09"),  # Thursday to Monday
        ("post", sent(2026, 3, 6, 10, 0), "2026-03-09"),  # Friday: Sunday, so Monday
        ("post", sent(2026, 12, 24, 10, 0), "2026-12-29"),  # Saturday 26, Sunday, substitute holiday Monday 28
        ("email", sent(2026, 3, 6, 16, 45), "2026-03-09"),  # Friday too late
        ("hand", sent(2026, 3, 7, 10, 0), "2026-03-09"),  # Saturday
        ("email", sent(2026, 3, 6, 16, 29), "2026-03-06"),
        ("email", sent(2026, 3, 6, 16, 30), "2026-03-09"),
        ("hand", sent(2026, 3, 6, 9, 0), "2026-03-06"),
        ("email", sent(2026, 12, 28, 9, 0), "2026-12-29"),  # the substitute holiday itself
        ("email", sent(2026, 12, 31, 17, 0), "2027-01-04"),
        ("post", sent(2028, 2, 27, 12, 0), "2028-02-29"),
        ("post", sent(2026, 4, 1, 12, 0), "2026-04-07"),  # Good Friday, weekend, Easter Monday
    ],
)
def test_a_letter_counts_as_received_on_the_worked_day(method, moment, expected):
    assert deemed_receipt(method, moment).on == day(expected)


def test_a_letter_sent_late_on_a_summer_evening_counts_from_its_london_day():
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)  # 23:30 on Wednesday 1 July in London
    assert deemed_receipt("post", late).on == date(2026, 7, 3)
    past_midnight = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)  # 00:30 on Thursday 2 July in London
    assert deemed_receipt("post", past_midnight).on == date(2026, 7, 6)


def test_half_past_four_is_london_time_in_summer_and_in_winter():
    assert deemed_receipt("email", datetime(2026, 7, 1, 15, 29, tzinfo=UTC)).on == date(2026, 7, 1)
    assert deemed_receipt("email", datetime(2026, 7, 1, 15, 30, tzinfo=UTC)).on == date(2026, 7, 2)
    assert deemed_receipt("email", datetime(2026, 1, 7, 16, 29, tzinfo=UTC)).on == date(2026, 1, 7)


def test_the_sentence_for_a_letter_by_post_names_both_days():
    assert deemed_receipt("post", sent(2026, 3, 2, 10, 0)) == Computed(
        date(2026, 3, 4),
        "Posted first class on Monday 2 March 2026; taken as received on Wednesday 4 March 2026 "
        "(second day after posting).",
    )


def test_the_sentence_for_a_letter_posted_on_thursday_says_why_it_is_monday():
    assert deemed_receipt("post", sent(2026, 3, 5, 10, 0)).how == (
        "Posted first class on Thursday 5 March 2026; taken as received on Monday 9 March 2026 "
        "(the second day after posting, Saturday 7 March 2026, is not a business day, so the next that is)."
    )


@pytest.mark.parametrize(
    ("method", "moment", "how"),
    [
        (
            "email",
            sent(2026, 3, 6, 9, 5),
            "Sent by email at 09:05 on Friday 6 March 2026; taken as received on Friday 6 March 2026 "
            "(before 16:30 on a business day, so the same day).",
        ),
        (
            "email",
            sent(2026, 3, 6, 16, 45),
            "Sent by email at 16:45 on Friday 6 March 2026; taken as received on Monday 9 March 2026 "
            "(not before 16:30, so the next business day).",
        ),
        (
            "hand",
            sent(2026, 3, 7, 10, 0),
            "Handed over at 10:00 on Saturday 7 March 2026; taken as received on Monday 9 March 2026 "
            "(not sent on a business day, so the next one).",
        ),
    ],
)
def test_the_sentence_for_email_and_by_hand_gives_time_and_reason(method, moment, how):
    assert deemed_receipt(method, moment).how == how


@pytest.mark.parametrize("method", ["pigeon", "telegram", ""])
def test_another_method_is_refused(method):
    with pytest.raises(ValueError, match=f"{method!r}"):
        deemed_receipt(method, sent(2026, 3, 2, 10, 0))


# --- the window for representations


def test_the_window_is_ten_school_days_after_receipt():
    assert window(PLAIN, date(2026, 3, 4), provisional=True) == Computed(
        date(2026, 3, 18),
        "10 school days after Wednesday 4 March 2026, the day of receipt, which is not counted: "
        "Wednesday 18 March 2026.",
    )


def test_the_window_passes_over_a_bank_holiday():
    assert window(PLAIN, date(2026, 4, 20), provisional=False).on == date(2026, 5, 5)


def test_the_window_of_a_provisional_ban_over_christmas_still_counts_school_days_while_they_end_first():
    christmas = Calendar((Closure(date(2026, 12, 21), date(2027, 1, 1)),))
    assert window(christmas, date(2026, 12, 29), provisional=True).on == date(2027, 1, 15)


def test_over_the_summer_twenty_business_days_end_the_window_of_a_provisional_ban_first():
    assert window(SUMMER, date(2026, 7, 21), provisional=True) == Computed(
        date(2026, 8, 18),
        "20 business days after Tuesday 21 July 2026, the day of receipt, which is not counted: "
        "Tuesday 18 August 2026, which comes before 10 school days have passed.",
    )


def test_over_the_summer_a_notice_of_intent_waits_for_the_school_days():
    assert window(SUMMER, date(2026, 7, 21), provisional=False).on == date(2026, 9, 15)


def test_a_tie_of_school_days_and_business_days_is_told_as_school_days():
    tie = window(PLAIN, date(2026, 3, 4), provisional=True, school_days=1, business_days=1)
    assert tie == Computed(
        date(2026, 3, 5),
        "1 school day after Wednesday 4 March 2026, the day of receipt, which is not counted: Thursday 5 March 2026.",
    )


def test_a_provisional_window_ends_even_in_a_school_that_never_opens():
    assert window(SHUT_FOR_EVER, date(2026, 3, 4), provisional=True).on == date(2026, 4, 1)


def test_a_notice_of_intent_in_a_school_that_never_opens_is_refused():
    with pytest.raises(ValueError, match="check the school's closures"):
        window(SHUT_FOR_EVER, date(2026, 3, 4), provisional=False)


def test_the_counts_of_a_window_are_settings():
    assert window(PLAIN, date(2026, 3, 4), provisional=False, school_days=5).on == date(2026, 3, 11)
    assert window(SUMMER, date(2026, 7, 21), provisional=True, business_days=10).on == date(2026, 8, 4)


# --- what holds for every date

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
COUNTS = st.integers(1, 40)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.sampled_from([UTC, LONDON]))


@st.composite
def calendars(draw):
    """A calendar with up to six closures of at most seven weeks."""
    starts = draw(st.lists(DAYS, max_size=6))
    return Calendar(tuple(Closure(s, s + timedelta(days=draw(st.integers(0, 49)))) for s in starts))


@settings(max_examples=60, deadline=None)
@given(calendars(), DAYS, COUNTS)
def test_counting_school_days_and_counting_them_back_agree(calendar, start, count):
    assert calendar.school_days_between(start, calendar.school_day_after(start, count)) == count


@settings(max_examples=60, deadline=None)
@given(calendars(), DAYS, COUNTS)
def test_as_many_school_days_back_as_forward_lead_home_from_a_school_day(calendar, start, count):
    home = calendar.school_day_after(start, 1)
    assert calendar.school_day_before(calendar.school_day_after(home, count), count) == home


@settings(max_examples=60, deadline=None)
@given(calendars(), DAYS, DAYS, COUNTS)
def test_a_later_start_never_gives_an_earlier_day(calendar, one, other, count):
    early, late = sorted((one, other))
    assert calendar.school_day_after(early, count) <= calendar.school_day_after(late, count)
    assert calendar.school_day_after(early, count) < calendar.school_day_after(early, count + 1)


@settings(max_examples=60, deadline=None)
@given(calendars(), DAYS, COUNTS)
def test_a_count_never_lands_on_a_closed_day(calendar, start, count):
    assert calendar.is_school_day(calendar.school_day_after(start, count)) is True
    assert calendar.is_school_day(calendar.school_day_before(start, count)) is True
    assert calendar.is_business_day(calendar.business_day_after(start, count)) is True


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["post", "email", "hand"]), MOMENTS)
def test_receipt_is_always_on_a_business_day_and_never_before_sending(method, moment):
    received = deemed_receipt(method, moment).on
    assert PLAIN.is_business_day(received) is True
    assert received >= local_date(moment)


@settings(max_examples=60, deadline=None)
@given(calendars(), DAYS)
def test_a_provisional_window_never_ends_after_the_window_of_an_intent(calendar, received):
    short = window(calendar, received, provisional=True).on
    assert received < short <= window(calendar, received, provisional=False).on
    assert short <= calendar.business_day_after(received, 20)
