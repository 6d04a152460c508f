"""Communication plans, channel blocks and vexatious notices while they run: contacts, reviews, their end."""

from datetime import date, datetime

from django.db import transaction

from conduct.calendar import local_date
from conduct.models import User
from sanctions.measures import made, move
from sanctions.models import Contact, Decision, Measure
from sanctions.reviews import keep, reviewed, vary_on_review
from sanctions.standing import require
from sanctions.states import State

__all__ = ["end", "keep", "log_contact", "vary_on_review"]


@transaction.atomic
def log_contact(
    plan: Measure, *, by: User, at: datetime, method: str, text: str = "", on: date | None = None
) -> Contact:
    """Record that the person got in touch; `on` is the day, today where nothing is said. Nothing follows from it by itself."""
    require(plan, "log_contact", by=by, at=at)
    row = Contact.objects.create(measure=plan, method=method, text=text.strip(), on=on or local_date(at), at=at, by=by)
    move(plan, None, verb="log_contact", by=by, at=at, method=method)
    return row


@transaction.atomic
def end(measure: Measure, *, by: User, at: datetime, reasons: str = "") -> Decision:
    """On review, end a plan, a block or a notice at once; the letter follows."""
    require(measure, "end", by=by, at=at)
    return reviewed(made(measure, "end", State.ENDED, by=by, at=at, reasons=reasons))
