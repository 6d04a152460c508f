"""The texts of a kind of letter at a school: its own where it has some, else the starters; version by version."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from conduct import audit
from conduct.models import School, User
from letters import starters
from letters.models import Wording, WordingChecked


def in_force(school: School, kind: str) -> Wording | None:
    """The version that letters are made of now; none: the starters."""
    return Wording.objects.filter(school=school, kind=kind).first()


def texts(school: School, kind: str) -> dict[str, str]:
    """Each text of a kind as letters say it now, by the fact that it fills."""
    return texts_in(kind, in_force(school, kind))


def texts_in(kind: str, version: Wording | None) -> dict[str, str]:
    """Each text as a version says it; without one, and where it says nothing of its own, the starter's."""
    own = version.texts if version else {}
    return {name: own.get(name, words) for name, words in starters.texts_of(kind).items()}


def all_in_force(school: School) -> dict[str, Wording]:
    """The version in force of each kind of which the school has worded some text."""
    return {version.kind: version for version in latest_of(school).select_related("by")}


def latest_of(school: School) -> QuerySet[Wording]:
    newest = Wording.objects.filter(school=school, kind=OuterRef("kind")).order_by("-number").values("number")[:1]
    return Wording.objects.filter(school=school, number=Subquery(newest)).order_by("kind")


def add_version(
    school: School, kind: str, wanted: Mapping[str, str], *, by: User, at: datetime, note: str, last: Wording | None
) -> Wording:
    """Keep a further version; only what differs from the starters stands in it, so that the rest follows them."""
    shipped = starters.texts_of(kind)
    own = {name: words for name, words in wanted.items() if words != shipped[name]}
    before = texts_in(kind, last)
    number = last.number + 1 if last else 1
    made = Wording.objects.create(school=school, kind=kind, number=number, texts=own, note=note, at=at, by=by)
    changes = {name: [before[name], words] for name, words in texts_in(kind, made).items() if words != before[name]}
    about = f"texts of {kind}, version {number}"
    audit.record("change_texts", by=by, at=at, school=school, about=about, changes=changes | {"note": note})
    return made


# -- "starter text: have it checked" --------------------------------------------------------------------------------


def digest(kind: str, said: Mapping[str, str]) -> str:
    """What somebody looks at who checks the texts of a kind: a change of theirs, or of the starters, is another."""
    return hashlib.sha256(json.dumps([kind, dict(said)], sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def digests(school: School) -> dict[str, str]:
    """The digest of the texts of every kind as they stand."""
    versions = all_in_force(school)
    return {kind: digest(kind, texts_in(kind, versions.get(kind))) for kind in starters.kinds()}


def checks(school: School) -> dict[str, WordingChecked]:
    """The kinds of which somebody has looked at the texts as they stand now, each with who says so."""
    now = digests(school)
    said = WordingChecked.objects.filter(school=school, digest__in=set(now.values())).select_related("by")
    return {row.kind: row for row in said.order_by("at", "pk") if now.get(row.kind) == row.digest}


def is_checked(school: School, kind: str) -> bool:
    """Whether somebody has looked at the texts of a kind as they stand now."""
    now = digest(kind, texts(school, kind))
    return WordingChecked.objects.filter(school=school, kind=kind, digest=now).exists()


def unchecked(school: School) -> list[str]:
    """The kinds whose texts nobody competent has looked at as they stand now."""
    done = checks(school)
    return [kind for kind in starters.kinds() if kind not in done]


def add_check(school: School, now: Mapping[str, str], *, by: User, at: datetime, checked_by: str) -> None:
    """Keep that somebody has looked at the texts of these kinds, each with its digest."""
    rows = [
        WordingChecked(school=school, kind=kind, digest=each, checked_by=checked_by, by=by, at=at)
        for kind, each in now.items()
    ]
    WordingChecked.objects.bulk_create(rows)
    changes: dict[str, Any] = {"checked_by": checked_by, "digests": dict(now)}
    audit.record("check_texts", by=by, at=at, school=school, about=school.name[:80], changes=changes)
