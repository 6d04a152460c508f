"""Trusts, schools, the people who work for them, the people whom cases are about, files, and the audit."""

from conduct.models.files import FILE_SORTS, KeptFile
from conduct.models.imports import ColumnMap, Import
from conduct.models.people import (
    RELATIONS,
    Distinct,
    Household,
    Link,
    Merge,
    Person,
    PersonKey,
    Pupil,
    Spelling,
    protected_among,
    rows_of,
)
from conduct.models.records import AuditRow, Heartbeat, SavedView
from conduct.models.schools import Adoption, Counter, School, SchoolClosure, Trust, next_reference, title_of
from conduct.models.users import Membership, User, schools_of

__all__ = [
    "FILE_SORTS",
    "RELATIONS",
    "Adoption",
    "AuditRow",
    "ColumnMap",
    "Counter",
    "Distinct",
    "Heartbeat",
    "Household",
    "Import",
    "KeptFile",
    "Link",
    "Membership",
    "Merge",
    "Person",
    "PersonKey",
    "Pupil",
    "SavedView",
    "School",
    "SchoolClosure",
    "Spelling",
    "Trust",
    "User",
    "next_reference",
    "protected_among",
    "rows_of",
    "schools_of",
    "title_of",
]
