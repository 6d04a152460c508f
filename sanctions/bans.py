"""Bans: heard, confirmed or not, reviewed, lifted, withdrawn. Each verb raises Refused and then changes nothing."""

from datetime import date, datetime

from django.db import transaction

from conduct.models import User
from sanctions import diary, duties
from sanctions.dates import TermsFacts
from sanctions.ladder import Attempt
from sanctions.measures import made, move
from sanctions.models import Answer, Decision, Measure, Representation, SignOff, Telling
from sanctions.reviews import keep, renewed, reviewed, vary_on_review
from sanctions.standing import require
from sanctions.states import State

__all__ = [
    "answer", "confirm", "extend", "keep", "lift", "none_received", "not_confirm", "represent", "sign_off", "tell",
    "vary", "vary_on_review", "withdraw",
]  # fmt: skip


@transaction.atomic
def tell(ban: Measure, *, by: User, at: datetime, how: str) -> Telling:
    """Record that the person was told in words that a ban is in force."""
    require(ban, "tell", by=by, at=at)
    row = Telling.objects.create(measure=ban, how=how.strip(), at=at, by=by)
    move(ban, None, verb="tell", by=by, at=at)
    return row


@transaction.atomic
def represent(ban: Measure, *, by: User, at: datetime, text: str, complete: bool = False) -> Representation:
    """Record what the person says to the ban; `complete` when they have said that this is all."""
    require(ban, "represent", by=by, at=at)
    row = Representation.objects.create(measure=ban, text=text.strip(), complete=complete, at=at, by=by)
    move(ban, None, verb="represent", by=by, at=at, complete=complete)
    diary.reschedule(ban, at=at)
    return row


@transaction.atomic
def none_received(ban: Measure, *, by: User, at: datetime) -> Representation:
    """Record, once the deadline has passed, that no reply came. A later reply undoes it."""
    require(ban, "represent", by=by, at=at, attempt=Attempt(none_received=True))
    row = Representation.objects.create(measure=ban, none_received=True, at=at, by=by)
    move(ban, None, verb="none_received", by=by, at=at)
    return row


@transaction.atomic
def answer(ban: Measure, *, by: User, at: datetime, text: str, points: str = "") -> Answer:
    """The written answer to everything said so far; `points` is what was said, in short, as the letter repeats it."""
    require(ban, "answer", by=by, at=at)
    last_reply = ban.representations.filter(none_received=False).last()
    row = Answer.objects.create(
        measure=ban, last_reply=last_reply, text=text.strip(), points=points.strip(), at=at, by=by
    )
    move(ban, None, verb="answer", by=by, at=at)
    diary.reschedule(ban, at=at)
    return row


@transaction.atomic
def sign_off(ban: Measure, *, by: User, at: datetime, until: date) -> SignOff:
    """Chair or trust put their own name to the length of a ban, up to a date."""
    require(ban, "sign_off", by=by, at=at)
    row = SignOff.objects.create(measure=ban, until=until, at=at, by=by)
    move(ban, None, verb="sign_off", by=by, at=at, until=until)
    return row


def confirm(ban: Measure, **told: object) -> Decision:
    """Make the ban final on the terms given, or on those of its opening. Takes by, at, reasons, terms, equality."""
    return conclude(ban, "confirm", State.CONFIRMED, **told)  # type: ignore[arg-type]


def vary(ban: Measure, **told: object) -> Decision:
    """Make the ban final on other terms than the opening's. Takes by, at, reasons, terms, equality."""
    return conclude(ban, "vary", State.VARIED, **told)  # type: ignore[arg-type]


def not_confirm(ban: Measure, **told: object) -> Decision:
    """End the ban: it is not confirmed. Needs no waiting. Takes by, at, reasons."""
    return conclude(ban, "not_confirm", State.NOT_CONFIRMED, **told)  # type: ignore[arg-type]


@transaction.atomic
def conclude(
    ban: Measure,
    verb: str,
    to: State,
    *,
    by: User,
    at: datetime,
    reasons: str,
    terms: TermsFacts | None = None,
    equality: str = "",
) -> Decision:
    """Decide an opened ban, one way or another."""
    situation = require(ban, verb, by=by, at=at, attempt=Attempt(reasons=reasons, terms=terms, equality=equality))
    final = None if to is State.NOT_CONFIRMED else situation.terms
    decision = made(ban, verb, to, by=by, at=at, reasons=reasons, terms=final, equality=equality)
    duties.close_tasks(ban.case, duties.DECISION_TASKS, at=at, by=by)
    diary.reschedule(ban, at=at)
    return decision


@transaction.atomic
def extend(
    ban: Measure, *, by: User, at: datetime, reasons: str = "", terms: TermsFacts | None = None, equality: str = ""
) -> Decision:
    """On review, let the ban run longer: fresh reasons, a fresh end and review date."""
    return renewed(ban, "extend", State.EXTENDED, by=by, at=at, reasons=reasons, terms=terms, equality=equality)


@transaction.atomic
def lift(ban: Measure, *, by: User, at: datetime, reasons: str = "") -> Decision:
    """Lift the ban at once; the letter follows."""
    require(ban, "lift", by=by, at=at)
    return reviewed(made(ban, "lift", State.LIFTED, by=by, at=at, reasons=reasons))


@transaction.atomic
def withdraw(measure: Measure, *, by: User, at: datetime, reasons: str) -> Decision:
    """Withdraw a measure that was an error: at once, and out of the figures; the audit keeps it.

    It closes its own tasks alone: those of another ban of the case are still to be done.
    """
    require(measure, "withdraw", by=by, at=at)
    decision = made(measure, "withdraw", State.WITHDRAWN, by=by, at=at, reasons=reasons)
    if measure.response == "site_ban":
        duties.close_tasks(measure.case, duties.DECISION_TASKS, at=at, by=by, measure=measure)
    return reviewed(decision)
