"""Evidence: files that show what happened. They are kept with an incident, or first with what is not saved yet.

These functions keep the record; who may, and what follows, is said by `sanctions`. A file comes from `conduct.files.stored`.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from conduct import audit, files
from conduct.models import KeptFile, School, User
from incidents.models import Draft, DraftFile, Evidence, Incident

MOST_FILES = 50  # of one incident, and of one draft: what is beyond it nobody looks through


class TooMany(Exception):
    """The incident, or the draft, has as many files as it may have."""


def about(row: Evidence) -> str:
    """How the audit names a piece of evidence."""
    return f"{row.incident.reference} evidence {row.pk}"


def of_incident(incident: Incident) -> QuerySet[Evidence]:
    """The files of an incident with who gave them, the earliest first."""
    return incident.evidence.select_related("file", "by", "withdrawn_by")


@transaction.atomic
def add(incident: Incident, *, by: User, at: datetime, file: KeptFile, note: str = "") -> Evidence:
    """Keep a file that was stored, or is kept already, as evidence of an incident."""
    if incident.evidence.count() >= MOST_FILES:
        raise TooMany
    if file.pk is None:
        files.record(file, by=by, at=at)
    row = Evidence.objects.create(incident=incident, file=file, note=note.strip(), by=by, at=at)
    changes = {**files.told(file), "note": row.note}
    audit.record("add_evidence", by=by, at=at, school=incident.school, about=about(row), changes=changes)
    return row


@transaction.atomic
def describe(row: Evidence, *, by: User, at: datetime, note: str) -> None:
    """Say what a file shows; what was said before stays in the audit."""
    was, row.note = row.note, note.strip()
    if row.note == was:
        return
    row.save(update_fields=["note"])
    audit.record(
        "describe_evidence",
        by=by,
        at=at,
        school=row.incident.school,
        about=about(row),
        changes={"note": [was, row.note]},
    )


@transaction.atomic
def withdraw(row: Evidence, *, by: User, at: datetime, reason: str) -> None:
    """Take a file out: it is marked with the reason, and stays. Twice is once."""
    row.refresh_from_db()
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = at, by, reason.strip()
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    audit.record(
        "withdraw_evidence", by=by, at=at, school=row.incident.school, about=about(row), changes={"reason": reason}
    )


# -- with what is not saved yet -----------------------------------------------------------------------------------


@transaction.atomic
def add_to_draft(token: UUID, *, school: School, by: User, at: datetime, file: KeptFile) -> DraftFile:
    """Keep a stored file with the form of that token: its draft is made where there is none yet.

    Raises Draft.DoesNotExist where the token is of somebody else's draft, or of one of another school.
    """
    Draft.objects.get_or_create(token=token, defaults={"school": school, "by": by, "at": at, "saved_at": at})
    draft = Draft.objects.select_for_update().get(token=token, school=school, by=by)
    if draft.files.count() >= MOST_FILES:
        raise TooMany
    files.record(file, by=by, at=at)
    row = DraftFile.objects.create(draft=draft, file=file)
    audit.record(
        "add_draft_file", by=by, at=at, school=school, about=f"draft {draft.pk} file {row.pk}", changes=files.told(file)
    )
    return row


def of_drafts(school: School, by: User) -> QuerySet[DraftFile]:
    """The files of somebody's own drafts at a school."""
    return DraftFile.objects.filter(draft__school=school, draft__by=by).select_related("file", "draft")


@transaction.atomic
def remove_from_draft(row: DraftFile, *, by: User, at: datetime) -> None:
    """Take a file away from what is not saved yet: it was never evidence, and goes. What was saved meanwhile stays."""
    Draft.objects.select_for_update().filter(pk=row.draft_id).first()
    if not DraftFile.objects.filter(pk=row.pk).exists():
        return
    told = {"about": f"draft {row.draft_id} file {row.pk}", "changes": {"sha256": row.file.sha256}}
    row.delete()
    files.drop(row.file)
    audit.record("remove_draft_file", by=by, at=at, school=row.file.school, **told)


@transaction.atomic
def take_over(draft: Draft | None, incidents: Iterable[Incident], *, by: User, at: datetime) -> list[Evidence]:
    """Make the files of a draft evidence of each incident that came of it. Call it in the transaction that saves these."""
    rows = list(draft.files.select_related("file")) if draft else []
    made = [add(incident, by=by, at=at, file=row.file) for incident in incidents for row in rows]
    DraftFile.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return made
