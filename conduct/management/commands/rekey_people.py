"""Make anew the keys by which people are found: after a change of the lists of names, or of the rows by other means."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from conduct.models import Person, PersonKey, School, Spelling

AT_ONCE = 2000  # people in memory


class Command(BaseCommand):
    help = "Make anew the keys by which people are found, school by school."

    def handle(self, *args: Any, **options: Any) -> None:
        for school in School.objects.order_by("name"):
            self.stdout.write(f"{school}: {rekeyed(school)} people")


@transaction.atomic
def rekeyed(school: School) -> int:
    """Every person of a school; names that nobody there bears any longer are forgotten."""
    Spelling.objects.filter(school=school).delete()
    ids = list(Person.objects.filter(school=school).order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(ids), AT_ONCE):
        people = list(Person.objects.filter(pk__in=ids[first : first + AT_ONCE]))
        stale = [person for person in people if person.folded != person.as_folded()]
        for person in stale:
            person.folded = person.as_folded()
        Person.objects.bulk_update(stale, ["folded"], batch_size=500)
        PersonKey.objects.renew(people)
    return len(ids)
