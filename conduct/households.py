"""Who lives with whom, as somebody said; and who else belongs to the same children.

A household says who, never where: each keeps their own address, and no page, letter or audit row of one shows another's.
Nobody is put into one because two addresses look alike.
"""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Coalesce

from conduct import audit
from conduct.models import Household, Link, Person, User
from conduct.register import about

MOST = 20  # adults of a family on one page


@transaction.atomic
def live_together(person: Person, other: Person, *, by: User, at: datetime) -> None:
    """Somebody said that these two live together: the person moves in with the other and whom they live with."""
    both = {p.pk: p for p in Person.objects.select_for_update().filter(pk__in=[person.pk, other.pk]).order_by("pk")}
    mover, host = both[person.pk], both[other.pk]
    if (
        mover == host
        or mover.school_id != host.school_id
        or (host.household_id and mover.household_id == host.household_id)
    ):
        return
    if host.household is None:
        host.household = Household.objects.create(school=host.school)
        Person.objects.filter(pk=host.pk).update(household=host.household)
    left = mover.household_id
    Person.objects.filter(pk=mover.pk).update(household=host.household)
    clear(left)
    audit.record(
        "join_household", by=by, at=at, school=mover.school, about=about(mover), changes={"lives_with": about(host)}
    )


@transaction.atomic
def leave(person: Person, *, by: User, at: datetime) -> None:
    """The person lives with none of them any more."""
    row = Person.objects.select_for_update().get(pk=person.pk)
    if row.household_id is None:
        return
    Person.objects.filter(pk=row.pk).update(household=None)
    clear(row.household_id)
    audit.record("leave_household", by=by, at=at, school=row.school, about=about(row))


def clear(household: int | None) -> None:
    """Nobody lives together alone."""
    if household is None:
        return
    members = Person.objects.filter(household=household)
    if members.count() < 2:
        members.update(household=None)
        Household.objects.filter(pk=household).delete()


def lives_with(person: Person, *, all_told: bool) -> list[Person]:
    """Who lives with the person. For those who may not see protected addresses nobody, where one of the two is protected:
    the other's address would say it."""
    if not all_told and person.is_protected():
        return []
    homes = person.rows().exclude(household=None).values("household")
    found = Person.objects.filter(household__in=homes).exclude(pk__in=person.rows())
    return list((found if all_told else found.filter(address_protected=False)).order_by("name", "pk")[:MOST])


def also_move(person: Person) -> list[Person]:
    """Who may have moved house with the person: nobody, where an address is protected."""
    return lives_with(person, all_told=False)


def family(person: Person) -> list[Person]:
    """The other adults of the same children, each once."""
    rows = person.rows()
    links = Link.objects.filter(pupil__in=Link.objects.filter(person__in=rows).values("pupil")).exclude(person__in=rows)
    standing = links.values_list(Coalesce("person__identity", "person"))
    return list(Person.objects.filter(pk__in=standing).order_by("name", "pk")[:MOST])
