"""Somebody banned is on the site now: the breach is logged, an expected visit noted, or a ban told to who may not know."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from conduct import audit, register
from conduct.calendar import LONDON, local_date, words
from conduct.code import BREACH_OF_BAN
from conduct.models import Person, User
from incidents.models import Incident
from sanctions import bans, cases, gate, inquiry
from sanctions.ladder import Refusal
from sanctions.models import Measure, Telling
from sanctions.standing import Refused, permit

SAME_VISIT = timedelta(minutes=30)  # within it, a second record is likely to be of the same visit


@dataclass(frozen=True)
class Standing:
    """How a person stands to the site at a moment: the ban in force, if there is one, and whether they know of it."""

    ban: Measure | None = None
    told: bool = False
    recorded_at: datetime | None = None  # when they were last recorded as here, if that is not long ago


def standing(person: Person, at: datetime) -> Standing:
    """How a person stands to the site now."""
    in_force = inquiry.bans_in_force(person, at)
    if not in_force:
        return Standing()
    ban, told = max(in_force, key=lambda each: each[1])
    since = Incident.objects.counting().filter(subject__in=person.rows(), place="site", clauses__clause=BREACH_OF_BAN)
    last = since.filter(logged_at__gt=at - SAME_VISIT, logged_at__lte=at).order_by("-logged_at").first()
    return Standing(ban, told, last.logged_at if last else None)


@transaction.atomic
def here_now(person: Person, *, by: User, at: datetime, token: UUID, seen_by: str = "", sentence: str = "") -> Incident:
    """Log that somebody came on to the site although banned, and all that follows. Raises Refused: `not-permitted`, or
    `wrong-state` where no ban of which they know is in force. The same token again gives the same incident.

    The text is fixed: it may stand in a letter, so it names nobody. Who saw it, if not `by`, is kept beside it.
    """
    permit(by, person.school, "here_now", at)
    cases.held(person)  # of two presses at once, one waits for the other
    before = Incident.objects.filter(token=token, logged_by=by, subject__in=person.rows()).first()
    if before is not None:
        return before
    if Incident.objects.filter(token=token).exists():
        raise Refused([Refusal("wrong-state", "This form was used for something else. Look them up again.")])
    if not standing(person, at).told:
        text = "No ban is in force of which they have been told, so this is no breach. Look them up again."
        raise Refused([Refusal("wrong-state", text)])
    return inquiry.log_incident(
        by=by,
        at=at,
        subject=person,
        clauses=[BREACH_OF_BAN],
        place="site",
        narrative=told_of(at, seen_by, sentence),
        on_behalf_name=seen_by,
        token=token,
        deed="here_now",
    )


def told_of(at: datetime, seen_by: str, sentence: str) -> str:
    """What the record says, in the same neutral words each time."""
    moment = f"{words(local_date(at))} at {at.astimezone(LONDON):%H:%M}"
    who = "somebody who told the desk" if seen_by.strip() else "the member of staff who recorded it"
    fixed = f"They were on the school site on {moment}, while a ban from the site was in force. Seen by {who}."
    return f"{fixed} {sentence.strip()}".strip()


@transaction.atomic
def came_as_expected(person: Person, *, by: User, at: datetime) -> None:
    """Note that somebody came for an appointment, or for what the terms of their ban leave open. It is no breach.
    Raises Refused: `not-permitted`, or `wrong-state` where nothing is open to them now."""
    permit(by, person.school, "here_now", at)
    applies = gate.applies_to([person], person.school, at)[person.pk]
    visit = applies.expected
    if not (visit or applies.exceptions):
        raise Refused([Refusal("wrong-state", "No appointment and no exception covers this visit.")])
    told = {"appointment": visit.begins, "place": visit.place} if visit else {"exceptions": applies.exceptions}
    audit.record("came_as_expected", by=by, at=at, school=person.school, about=register.about(person), changes=told)


def tell_now(person: Person, *, by: User, at: datetime, sentence: str = "") -> Telling:
    """Record that somebody who came on to the site was told there of the ban in force. Raises Refused."""
    ban = standing(person, at).ban
    if ban is None:
        raise Refused([Refusal("wrong-state", "No ban of theirs is in force now: there is nothing to tell.")])
    return bans.tell(ban, by=by, at=at, how=f"In words, on the site, by {by}. {sentence}")
