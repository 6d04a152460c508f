"""Business days, school days, the day on which a letter counts as received, and the days left to answer it.

Pure functions of dates: nothing here reads the clock or the database. A time that is passed in carries its zone; the
day it belongs to is the day in London. Every date that is worked out comes as a `Computed`, with a sentence that shows
the school how it came about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
SAME_DAY_BEFORE = time(16, 30)  # email, or a letter handed over, before this counts as received that day (CPR 6.26)
SEARCH_DAYS = 800  # a calendar that is closed longer than this without a break is a mistake in the settings

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_SENT = {"email": "Sent by email", "hand": "Handed over"}


def words(day: date) -> str:
    """The date as a letter gives it, "Monday 2 March 2026", whatever language the machine is set to."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def local_date(moment: datetime) -> date:
    """The London day of a moment. A time without a zone raises ValueError, since its day cannot be known."""
    return _local(moment).date()


@dataclass(frozen=True)
class Computed:
    """A date that was worked out, and how: one sentence that a school reads."""

    on: date
    how: str


@dataclass(frozen=True)
class Closure:
    """Days on which the school is closed, `first` and `last` both counted. ValueError when they are swapped."""

    first: date
    last: date
    reason: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"A closure ends on {words(self.last)}, before it begins on {words(self.first)}.")


@dataclass(frozen=True)
class Calendar:
    """One school's calendar: the business days of England less the school's own closures."""

    closures: tuple[Closure, ...] = ()

    def is_business_day(self, day: date) -> bool:
        """Neither a weekend nor a bank holiday in England. The school's closures make no difference."""
        return is_business_day(day)

    def is_school_day(self, day: date) -> bool:
        """A business day on which the school is not closed."""
        return is_business_day(day) and not any(c.first <= day <= c.last for c in self.closures)

    def school_day_after(self, day: date, count: int) -> date:
        """The `count`th school day after `day`, which is not itself counted; `day` for a count of 0.

        ValueError for a negative count, and for a calendar with no school day in 800 days on end.
        """
        return _step(day, count, 1, self.is_school_day, "school day")

    def school_day_before(self, day: date, count: int) -> date:
        """The `count`th school day before `day`; otherwise as `school_day_after`."""
        return _step(day, count, -1, self.is_school_day, "school day")

    def business_day_after(self, day: date, count: int) -> date:
        """The `count`th business day after `day`; otherwise as `school_day_after`."""
        return _step(day, count, 1, is_business_day, "business day")

    def school_days_between(self, start: date, end: date) -> int:
        """How many school days lie after `start`, up to and including `end`; 0 when `end` is not later."""
        return sum(self.is_school_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def is_business_day(day: date) -> bool:
    """Neither a weekend nor a bank holiday in England, substitute days included."""
    return day.weekday() < 5 and day not in _bank_holidays(day.year)


def deemed_receipt(method: str, sent_at: datetime) -> Computed:
    """The day on which a letter counts as received, by analogy with rule 6.26 of the Civil Procedure Rules.

    First-class post: the second day after posting. Email, or by hand: the same day, if before 16:30 on a business
    day. In each case the next business day where that day will not do. ValueError for another method or a time
    without a zone.
    """
    sent = _local(sent_at)
    if method == "post":
        return _received_by_post(sent.date())
    if method in _SENT:
        return _received_at_once(_SENT[method], sent)
    raise ValueError(f"Unknown method of sending: {method!r} (post, email or hand).")


def window(
    calendar: Calendar, received: date, *, provisional: bool, school_days: int = 10, business_days: int = 20
) -> Computed:
    """The last day for representations, counted from the day of deemed receipt, which is not itself counted.

    For a provisional ban the count of business days is a ceiling: a long holiday leaves nobody barred and unheard.
    """
    since = f"after {words(received)}, the day of receipt, which is not counted"
    if provisional:
        ceiling = calendar.business_day_after(received, business_days)
        if calendar.school_days_between(received, ceiling) < school_days:
            how = f"{_days(business_days, 'business')} {since}: {words(ceiling)}, which comes before"
            return Computed(ceiling, f"{how} {_days(school_days, 'school')} have passed.")
    last = calendar.school_day_after(received, school_days)
    return Computed(last, f"{_days(school_days, 'school')} {since}: {words(last)}.")


def _received_by_post(posted: date) -> Computed:
    second = posted + timedelta(days=2)
    received = _business_day_from(second)
    why = "second day after posting"
    if received != second:
        why = f"the second day after posting, {words(second)}, is not a business day, so the next that is"
    return Computed(received, f"Posted first class on {words(posted)}; taken as received on {words(received)} ({why}).")


def _received_at_once(verb: str, sent: datetime) -> Computed:
    day = sent.date()
    if not is_business_day(day):
        received, why = _business_day_from(day), "not sent on a business day, so the next one"
    elif sent.time() < SAME_DAY_BEFORE:
        received, why = day, "before 16:30 on a business day, so the same day"
    else:
        received, why = _business_day_from(day + timedelta(days=1)), "not before 16:30, so the next business day"
    return Computed(
        received, f"{verb} at {sent:%H:%M} on {words(day)}; taken as received on {words(received)} ({why})."
    )


def _local(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("A time without a time zone cannot be placed on a day.")
    return moment.astimezone(LONDON)


def _business_day_from(day: date) -> date:
    """The day itself when it is a business day, else the next that is."""
    return day if is_business_day(day) else _step(day, 1, 1, is_business_day, "business day")


def _days(count: int, kind: str) -> str:
    return f"{count} {kind} day{'' if count == 1 else 's'}"


def _step(day: date, count: int, direction: int, counts: Callable[[date], bool], what: str) -> date:
    """Walk day by day until `count` days that count are passed; each must be found within 800 days of the last."""
    if count < 0:
        raise ValueError(f"A number of days cannot be negative: {count}.")
    for _ in range(count):
        found = _nearest(day, direction, counts)
        if found is None:
            side = "after" if direction > 0 else "before"
            raise ValueError(
                f"There is no {what} in the {SEARCH_DAYS} days {side} {words(day)}: check the school's closures."
            )
        day = found
    return day


def _nearest(day: date, direction: int, counts: Callable[[date], bool]) -> date | None:
    """The nearest day that counts in one direction, or None within 800 days or at the end of all dates."""
    for _ in range(SEARCH_DAYS):
        if day in (date.min, date.max):
            return None
        day += timedelta(days=direction)
        if counts(day):
            return day
    return None


@lru_cache(maxsize=256)
def _bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays of one year; the library takes long enough to make caching worth while."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
