"""Appointments: a time at which somebody may come although a ban or a plan says otherwise. The gate shows them on their day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from conduct import audit
from conduct.calendar import LONDON, local_date, words
from conduct.models import Person, User, rows_of
from sanctions.ladder import Refusal
from sanctions.models import Appointment, Case
from sanctions.standing import Refused, locked, permit

EARLY = timedelta(minutes=15)  # whoever comes for half past is at the desk before it


@dataclass(frozen=True)
class Visit:
    """An appointment as the gate knows it: when, where, with whom; and whether its time is now, or over."""

    begins: datetime
    until: datetime
    place: str
    with_whom: str
    now: bool = False
    over: bool = False


@transaction.atomic
def arrange(
    case: Case, *, by: User, at: datetime, begins: datetime, until: datetime, place: str, with_whom: str
) -> Appointment:
    """Let the person come at a time, to a place. Raises Refused: `not-permitted`, or `wrong-state` for a closed case,
    a time that is over, or one that ends before it begins."""
    permit(by, case.school, "arrange_appointment", at)
    case = locked(case)
    if not case.is_open:
        raise Refused([Refusal("wrong-state", "The case is closed. An appointment belongs to an open case.")])
    if until <= begins:
        raise Refused([Refusal("wrong-state", "It ends before it begins. Put the end after the beginning.")])
    if until <= at:
        text = f"That time on {words(local_date(begins))} is over. Choose one that is still to come."
        raise Refused([Refusal("wrong-state", text)])
    place, with_whom = place.strip(), with_whom.strip()
    same = {"begins": begins, "until": until, "place": place, "with_whom": with_whom}
    arranged = case.appointments.filter(cancelled_at=None, **same).first()
    if arranged is not None:  # the same form, sent twice
        return arranged
    made = Appointment.objects.create(case=case, **same, at=at, by=by)
    audit.record("arrange_appointment", by=by, at=at, school=case.school, about=case.reference, changes=same)
    return made


@transaction.atomic
def cancel(appointment: Appointment, *, by: User, at: datetime) -> None:
    """Call an appointment off. One that was called off before stays as it was; one that is over is `wrong-state`."""
    case = locked(appointment.case)
    permit(by, case.school, "arrange_appointment", at)
    appointment.refresh_from_db()
    if appointment.cancelled_at is not None:
        return
    if appointment.until <= at:
        raise Refused([Refusal("wrong-state", "This appointment is over: it cannot be called off any more.")])
    appointment.cancelled_at, appointment.cancelled_by = at, by
    appointment.save(update_fields=["cancelled_at", "cancelled_by"])
    told = {"begins": appointment.begins, "place": appointment.place}
    audit.record("cancel_appointment", by=by, at=at, school=case.school, about=case.reference, changes=told)


def standing() -> QuerySet[Appointment]:
    """The appointments that nobody has called off."""
    return Appointment.objects.filter(cancelled_at=None)


def of_today(people: Iterable[Person], at: datetime) -> dict[int, tuple[Visit, ...]]:
    """The appointments of the day, by person, in their order, under whichever row they were made. One query."""
    midnight = datetime.combine(local_date(at), time.min, LONDON)
    stands = {p.pk: p.standing_id for p in people}
    rows = standing().filter(until__gt=midnight, begins__lt=midnight + timedelta(days=1))
    rows = rows.filter(case__person__in=rows_of(set(stands.values())))
    found: dict[int, tuple[Visit, ...]] = {}
    for row in rows.annotate(whose=Coalesce("case__person__identity", "case__person")):
        now, over = row.begins - EARLY <= at <= row.until, at > row.until
        found[row.whose] = (
            *found.get(row.whose, ()),
            Visit(row.begins, row.until, row.place, row.with_whom, now, over),
        )
    return {pk: found.get(whose, ()) for pk, whose in stands.items()}
