"""The dates of a ban, computed from what was recorded: pure, and the only place where they are computed.

`BanRecord` holds what happened (decisions, their terms, when the letters were issued and taken as received); everything
else follows: in force or not, the window for a reply, the latest day to decide, end and review, lapse, and the agenda of
days on which something falls due. Rules: `dated`, `hear-first`, section 3 "In force" and section 5.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from conduct.calendar import Calendar, Computed, local_date, window, words
from conduct.code import Timers
from sanctions.states import ENDED_BY_DEED, State

CONFIRMATIONS = frozenset({"confirm", "vary"})
REVIEWS = frozenset({"keep", "extend", "vary_on_review"})
NEW_TERMS = CONFIRMATIONS | {"extend", "vary_on_review"}  # decisions whose terms count from their letter


@dataclass(frozen=True)
class TermsFacts:
    """Terms of a measure as plain values."""

    starts: date | None = None
    ends: date | None = None
    review_on: date | None = None
    latest_decision_on: date | None = None
    scope: str = ""
    exceptions: str = ""
    contact_who: str = ""
    contact_methods: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    handover: tuple[tuple[int, str], ...] = ()
    when: str = ""
    where: str = ""
    attends: str = ""
    ways: tuple[tuple[str, str, str], ...] = ()  # of a plan: purpose, method, member of staff
    deputy: str = ""
    cap: str = ""
    reply_days: int | None = None  # school days within which the school promises to answer


@dataclass(frozen=True)
class Step:
    """A decision about a measure, and when the letter that tells it was first issued."""

    verb: str
    at: datetime
    by: int
    terms: TermsFacts | None = None
    letter_at: datetime | None = None
    run_out: bool = False


class Receipt(NamedTuple):
    """A letter as served: when it was issued, and the day on which it is taken as received, unless it came back."""

    issued_at: datetime
    received: Computed
    came_back_on: date | None = None  # and it has not gone out again
    again: bool = False  # it left more than once


class Period(NamedTuple):
    """Days on which a ban is in force, both included, from a moment on the first of them."""

    from_moment: datetime | None
    first: date
    last: date

    def holds(self, at: datetime) -> bool:
        begun = self.from_moment is None or at >= self.from_moment
        return begun and self.first <= local_date(at) <= self.last


class Due(NamedTuple):
    """Something that falls due: a task kind, or `lapse` or `end`; from the day `on`, to be done by the day `by`."""

    on: date
    kind: str
    by: date


PASSING = ("lapse", "end")


@dataclass(frozen=True)
class BanRecord:
    """What was recorded of one ban, in order of time; `state` is as last written."""

    opening: str
    state: State
    calendar: Calendar
    timers: Timers
    steps: tuple[Step, ...] = ()
    opening_letters: tuple[Receipt, ...] = ()
    ended_at: datetime | None = None  # when it was lifted, withdrawn or not confirmed
    replies_answered_at: datetime | None = None  # when the last of replies said to be complete had been answered
    opening_terms: TermsFacts = field(default_factory=TermsFacts)

    @cached_property
    def confirmation(self) -> Step | None:
        return next((s for s in self.steps if s.verb in CONFIRMATIONS), None)

    @cached_property
    def came_back_on(self) -> date | None:
        """When the opening letter came back, while it has not gone out again: nobody has been asked, no clock runs."""
        return self.opening_letters[-1].came_back_on if self.opening_letters else None

    @cached_property
    def window(self) -> Computed | None:
        """Until when the person may reply: the later service of the opening letter starts it again, within limits."""
        if not self.opening_letters or self.came_back_on:
            return None
        last = self.opening_letters[-1]
        until, again = self.window_after(last.received.on), last.again or len(self.opening_letters) > 1
        limit = self.opening_terms.latest_decision_on
        if self.opening == "provisional" and limit and again and until.on > limit:
            return Computed(limit, f"{until.how} No later than the latest decision date, {words(limit)}.")
        return Computed(until.on, f"{last.received.how} {until.how}")

    def window_after(self, received: date) -> Computed:
        """The window of a letter received on that day."""
        return window(
            self.calendar,
            received,
            provisional=self.opening == "provisional",
            school_days=self.timers.representations_school_days,
            business_days=self.timers.representations_business_days,
        )

    @cached_property
    def decision_by(self) -> date | None:
        """Within 5 school days of the window's last day, and never later than the latest decision date. With the letter
        come back, the last day on which the opening stands."""
        if self.window is None:
            return self.lapses_after
        by = self.calendar.school_day_after(self.window.on, self.timers.decision_school_days)
        limit = self.opening_terms.latest_decision_on
        return min(by, limit) if self.opening == "provisional" and limit else by

    @cached_property
    def lapses_after(self) -> date | None:
        """The last day on which an unheard or undecided opening still stands.

        So that nothing hangs for ever, an intent whose letter came back lapses as if it had been handed over that day.
        """
        if not self.opening_letters:
            return None
        if self.opening == "provisional":
            return self.opening_terms.latest_decision_on
        until = self.window
        if self.came_back_on:
            until = self.window_after(max(self.came_back_on, self.opening_letters[-1].received.on))
        assert until is not None
        return self.calendar.school_day_after(until.on, self.timers.intent_lapse_school_days)

    @cached_property
    def settled(self) -> tuple[tuple[datetime, Step], ...]:
        """Each set of final terms with the moment from which it counts; those whose letter is not issued are left out."""
        counted: list[tuple[datetime, Step]] = []
        for step in self.steps:
            if step.verb in NEW_TERMS:
                if step.letter_at and step.terms:
                    counted.append((step.letter_at, step))
            elif step.verb == "keep" and counted and step.terms:
                # Kept at once; before any letter has told final terms, with the first that does.
                told_before = any(since <= step.at for since, _ in counted)
                counted.append((step.at if told_before else counted[-1][0], step))
        return tuple(sorted(counted, key=lambda each: each[0]))

    @property
    def letter_pending(self) -> bool:
        """A confirmation, variation or extension has been decided and its letter is not issued."""
        last = next((s for s in reversed(self.steps) if s.verb in NEW_TERMS), None)
        return last is not None and last.letter_at is None

    def settled_at(self, at: datetime) -> Step | None:
        """The decision whose terms count at a moment; None before a confirmation's letter is issued."""
        return next((step for since, step in reversed(self.settled) if since <= at), None)

    def periods(self) -> Iterator[Period]:
        """The stretches of days for which the ban was, is or will be in force, on what is recorded now."""
        if not self.opening_letters:
            return
        issued_at, start = self.opening_letters[0].issued_at, self.opening_terms.starts
        if self.opening == "provisional" and start and self.opening_terms.latest_decision_on:
            last = self.opening_terms.latest_decision_on
            if self.settled:  # final terms take over, and may end sooner
                last = min(last, local_date(self.settled[0][0]))
            yield Period(issued_at, max(start, local_date(issued_at)), last)
        for n, (since, step) in enumerate(self.settled):
            assert step.terms is not None
            if step.terms.ends is None:
                continue
            first = local_date(since)
            if n == 0 and self.opening == "intent" and step.terms.starts:
                first = max(first, step.terms.starts)
            elif n and self.opening == "intent" and self.settled[0][1].terms and self.settled[0][1].terms.starts:
                first = max(first, self.settled[0][1].terms.starts)
            superseded = self.settled[n + 1][0] if n + 1 < len(self.settled) else None
            last = min(step.terms.ends, local_date(superseded)) if superseded else step.terms.ends
            yield Period(since, first, last)

    def in_force(self, at: datetime) -> bool:
        """Whether the person is banned at a moment."""
        if self.ended_at is not None and at >= self.ended_at:
            return False
        settled = self.settled_at(at)
        periods = list(self.periods())
        if settled is not None:
            periods = [p for p in periods if p.from_moment and p.from_moment >= self.settled[0][0]]
            current = [p for p in periods if p.from_moment and p.from_moment <= at][-1:]
            return any(p.holds(at) for p in current)
        return any(p.holds(at) for p in periods[:1] if self.opening == "provisional")

    def first_day(self, assumed: date) -> date:
        """The first day in force; for a ban not yet in force, its start or the day assumed, whichever is later."""
        first = next((p.first for p in self.periods()), None)
        return first if first is not None else assumed

    def last_day_in_force(self) -> date | None:
        return max((p.last for p in self.periods()), default=None)

    def end_and_review(self, at: datetime) -> tuple[date | None, date | None]:
        """End and review as they count at a moment: empty until a confirmation's letter is issued."""
        step = self.settled_at(at)
        return (step.terms.ends, step.terms.review_on) if step and step.terms else (None, None)

    def state_on(self, at: datetime) -> State:
        """The state at a moment: a ban whose date has passed has lapsed, or ended, whether or not it was swept."""
        passed = next((due for due in self.agenda(at) if due.kind in PASSING and due.on <= local_date(at)), None)
        if passed is None or self.state in ENDED_BY_DEED:
            return self.state
        return State.ENDED if passed.kind == "end" else State.LAPSED

    def agenda(self, at: datetime) -> tuple[Due, ...]:
        """The days on which something falls due for a ban that nobody has ended, in order."""
        if self.state in ENDED_BY_DEED or not self.opening_letters:
            return ()
        due = self.agenda_when_final(at) if self.confirmation else self.agenda_when_open()
        # What a passing date closes comes before it on the same day.
        return tuple(sorted(due, key=lambda d: (d.on, d.kind in PASSING, d.kind)))

    def agenda_when_open(self) -> Iterator[Due]:
        # While the letter is back, nobody who has not replied is heard: what is left is the last day.
        closes = self.window.on if self.window else self.lapses_after
        if closes and self.decision_by:
            window_closed = closes + timedelta(days=1)
            if self.replies_answered_at is not None:
                window_closed = min(window_closed, local_date(self.replies_answered_at))
            yield Due(window_closed, "decision_due", self.decision_by)
            yield Due(self.decision_by + timedelta(days=1), "decision_overdue", self.decision_by)
        if self.opening == "provisional" and self.opening_terms.starts:
            alert_on = self.opening_terms.starts + timedelta(days=self.timers.provisional_alert_days)
            yield Due(alert_on, "provisional_alert", alert_on)
        if self.lapses_after:
            yield Due(self.lapses_after + timedelta(days=1), "lapse", self.lapses_after)

    def agenda_when_final(self, at: datetime) -> Iterator[Due]:
        step = self.settled_at(at)
        if self.letter_pending or step is None or step.terms is None or step.terms.ends is None:
            return  # decided, and what was decided counts from its letter: nobody need look again before that
        if step.terms.review_on and not step.run_out:
            first = self.calendar.school_day_before(step.terms.review_on, max(self.timers.review_reminders))
            yield Due(first, "review_due", step.terms.review_on)
            yield Due(step.terms.review_on + timedelta(days=1), "review_overdue", step.terms.review_on)
        yield Due(step.terms.ends + timedelta(days=1), "end" if step.run_out else "lapse", step.terms.ends)


def months_away(day: date, months: int) -> date:
    """The same day of a month that many months later (or earlier); the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def days_in_all(first: date, last: date) -> int:
    """Days from first to last, both counted."""
    return (last - first).days + 1
