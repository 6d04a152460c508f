"""Evidence in a case: who may add it, see it, and take it out."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from conduct.models import KeptFile, User
from conduct.roles import Role, may
from incidents import evidence, reporting
from incidents.models import Evidence, Incident
from sanctions.ladder import Refusal
from sanctions.models import Case
from sanctions.standing import Refused, locked, permit

FULL = f"This incident has {evidence.MOST_FILES} files already. Take out what does not belong to it, or keep several as one."


@transaction.atomic
def add(incident: Incident, *, by: User, at: datetime, file: KeptFile, note: str = "") -> Evidence:
    """Keep a stored file as evidence of an incident, whether or not its case is still open."""
    permit(by, incident.school, "add_evidence", at)
    locked(incident.in_case.case)
    try:
        return evidence.add(incident, by=by, at=at, file=file, note=note)
    except evidence.TooMany as full:
        raise Refused([Refusal("wrong-state", FULL)]) from full


@transaction.atomic
def describe(row: Evidence, *, by: User, at: datetime, note: str) -> None:
    """Say, or say better, what a file shows."""
    permit(by, row.incident.school, "add_evidence", at)
    evidence.describe(row, by=by, at=at, note=note)


@transaction.atomic
def withdraw(row: Evidence, *, by: User, at: datetime, reason: str) -> None:
    """Take a file out that does not belong there: another child is in it, say. It is marked, never deleted.

    A file given with a report of several people is evidence of each: it is taken out of all of these incidents.
    """
    permit(by, row.incident.school, "withdraw_evidence", at)
    rows = everywhere(row)
    for case in Case.objects.filter(pk__in=rows.order_by().values("incident__in_case__case")).order_by("pk"):
        locked(case)
    for each in rows.select_related("incident__school"):
        evidence.withdraw(each, by=by, at=at, reason=reason)


def everywhere(row: Evidence) -> QuerySet[Evidence]:
    """The same file in each incident of the same report, as far as it was not taken out there."""
    together = reporting.told_together(row.incident)
    return Evidence.objects.filter(file=row.file_id, incident__in=together, withdrawn_at=None).order_by("pk")


def visible(case: Case, roles: frozenset[Role]) -> QuerySet[Evidence]:
    """The evidence of a case for somebody who may see the case; what was taken out only for whoever may take it out."""
    rows = Evidence.objects.filter(incident__in_case__case=case).select_related("file", "incident__school", "by")
    return rows if sees_withdrawn(roles) else rows.filter(withdrawn_at=None)


def sees_withdrawn(roles: frozenset[Role]) -> bool:
    return may(roles, "withdraw_evidence")
