"""The dates of a communication plan, a channel block or a vexatious notice, computed from what was recorded: pure.

They run from the issue of their letter (not before their start) to their last day, are reviewed on their review date, and
end by themselves. Terms changed on a review count from the issue of the letter that tells them; until then the old ones
hold, and the old end with them. Rules: `dated`, sections 3 "In force" and 4.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from conduct.calendar import LONDON, local_date
from sanctions.dates import Due, Step, TermsFacts
from sanctions.states import State


@dataclass(frozen=True)
class PlanRecord:
    """What was recorded of one plan, block or notice, in order of time; `state` is as last written."""

    state: State
    steps: tuple[Step, ...] = ()
    ended_at: datetime | None = None  # when it was ended on review, or withdrawn

    @cached_property
    def settled(self) -> tuple[tuple[datetime, Step], ...]:
        """Each set of terms with the moment from which it counts; those that no letter has told yet are left out."""
        counted = []
        for step in self.steps:
            since = step.at if step.verb == "keep" else step.letter_at
            if step.terms and since:
                counted.append((since, step))
        return tuple(sorted(counted, key=lambda each: each[0]))

    def settled_at(self, at: datetime) -> Step | None:
        """The decision whose terms count at a moment; None before the first letter is issued."""
        return next((step for since, step in reversed(self.settled) if since <= at), None)

    def terms_at(self, at: datetime) -> TermsFacts:
        step = self.settled_at(at)
        return step.terms if step and step.terms else TermsFacts()

    def terms_on(self, day: date) -> TermsFacts:
        """The terms that counted at the end of a day."""
        return self.terms_at(datetime.combine(day + timedelta(days=1), time.min, LONDON))

    @property
    def first_day(self) -> date | None:
        """The first day on which it applies."""
        if not self.settled:
            return None
        issued_at, first = self.settled[0]
        issued_on = local_date(issued_at)
        return max(first.terms.starts, issued_on) if first.terms and first.terms.starts else issued_on

    def in_force(self, at: datetime) -> bool:
        """Whether it applies at a moment."""
        ends, first = self.terms_at(at).ends, self.first_day
        if ends is None or first is None or (self.ended_at is not None and at >= self.ended_at):
            return False
        return first <= local_date(at) <= ends

    def end_and_review(self, at: datetime) -> tuple[date | None, date | None]:
        """End and review as they count at a moment: empty until its letter is issued."""
        terms = self.terms_at(at)
        return terms.ends, terms.review_on

    def state_on(self, at: datetime) -> State:
        """The state at a moment: it has ended once its last day is past, whether or not it was swept."""
        ends = self.terms_at(at).ends
        if self.state is State.IN_FORCE and ends is not None and ends < local_date(at):
            return State.ENDED
        return self.state

    def agenda(self, at: datetime) -> tuple[Due, ...]:
        """The days on which something falls due, in order."""
        if self.state is not State.IN_FORCE:
            return ()
        return tuple(self.falling_due(at))  # a review comes before the end

    def falling_due(self, at: datetime) -> Iterator[Due]:
        terms = self.terms_at(at)
        if terms.ends is None:
            return
        if terms.review_on and not self.outcome_pending:
            yield Due(terms.review_on, "plan_review", terms.review_on)
        yield Due(terms.ends + timedelta(days=1), "end", terms.ends)

    @property
    def outcome_pending(self) -> bool:
        """It was reviewed, and the letter that tells the new terms is not issued."""
        return any(step.verb == "vary_on_review" and step.letter_at is None for step in self.steps[-1:])
