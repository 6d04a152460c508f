"""Days counted from the present, so that the world looks alive whatever the day is: term, Christmas or August. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from conduct.calendar import LONDON, Calendar, deemed_receipt, local_date, window

LONGEST_PROVISIONAL = 45  # days from the start of a provisional ban to its latest decision date
NOTICE_DAYS = 10  # school days for which the gate list shows a lapsed ban


def moment(day: date, clock: str) -> datetime:
    """A moment of local time, such as moment(day, "08:50"), in UTC."""
    return datetime.combine(day, time.fromisoformat(clock), LONDON).astimezone(UTC)


@dataclass(frozen=True)
class Days:
    """A school's calendar, seen from now."""

    calendar: Calendar
    now: datetime

    @property
    def today(self) -> date:
        return local_date(self.now)

    def ago(self, count: int) -> date:
        """The school day that many school days before today."""
        return self.calendar.school_day_before(self.today, count)

    def after(self, day: date, count: int) -> date:
        return self.calendar.school_day_after(day, count)

    def before(self, day: date, count: int) -> date:
        return self.calendar.school_day_before(day, count)

    def from_(self, day: date) -> date:
        """The first school day on or after a day."""
        return self.calendar.school_day_after(day - timedelta(days=1), 1)

    def business(self, day: date) -> date:
        """The first business day on or after a day."""
        return self.calendar.business_day_after(day - timedelta(days=1), 1)

    def latest_decision(self, start: date) -> date:
        """The last business day on which a provisional ban from `start` may still be decided."""
        day = start + timedelta(days=LONGEST_PROVISIONAL)
        while not self.calendar.is_business_day(day):
            day -= timedelta(days=1)
        return day

    def start_from(self, day: date, needed: int) -> date:
        """The first school day from `day` on with that many school days before a provisional ban would lapse."""
        start = self.from_(day)
        while self.after(start, needed) >= self.latest_decision(start):
            start = self.after(start, 1)
        return start

    def school_days(self, first: date, last: date) -> Iterator[date]:
        return (day for day in between(first, last) if self.calendar.is_school_day(day))

    def working_days(self, first: date, last: date) -> Iterator[date]:
        """School days, and after these the other business days: in August it is the head who writes."""
        others = (d for d in between(first, last) if self.calendar.is_business_day(d))
        return chain(self.school_days(first, last), others)

    def window_after(self, issued: date, method: str) -> date:
        """The last day for a reply to a provisional ban whose letter leaves on that day."""
        received = deemed_receipt(method, moment(issued, "15:30")).on
        return window(self.calendar, received, provisional=True).on

    def closing_soon(self) -> tuple[date, str]:
        """When and how a provisional ban's letter left whose window closes this week, or as soon after as can be."""
        sunday = self.today + timedelta(days=6 - self.today.weekday())
        first, last = self.today - timedelta(days=LONGEST_PROVISIONAL), self.today - timedelta(days=1)
        ranked = []
        for n, day in enumerate(self.working_days(first, last)):
            for method in ("post", "hand"):
                until = self.window_after(day, method)
                late = max((until - sunday).days, 0)
                if self.today <= until <= self.latest_decision(day):
                    ranked.append((late, -until.toordinal() if not late else 0, n, day, method))
        return min(ranked)[-2:]

    def lapsed_lately(self) -> tuple[date, date]:
        """Start and latest decision date of a provisional ban that lapsed, and is still worth a call at the gate."""
        last_days = [
            day
            for day in between(self.today - timedelta(days=90), self.today - timedelta(days=1))
            if self.calendar.is_business_day(day) and self.after(day, NOTICE_DAYS) >= self.today
        ]
        last_days.sort(key=lambda day: abs(self.calendar.school_days_between(day, self.today) - 4))
        spans = [(self.school_days, end) for end in last_days] + [(self.working_days, end) for end in last_days]
        for pick, end in spans:
            for start in pick(end - timedelta(days=LONGEST_PROVISIONAL), end - timedelta(days=14)):
                if self.window_after(start, "post") <= end:
                    return start, end
        raise ValueError(f"no ban can have lapsed lately on {self.today}")

    def review_ahead(self, count: int, needed: int) -> tuple[date, date, date]:
        """Start, review and end of a ban under 90 days whose review is `count` school days ahead.

        Its decision, `needed` school days after the start, is in the past.
        """
        review = self.after(self.today, count)
        end = self.business(review + timedelta(days=7))
        start = self.start_from(end - timedelta(days=87), needed)
        if self.after(start, needed) >= self.today:
            raise ValueError(f"no ban can have its review {count} school days after {self.today}")
        return start, review, end


def between(first: date, last: date) -> Iterator[date]:
    """Every day, both ends included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
