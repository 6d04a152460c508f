"""Reviews: a ban, a plan, a block or a notice kept as it is, or changed. Each verb raises Refused and then changes nothing."""

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from conduct.models import User
from sanctions import diary, duties
from sanctions.dates import TermsFacts
from sanctions.ladder import PLANS, Attempt
from sanctions.measures import made
from sanctions.models import Decision, Measure
from sanctions.situation import read
from sanctions.standing import locked, require
from sanctions.states import State


@transaction.atomic
def keep(
    measure: Measure,
    *,
    by: User,
    at: datetime,
    reasons: str = "",
    review_on: date | None = None,
    run_out: bool = False,
) -> Decision:
    """On review, keep it as it is: with another review date, with the one it has, or to run out at its end."""
    so_far = terms_in_force(measure, by=by, at=at)
    terms = replace(so_far, review_on=None if run_out else review_on or so_far.review_on)
    require(measure, "keep", by=by, at=at, attempt=Attempt(reasons=reasons, terms=terms, run_out=run_out))
    return reviewed(made(measure, "keep", None, by=by, at=at, reasons=reasons, terms=terms, run_out=run_out))


def terms_in_force(measure: Measure, *, by: User, at: datetime) -> TermsFacts:
    """The terms that count at a moment; those last set where no letter has told any yet. Locks the case."""
    locked(measure.case)
    situation = read(measure, by=by, at=at)
    record = situation.plan or situation.ban
    settled = record.settled_at(at) if record else None
    return settled.terms if settled and settled.terms else situation.terms_so_far


@transaction.atomic
def vary_on_review(
    measure: Measure, *, by: User, at: datetime, reasons: str = "", terms: TermsFacts | None = None, equality: str = ""
) -> Decision:
    """On review, change the terms; they count from the letter that tells them."""
    to = None if measure.response in PLANS else State.VARIED
    return renewed(measure, "vary_on_review", to, by=by, at=at, reasons=reasons, terms=terms, equality=equality)


def renewed(
    measure: Measure,
    verb: str,
    to: State | None,
    *,
    by: User,
    at: datetime,
    reasons: str,
    terms: TermsFacts | None,
    equality: str,
) -> Decision:
    """Write down a review that sets new terms."""
    attempt = Attempt(reasons=reasons, terms=terms, equality=equality)
    situation = require(measure, verb, by=by, at=at, attempt=attempt)
    return reviewed(made(measure, verb, to, by=by, at=at, reasons=reasons, terms=situation.terms, equality=equality))


def reviewed(decision: Decision) -> Decision:
    """A review, or an early end, closes what asked for it and sets the next day to look."""
    measure = decision.measure
    duties.close_review(measure, at=decision.at, by=decision.by)
    diary.reschedule(measure, at=decision.at)
    return decision
