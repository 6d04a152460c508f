"""What somebody has begun to log and not saved yet: kept for them alone, on the server, until it is saved or thrown away.

A draft is no record of the school: nobody else sees it, and it leaves no row in the audit. The incident made of it does.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from conduct.ids import ids_in
from conduct.models import Person, School, User
from incidents import evidence
from incidents.models import Draft, Incident

LONGEST = 60_000  # characters of all answers together
MOST = 30  # drafts listed
Answers = dict[str, list[str]]


class TooLong(Exception):
    """More was typed than a draft holds."""


def of(user: User, school: School) -> QuerySet[Draft]:
    """The user's own drafts at the school, the latest first."""
    return Draft.objects.filter(by=user, school=school)


def worth_keeping(answers: Mapping[str, Iterable[str]]) -> bool:
    """Whether anything was typed that nobody wants to type again."""
    return any(words.strip() for words in spoken(answers))


def spoken(answers: Mapping[str, Iterable[str]]) -> list[str]:
    """The answers that somebody typed or chose by themselves: who, what happened, which clauses."""
    ends = ("who", "person", "new_name", "description", "narrative", "witnesses", "clauses")
    return [word for name, words in answers.items() if name.endswith(ends) for word in words]


@transaction.atomic
def keep(*, by: User, at: datetime, school: School, token: UUID, answers: Answers) -> Draft | None:
    """Keep the answers of a form, in place of what was kept of it before; None where it has become an incident.

    Raises Draft.DoesNotExist for a form that is somebody else's, or another school's; TooLong.
    """
    if len(json.dumps(answers)) > LONGEST:
        raise TooLong
    draft, made = Draft.objects.select_for_update(of=("self",)).get_or_create(
        token=token, defaults={"school": school, "by": by, "at": at, "saved_at": at, "answers": answers}
    )
    if (draft.by_id, draft.school_id) != (by.pk, school.pk):
        raise Draft.DoesNotExist
    # Looked at after the row was written: whoever saves the incident holds this row until it is there.
    if Incident.objects.filter(token=token, school=school, logged_by=by).exists():
        draft.delete()
        return None
    if not made:
        draft.answers, draft.saved_at = answers, at
        draft.save(update_fields=["answers", "saved_at"])
    return draft


def claimed(token: UUID, *, by: User, at: datetime, school: School) -> Draft:
    """The draft of a form that is being saved, its row locked: a second sending of the form waits here for the first.

    Raises Draft.DoesNotExist for a form that is somebody else's, or another school's.
    """
    draft, _ = Draft.objects.select_for_update(of=("self",)).get_or_create(
        token=token, defaults={"school": school, "by": by, "at": at, "saved_at": at}
    )
    if (draft.by_id, draft.school_id) != (by.pk, school.pk):
        raise Draft.DoesNotExist
    return draft


@transaction.atomic
def throw_away(draft: Draft, *, by: User, at: datetime) -> None:
    """The draft goes, and the files given with it."""
    for row in draft.files.select_related("file", "draft"):
        evidence.remove_from_draft(row, by=by, at=at)
    draft.delete()


@dataclass(frozen=True)
class Begun:
    """A draft as a list shows it."""

    draft: Draft
    who: str
    what: str


def listed(user: User, school: School, *, besides: UUID | None = None) -> list[Begun]:
    """The drafts that wait to be finished, with whom and what they are about."""
    rows = list(of(user, school).exclude(token=besides)[:MOST])
    chosen = set(ids_in(n for d in rows for n in d.answers.get("person", [])))
    names = {str(p.pk): str(p) for p in Person.objects.filter(school=school, pk__in=chosen)} if chosen else {}
    return [Begun(d, who(d.answers, names), " ".join(first(d.answers, "narrative").split())) for d in rows]


def first(answers: Answers, name: str) -> str:
    return next(iter(answers.get(name, [])), "")


def who(answers: Answers, names: Mapping[str, str]) -> str:
    """Of whom a draft tells, as far as it says so."""
    typed = (first(answers, name) for name in ("new_name", "description", "who"))
    return names.get(first(answers, "person")) or next(filter(None, typed), "") or "Nobody named yet"
