"""A plan's cap is read from its words; what was used of it is counted by calendar day, week or month."""

from datetime import date

import pytest

from sanctions import caps
from sanctions.caps import Cap


@pytest.mark.parametrize(
    ("words", "cap"),
    [
        ("one email a week", Cap(1, "email", "week")),
        ("Two Emails per week", Cap(2, "email", "week")),
        ("12 calls every month", Cap(12, "telephone", "month")),
        ("three contacts each day", Cap(3, "", "day")),
        ("one message a day", Cap(1, "app", "day")),
        ("no calls a week", Cap(0, "telephone", "week")),
        ("as few as you can", None),
        ("one pigeon a week", None),
        ("one email a week, and a call", None),
        ("", None),
    ],
)
def test_a_cap_is_read_from_its_words(words, cap):
    assert caps.read(words) == cap


@pytest.mark.parametrize(
    ("most", "what", "period"), [(1, "email", "week"), (2, "call", "month"), (25, "contact", "day")]
)
def test_what_is_written_is_read_back(most, what, period):
    cap = caps.read(caps.write(most, what, period))
    assert (cap.most, caps.word_of(cap.method), cap.period) == (most, what, period)


EMAILS = [("email", date(2026, 11, 8)), ("email", date(2026, 11, 9)), ("telephone", date(2026, 11, 9)),
          ("email", date(2026, 11, 15)), ("email", date(2026, 11, 16))]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "on", "used"),
    [
        ("one email a week", date(2026, 11, 8), 1),  # a Sunday: the last day of its week
        ("one email a week", date(2026, 11, 9), 2),  # Monday to Sunday
        ("one email a week", date(2026, 11, 16), 1),
        ("one contact a week", date(2026, 11, 12), 3),
        ("one email a month", date(2026, 11, 30), 4),
        ("one email a month", date(2026, 12, 1), 0),
        ("one email a day", date(2026, 11, 9), 1),
    ],
)
def test_what_was_used_counts_from_monday_from_the_first_or_for_the_day(words, on, used):
    assert caps.read(words).used(EMAILS, on) == used


def test_the_contact_that_goes_over_is_the_second_of_its_week():
    cap = caps.read("one email a week")
    assert [caps.over(cap, EMAILS, n) for n in range(5)] == [False, False, False, True, False]
    assert not any(caps.over(None, EMAILS, n) for n in range(5))


def test_a_message_in_the_app_is_one_way_under_two_names():
    assert caps.read("one message a week").counts("app_message")
    assert caps.among("app", ["app_message"])
    assert not caps.among("email", ["app_message"])
