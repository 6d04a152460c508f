"""The picture of a person, by which the desk knows them: one at a time, put in, replaced or taken away."""

from datetime import datetime

from django.db import transaction

from conduct import audit, files, register
from conduct.models import KeptFile, Person, User


@transaction.atomic
def put_in(person: Person, *, by: User, at: datetime, file: KeptFile) -> None:
    """Make a stored file the picture of a person; the one before it goes."""
    files.record(file, by=by, at=at)
    change(person, file, by=by, at=at)


@transaction.atomic
def take_away(person: Person, *, by: User, at: datetime) -> None:
    """Leave a person without a picture. Where there is none, nothing is to be done."""
    if person.photo_id:
        change(person, None, by=by, at=at)


def change(person: Person, file: KeptFile | None, *, by: User, at: datetime) -> None:
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    before, person.photo = person.photo, file
    person.save(update_fields=["photo"])
    changes = {"photo": [f"file {before.pk}" if before else "", f"file {file.pk}" if file else ""]}
    audit.record("change_photo", by=by, at=at, school=person.school, about=register.about(person), changes=changes)
    if before is not None:
        files.drop(before)
