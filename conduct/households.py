"""Who lives with whom, as somebody said; and who else belongs to the same children.

A household says who, never where: each keeps their own address, and no page, letter or audit row of one shows another's.
Nobody is put into one because two addresses look alike.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Coalesce

from conduct import audit
from conduct.models import Household, Link, Person, User, rows_of
from conduct.register import about

MOST = 20  # adults of a family on one page


@transaction.atomic
def live_together(person: Person, other: Person, *, by: User, at: datetime) -> None:
    """Somebody said that these two live together: the person moves in with the other and whom they live with."""
    movers, hosts = locked(person, other)
    mover, host = movers[0], hosts[0]
    if mover == host or mover.school_id != host.school_id:
        return
    left, homes = households_of(movers), households_of(hosts)
    if left and left == homes:
        return
    if not homes:
        homes = [Household.objects.create(school=host.school).pk]
        Person.objects.filter(pk=host.pk).update(household=homes[0])
    Person.objects.filter(pk__in=[row.pk for row in movers]).update(household=None)
    Person.objects.filter(pk=mover.pk).update(household=homes[0])
    clear(left)
    audit.record(
        "join_household", by=by, at=at, school=mover.school, about=about(mover), changes={"lives_with": about(host)}
    )


@transaction.atomic
def leave(person: Person, *, by: User, at: datetime) -> None:
    """The person lives with none of them any more."""
    (rows,) = locked(person)
    left = households_of(rows)
    if not left:
        return
    Person.objects.filter(pk__in=[row.pk for row in rows]).update(household=None)
    clear(left)
    audit.record("leave_household", by=by, at=at, school=rows[0].school, about=about(rows[0]))


def locked(*people: Person) -> list[list[Person]]:
    """The rows of each of these people, that which stands for them first; locked, always in the same order."""
    rows = rows_of({p.standing_id for p in people}).select_for_update(of=("self",)).order_by("pk")
    found = sorted(rows, key=lambda row: row.identity_id is not None)
    return [[row for row in found if row.standing_id == person.standing_id] for person in people]


def households_of(rows: list[Person]) -> list[int]:
    """In which households these rows are."""
    return list(dict.fromkeys(row.household_id for row in rows if row.household_id))


def clear(households: Iterable[int]) -> None:
    """Nobody lives together alone."""
    for household in households:
        members = Person.objects.filter(household=household)
        if len({member.standing_id for member in members}) < 2:
            members.update(household=None)
            Household.objects.filter(pk=household).delete()


def lives_with(person: Person, *, all_told: bool) -> list[Person]:
    """Who lives with the person, each once. For those who may not see protected addresses nobody, where one of the two is
    protected: the other's address would say it."""
    if not all_told and person.is_protected():
        return []
    homes = person.rows().exclude(household=None).values("household")
    members = Person.objects.filter(household__in=homes).exclude(pk__in=person.rows())
    found = Person.objects.filter(pk__in=members.values_list(Coalesce("identity", "pk")))
    if not all_told:
        hidden = Person.objects.filter(school=person.school_id, address_protected=True)
        found = found.exclude(pk__in=hidden.values_list(Coalesce("identity", "pk")))
    return list(found.order_by("name", "pk")[:MOST])


def also_move(person: Person) -> list[Person]:
    """Who may have moved house with the person: nobody, where an address is protected."""
    return lives_with(person, all_told=False)


def family(person: Person) -> list[Person]:
    """The other adults of the same children, each once."""
    rows = person.rows()
    links = Link.objects.filter(pupil__in=Link.objects.filter(person__in=rows).values("pupil")).exclude(person__in=rows)
    standing = links.values_list(Coalesce("person__identity", "person"))
    return list(Person.objects.filter(pk__in=standing).order_by("name", "pk")[:MOST])
