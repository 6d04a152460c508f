"""Looking after staff: injuries with what the injury rules ask for, and talks with those whom an incident touched."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from conduct import audit
from conduct.calendar import local_date, words
from conduct.models import School, User
from conduct.roles import Role, may
from incidents import injuries
from incidents.models import CheckIn, Incident, Injury
from sanctions.ladder import Refusal
from sanctions.standing import Refused, locked, permit

CHECK_IN_SCHOOL_DAYS = 5


@transaction.atomic
def record_injury(
    incident: Incident,
    *,
    by: User,
    at: datetime,
    what: str,
    treatment: str,
    user: User | None = None,
    name: str = "",
    specified: bool = False,
    away_from: date | None = None,
    back_on: date | None = None,
) -> Injury:
    """Record that somebody was hurt. The audit says that it was recorded, and nothing of what."""
    permit(by, incident.school, "record_injury", at)
    locked(incident.in_case.case)
    told = {"what": what.strip(), "treatment": treatment, "specified": specified}
    days = {"away_from": away_from, "back_on": back_on}
    injury = Injury.objects.create(incident=incident, user=user, name=name.strip(), at=at, by=by, **told, **days)
    audit.record("record_injury", by=by, at=at, school=incident.school, about=incident.reference)
    return injury


def may_see(injury: Injury, user: User, roles: frozenset[Role]) -> bool:
    """Whether somebody may read what is written of an injury: senior staff and head, and whoever recorded it."""
    return may(roles, "see_injuries") or injury.by_id == user.pk


def refuse_stranger(injury: Injury, by: User, at: datetime) -> None:
    """Refuse whoever may not read an injury to change it."""
    roles = by.roles_at(injury.incident.school, local_date(at))
    if not (may(roles, "record_injury") and may_see(injury, by, roles)):
        permit(by, injury.incident.school, "see_injuries", at)


@transaction.atomic
def change_injury(injury: Injury, *, by: User, at: datetime, **changed: Any) -> None:
    """Set what became known later: how grave it is, the treatment, the days away. The audit keeps what was."""
    refuse_stranger(injury, by, at)
    locked(injury.incident.in_case.case)
    injury.refresh_from_db()
    was = {
        field: [getattr(injury, field), value] for field, value in changed.items() if getattr(injury, field) != value
    }
    for field, value in changed.items():
        setattr(injury, field, value)
    injury.save(update_fields=list(changed))
    audit.record(
        "change_injury", by=by, at=at, school=injury.incident.school, about=injury.incident.reference, changes=was
    )


@transaction.atomic
def report_injury(injury: Injury, *, by: User, at: datetime, reported_on: date, report_reference: str = "") -> None:
    """Record that the report which the injury rules ask for has been made."""
    permit(by, injury.incident.school, "see_injuries", at)
    locked(injury.incident.in_case.case)
    injury.refresh_from_db()
    if injury.reported_on is not None:
        text = (
            f"It was recorded already that this was reported on {words(injury.reported_on)}. Nothing was changed now."
        )
        raise Refused([Refusal("wrong-state", text)])
    injury.reported_on, injury.report_reference = reported_on, report_reference.strip()
    injury.save(update_fields=["reported_on", "report_reference"])
    changes = {"reported_on": reported_on, "reference": report_reference}
    about = injury.incident.reference
    audit.record("report_injury", by=by, at=at, school=injury.incident.school, about=about, changes=changes)


def unreported(school: School) -> QuerySet[Injury]:
    """The injuries of a school of which a report may be due: not reported, and grave or long enough."""
    long_enough = Q(away_from__isnull=False) & (Q(back_on=None) | Q(back_on__gt=F("away_from") + timedelta(days=7)))
    rows = Injury.objects.filter(long_enough | Q(specified=True), incident__school=school, reported_on=None)
    return rows.select_related("incident__in_case__case").order_by("pk")


def reports_due(rows: Iterable[Injury], today: date) -> list[tuple[Injury, injuries.Report]]:
    """Those of which the rules ask for a report on a day, each with by when and why."""
    found = [(i, injuries.of(i, today)) for i in rows]
    return [(injury, report) for injury, report in found if report.state == injuries.ASKED]


# -- talks --------------------------------------------------------------------------------------------------------


def offered_day(school: School, at: datetime) -> date:
    """The day on which a talk is offered unless another is chosen: five school days on."""
    return school.calendar.school_day_after(local_date(at), CHECK_IN_SCHOOL_DAYS)


@transaction.atomic
def arrange_check_in(
    incident: Incident, *, by: User, at: datetime, due_on: date, user: User | None = None, name: str = ""
) -> CheckIn:
    """Arrange a talk with somebody whom an incident touched. Asked twice for the same person, it is one."""
    permit(by, incident.school, "check_in", at)
    locked(incident.in_case.case)
    waiting = incident.check_ins.filter(user=user, name=name.strip(), done_at=None).first()
    if waiting is not None:
        return move_check_in(waiting, by=by, at=at, due_on=due_on)
    check_in = CheckIn.objects.create(incident=incident, user=user, name=name.strip(), due_on=due_on, at=at, by=by)
    changes = {"with": str(user or name), "due_on": due_on}
    audit.record("arrange_check_in", by=by, at=at, school=incident.school, about=incident.reference, changes=changes)
    return check_in


@transaction.atomic
def move_check_in(check_in: CheckIn, *, by: User, at: datetime, due_on: date) -> CheckIn:
    """Put a talk on another day; on the same one nothing changes."""
    incident = check_in.incident
    permit(by, incident.school, "check_in", at)
    if check_in.due_on != due_on:
        changes = {"with": str(check_in.user or check_in.name), "due_on": [check_in.due_on, due_on]}
        check_in.due_on = due_on
        check_in.save(update_fields=["due_on"])
        audit.record("move_check_in", by=by, at=at, school=incident.school, about=incident.reference, changes=changes)
    return check_in


@transaction.atomic
def hold_check_in(check_in: CheckIn, *, by: User, at: datetime, note: str) -> None:
    """Record that a talk was held, and what came of it."""
    incident = check_in.incident
    permit(by, incident.school, "check_in", at)
    locked(incident.in_case.case)
    check_in.refresh_from_db()
    if check_in.done_at is not None:
        day = words(local_date(check_in.done_at))
        text = (
            f"It was recorded on {day} by {check_in.done_by} that this talk was held. Arrange another, if it is needed."
        )
        raise Refused([Refusal("wrong-state", text)])
    check_in.done_at, check_in.done_by, check_in.note = at, by, note.strip()
    check_in.save(update_fields=["done_at", "done_by", "note"])
    changes = {"with": str(check_in.user or check_in.name)}
    audit.record("hold_check_in", by=by, at=at, school=incident.school, about=incident.reference, changes=changes)
