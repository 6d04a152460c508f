"""Writing down what happened. These functions keep the record; who may, and what follows, is said by `sanctions`."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from conduct import audit, register
from conduct.calendar import local_date
from conduct.code import SEVERITIES
from conduct.models import Person, School, User, next_reference
from incidents import wording
from incidents.models import Incident, IncidentClause, Reclassification, Step, Witness
from incidents.wording import Remark


def worse(one: str, other: str) -> str:
    """The graver of two severities."""
    return max(one, other, key=SEVERITIES.index)


def record_incident(
    *,
    by: User,
    at: datetime,
    subject: Person,
    clauses: Iterable[str],
    place: str,
    narrative: str,
    severity: str,
    occurred_at: datetime,
    added_clauses: Iterable[str] = (),
    harmed: Iterable[User] = (),
    witnesses: Iterable[str] = (),
    token: UUID | None = None,
    online_is: str = "",
    event: UUID | None = None,
    on_behalf_of: User | None = None,
    on_behalf_name: str = "",
    **immediate: bool,
) -> Incident:
    """Record one person's alleged conduct under the policy in force when it happened.

    `event` is the same for all whom one report tells of. `on_behalf_of`, or for somebody without an account
    `on_behalf_name`, is who was there, where `by` was not. `immediate` takes danger, within_exception, ended_interaction
    and asked_to_leave. `added_clauses` are those that the program adds to what was ticked.
    """
    school = subject.school
    incident = Incident.objects.create(
        school=school,
        adoption=school.adoption_on(local_date(occurred_at)),
        reference=next_reference(school, "I", at),
        subject=subject,
        logged_at=at,
        logged_by=by,
        occurred_at=occurred_at,
        place=place,
        narrative=narrative.strip(),
        severity=severity,
        token=token,
        online_is=online_is,
        event=event,
        on_behalf_of=on_behalf_of,
        on_behalf_name=on_behalf_name.strip(),
        **immediate,
    )
    ticked = list(dict.fromkeys(clauses))
    rows = [(c, False) for c in ticked] + [(c, True) for c in added_clauses if c not in ticked]
    IncidentClause.objects.bulk_create(IncidentClause(incident=incident, clause=c, by_program=p) for c, p in rows)
    Witness.objects.bulk_create(Witness(incident=incident, name=n.strip()) for n in witnesses if n.strip())
    incident.harmed.set(harmed)
    audit_logged(incident, [c for c, _ in rows])
    return incident


def audit_logged(incident: Incident, clauses: list[str]) -> None:
    """The audit row of a new incident."""
    changes = {"subject": incident.subject, "clauses": clauses, "severity": incident.severity, "place": incident.place}
    if incident.told_by:
        changes["on_behalf_of"] = incident.told_by
    by, at, school = incident.logged_by, incident.logged_at, incident.school
    audit.record("log_incident", by=by, at=at, school=school, about=incident.reference, changes=changes)


def record_step(incident: Incident, *, by: User, at: datetime, kind: str) -> Step:
    """Say that one of the first things to do is done; said again, the first word stands."""
    step, made = Step.objects.get_or_create(incident=incident, kind=kind, defaults={"at": at, "by": by})
    if made:
        audit.record(
            "take_step", by=by, at=at, school=incident.school, about=incident.reference, changes={"step": kind}
        )
    return step


def told_together(incident: Incident) -> QuerySet[Incident]:
    """The incidents of everybody of whom the same report told, this one among them, as they were told."""
    if incident.event is None:
        return Incident.objects.filter(pk=incident.pk)
    return Incident.objects.filter(event=incident.event, school=incident.school_id).order_by("pk")


def reclassify(incident: Incident, *, by: User, at: datetime, severity: str, reason: str) -> Reclassification:
    """Record another severity, with its reason."""
    change = Reclassification.objects.create(
        incident=incident, was=incident.severity, now=severity, reason=reason, at=at, by=by
    )
    incident.severity = severity
    incident.save(update_fields=["severity"])
    audit.record(
        "reclassify",
        by=by,
        at=at,
        school=incident.school,
        about=incident.reference,
        changes={"severity": [change.was, change.now], "reason": reason},
    )
    return change


def read_over(text: str, *, school: School, clauses: Iterable[str] = (), about: Iterable[int] = ()) -> list[Remark]:
    """What should be looked at again in an account before it is saved: advice alone. `about` are the people concerned."""
    children = register.pupils_named(school, wording.names_possible(text), besides=about)
    return wording.remarks(text, clauses=clauses, children=children)
