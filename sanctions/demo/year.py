"""The terms of a school year in England, as closures: holidays, half terms and two INSET days."""

from collections.abc import Iterator
from datetime import date, timedelta

from conduct.calendar import Closure, is_business_day

MONDAY, FRIDAY = 0, 4
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def school_year_of(day: date) -> int:
    """The calendar year in which the school year of a day began: it turns on 1 September."""
    return day.year if day.month >= 9 else day.year - 1


def closures_around(today: date, second_inset: str) -> list[Closure]:
    """The closures of the last two school years, of this one and of the next."""
    now = school_year_of(today)
    return [c for year in range(now - 2, now + 2) for c in closures_of(year, second_inset)]


def closures_of(year: int, second_inset: str) -> Iterator[Closure]:
    """The closures from September of `year` to the end of the August after it. `second_inset`: january, june or november."""
    christmas = monday_of(date(year, 12, 25))
    easter = good_friday(year + 1) + timedelta(days=2)
    autumn, may = last_monday(date(year, 10, 31)), last_monday(date(year + 1, 5, 31))
    insets = {
        "january": first_weekday(christmas + 2 * WEEK),
        "june": may + WEEK,
        "november": autumn + WEEK,
    }
    start = first_weekday(date(year, 9, 1))
    yield Closure(start, start, "INSET day")
    yield Closure(autumn, autumn + 4 * DAY, "Autumn half term")
    yield Closure(christmas, christmas + 11 * DAY, "Christmas holiday")
    yield Closure(third_monday(date(year + 1, 2, 1)), third_monday(date(year + 1, 2, 1)) + 4 * DAY, "Spring half term")
    yield Closure(easter - 6 * DAY, easter + 5 * DAY, "Easter holiday")
    yield Closure(may, may + 4 * DAY, "Summer half term")
    yield Closure(insets[second_inset], insets[second_inset], "INSET day")
    yield Closure(date(year + 1, 7, 23), first_weekday(date(year + 1, 9, 1)) - DAY, "Summer holiday")


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def last_monday(month_end: date) -> date:
    """The last Monday up to a day."""
    return monday_of(month_end)


def third_monday(month_start: date) -> date:
    return monday_of(month_start + 6 * DAY) + 2 * WEEK


def first_weekday(day: date) -> date:
    """The day itself, or the Monday after it; never a bank holiday."""
    while not is_business_day(day):
        day += DAY
    return day


def good_friday(year: int) -> date:
    """The one Friday of spring that is a bank holiday."""
    day = date(year, 3, 20)
    while day.weekday() != FRIDAY or is_business_day(day):
        day += DAY
    return day
