"""Writing down what happened. These functions keep the record; who may, and what follows, is said by `sanctions`."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from conduct import audit
from conduct.calendar import local_date
from conduct.code import SEVERITIES
from conduct.models import Person, User, next_reference
from incidents.models import Incident, IncidentClause, Reclassification, Witness


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
    **immediate: bool,
) -> Incident:
    """Record one person's alleged conduct under the policy in force when it happened.

    `immediate` takes danger, within_exception, ended_interaction and asked_to_leave. `added_clauses` are those that the
    program adds to what was ticked.
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
        **immediate,
    )
    ticked = list(dict.fromkeys(clauses))
    rows = [(c, False) for c in ticked] + [(c, True) for c in added_clauses if c not in ticked]
    IncidentClause.objects.bulk_create(IncidentClause(incident=incident, clause=c, by_program=p) for c, p in rows)
    Witness.objects.bulk_create(Witness(incident=incident, name=n.strip()) for n in witnesses if n.strip())
    incident.harmed.set(harmed)
    audit.record(
        "log_incident",
        by=by,
        at=at,
        school=school,
        about=incident.reference,
        changes={"subject": subject, "clauses": [c for c, _ in rows], "severity": severity, "place": place},
    )
    return incident


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
