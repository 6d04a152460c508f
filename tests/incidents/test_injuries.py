"""What the injury rules ask for, day by day. Each case says how it was worked out from the calendar, not from the code.

RIDDOR 2013: regulation 4(1), a specified injury: the report within 10 days of the accident. Regulation 4(2), more than
seven consecutive days away from, or unable to do, the usual work, the day of the accident not counted, weekends and rest
days counted: the report within 15 days of the accident.
"""

from datetime import date

import pytest

from incidents.injuries import ASKED, NOT_ASKED, NOT_YET, report

MONDAY = date(2026, 3, 2)  # the accident


def days(away_from: str = "", back_on: str = "", **told) -> dict:
    read = {"away_from": away_from, "back_on": back_on}
    return {**{name: date.fromisoformat(day) if day else None for name, day in read.items()}, **told}


# the accident on Monday 2 March 2026; away from Tuesday the 3rd, which is day 1; so Monday the 9th is day 7 and Tuesday
# the 10th is day 8, the first day of more than seven; 2 March + 15 days = 17 March
CASES = [
    # nobody is away: nothing is asked for
    ("2026-03-02", days(), (NOT_ASKED, None)),
    # away from the day after, looked at on day 1, on day 7 (still no more than seven) and on day 8
    ("2026-03-03", days("2026-03-03"), (NOT_YET, None)),
    ("2026-03-09", days("2026-03-03"), (NOT_YET, None)),
    ("2026-03-10", days("2026-03-03"), (ASKED, date(2026, 3, 17))),
    ("2026-03-30", days("2026-03-03"), (ASKED, date(2026, 3, 17))),
    # back on Tuesday the 10th: away on the 3rd to the 9th, seven days, which is not more than seven
    ("2026-03-10", days("2026-03-03", "2026-03-10"), (NOT_ASKED, None)),
    # back on Wednesday the 11th: away on the 3rd to the 10th, eight days
    ("2026-03-11", days("2026-03-03", "2026-03-11"), (ASKED, date(2026, 3, 17))),
    # went home at once: the day of the accident is not counted, so day 1 is Tuesday all the same
    ("2026-03-09", days("2026-03-02"), (NOT_YET, None)),
    ("2026-03-10", days("2026-03-02"), (ASKED, date(2026, 3, 17))),
    ("2026-03-10", days("2026-03-02", "2026-03-10"), (NOT_ASKED, None)),
    ("2026-03-03", days("2026-03-02", "2026-03-03"), (NOT_ASKED, None)),
    # worked on until Thursday; away from Friday the 6th (day 1), the 13th is day 8; the 15 days run from the accident
    ("2026-03-12", days("2026-03-06"), (NOT_YET, None)),
    ("2026-03-13", days("2026-03-06"), (ASKED, date(2026, 3, 17))),
    # worked on until the 12th; away from Friday the 13th (day 1), the 20th is day 8, when the 15 days are past already
    ("2026-03-19", days("2026-03-13"), (NOT_YET, None)),
    ("2026-03-20", days("2026-03-13"), (ASKED, date(2026, 3, 20))),
    # a specified injury, away or not: 2 March + 10 days = 12 March
    ("2026-03-02", days(specified=True), (ASKED, date(2026, 3, 12))),
    ("2026-03-30", days("2026-03-03", "2026-03-05", specified=True), (ASKED, date(2026, 3, 12))),
]


@pytest.mark.parametrize(("today", "told", "asked"), CASES)
def test_what_the_injury_rules_ask_for(today, told, asked):
    found = report(MONDAY, date.fromisoformat(today), **told)
    assert (found.state, found.by) == asked


def test_weekends_bank_holidays_and_the_end_of_a_year_are_counted_like_any_day():
    # the accident on Monday 21 December 2026; day 1 is the 22nd, day 8 the 29th; 21 December + 15 days = 5 January 2027
    told = {"away_from": date(2026, 12, 22)}
    assert report(date(2026, 12, 21), date(2026, 12, 28), **told).state == NOT_YET
    found = report(date(2026, 12, 21), date(2026, 12, 29), **told)
    assert (found.state, found.by) == (ASKED, date(2027, 1, 5))


def test_before_the_eighth_day_it_says_what_will_be_asked_for_if_they_are_still_away():
    told = report(MONDAY, date(2026, 3, 4), away_from=date(2026, 3, 3)).how
    assert told == (
        "No report is asked for yet. If they are still away on Tuesday 10 March 2026, it is more than 7 days, and a "
        "report is due by Tuesday 17 March 2026, 15 days after Monday 2 March 2026."
    )


def test_on_the_eighth_day_it_shows_how_that_was_counted():
    told = report(MONDAY, date(2026, 3, 10), away_from=date(2026, 3, 3)).how
    assert told == (
        "More than 7 days away, weekends counted and the day itself not: Tuesday 3 March 2026 was the first and Tuesday "
        "10 March 2026 the eighth. A report is due by Tuesday 17 March 2026, 15 days after Monday 2 March 2026."
    )


def test_where_the_fifteen_days_are_over_first_it_is_due_at_once():
    told = report(MONDAY, date(2026, 3, 20), away_from=date(2026, 3, 13)).how
    assert "A report is due at once, as 15 days after Monday 2 March 2026 is past by then." in told


def test_one_of_the_gravest_injuries_is_told_without_delay():
    told = report(MONDAY, MONDAY, specified=True).how
    assert told == (
        "This is one of the gravest injuries: tell the Health and Safety Executive without delay, and send the report "
        "within 10 days of Monday 2 March 2026: by Thursday 12 March 2026."
    )


@pytest.mark.parametrize(
    ("back_on", "said"),
    [
        ("2026-03-10", "They were away for 7 days"),
        ("2026-03-04", "They were away for 1 day,"),
        ("2026-03-03", "They were away on that day alone"),
    ],
)
def test_back_in_time_it_says_for_how_long(back_on, said):
    told = report(MONDAY, date(2026, 3, 11), away_from=MONDAY, back_on=date.fromisoformat(back_on)).how
    assert told.startswith(said)
    assert told.endswith("so no report is asked for.")
