"""Drafts: a letter begins as a kind and a recipient; its facts are gathered afresh until it is issued."""

from datetime import datetime

from django.db import transaction

from conduct import audit
from conduct.models import Person, School, User
from letters.models import Letter


def draft(
    *, school: School, recipient: Person | None, kind: str, by: User, at: datetime, addressee: str = ""
) -> Letter:
    """Start a letter to a person, or to an authority or a desk."""
    return Letter.objects.create(
        school=school, recipient=recipient, addressee=addressee, kind=kind, drafted_at=at, drafted_by=by
    )


def reword(letter: Letter, *, by: User, at: datetime, account: str, extra: str) -> None:
    """Set the two passages that the school words itself. Raises ValueError for a letter that is issued."""
    if letter.is_issued:
        raise ValueError("an issued letter is final")
    letter.account, letter.extra = account.strip(), extra.strip()
    letter.parked_at, letter.parked_why = None, ""  # in other words it may succeed
    letter.save(update_fields=["account", "extra", "parked_at", "parked_why"])
    audit.record("reword_letter", by=by, at=at, school=letter.school, about=f"letter {letter.pk}")


@transaction.atomic
def park(letter: Letter, why: str, *, by: User | None, at: datetime) -> None:
    """Set a draft aside whose PDF cannot be made. One that was issued meanwhile is left alone."""
    if Letter.objects.filter(pk=letter.pk, issued_at=None).update(parked_at=at, parked_why=why):
        audit.record(
            "park_letter", by=by, at=at, school=letter.school, about=f"letter {letter.pk}", changes={"why": why}
        )


@transaction.atomic
def take_up(letter: Letter, *, by: User, at: datetime) -> None:
    """A draft that was set aside goes on: its PDF can be made."""
    if Letter.objects.filter(pk=letter.pk, parked_at__isnull=False).update(parked_at=None, parked_why=""):
        audit.record("take_up_letter", by=by, at=at, school=letter.school, about=f"letter {letter.pk}")
