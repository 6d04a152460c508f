"""The audit: one row for every change and every look at a case, written in the transaction of the change itself.

The database refuses to change or delete a row (a trigger in `conduct/migrations`), so that what was done can be shown later.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import models

from conduct.models import AuditRow, School, User


def record(
    deed: str,
    *,
    by: User | None,
    at: datetime,
    school: School | None,
    about: str,
    changes: dict[str, Any] | None = None,
) -> AuditRow:
    """Write one row. `changes` maps a field's name to its new value, or to [old, new]; `by` is None for the program."""
    return AuditRow.objects.create(
        at=at, by=by, school=school, deed=deed, about=about, changes={k: plain(v) for k, v in (changes or {}).items()}
    )


def record_all(
    deed: str, found: Iterable[tuple[str, dict[str, Any]]], *, by: User | None, at: datetime, school: School
) -> None:
    """Write a row for each of many things at once: what it is about, and its changes."""
    rows = (AuditRow(at=at, by=by, school=school, deed=deed, about=about, changes=plain(told)) for about, told in found)
    AuditRow.objects.bulk_create(rows, batch_size=1000)


def plain(value: Any) -> Any:
    """A value as JSON holds it: dates as ISO text, things by their name."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    return value
