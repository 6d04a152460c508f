"""Drafts: a letter begins as a kind and a recipient; its facts are gathered afresh until it is issued."""

from datetime import datetime

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
    letter.save(update_fields=["account", "extra"])
    audit.record("reword_letter", by=by, at=at, school=letter.school, about=f"letter {letter.pk}")
