"""The register of people: adding somebody, changing what is known of them, their children; each with its audit row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from conduct import audit
from conduct.models import Link, Person, PersonKey, Pupil, School, User
from conduct.names import fold


@dataclass(frozen=True)
class Child:
    """A pupil as somebody names them beside an adult; two of the same name and year are one pupil."""

    name: str
    year: str = ""
    may_collect: bool = True

    def __str__(self) -> str:
        collects = "" if self.may_collect else " (may not collect)"
        return ", ".join(part for part in (self.name, self.year) if part) + collects


def about(person: Person) -> str:
    """How the audit names a person: it holds no more of them than it must."""
    return f"person {person.pk}"


@transaction.atomic
def add(school: School, values: dict[str, Any], children: Iterable[Child] = (), *, by: User, at: datetime) -> Person:
    """A new person of the school. IntegrityError when they have neither a name nor a description."""
    person = Person.objects.create(school=school, **values)
    link(person, children)
    known = {field: value for field, value in unsaid(values, person).items() if value}
    audit.record(
        "add_person", by=by, at=at, school=school, about=about(person), changes={**known, "children": listed(person)}
    )
    return person


@transaction.atomic
def change(
    person: Person, values: dict[str, Any], children: Iterable[Child] | None = None, *, by: User, at: datetime
) -> dict[str, list[Any]]:
    """Change what is known of a person, and, where given, who their children are. Gives [old, new] by field; saving
    the same again changes and audits nothing."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    changes = {f: [getattr(person, f), new] for f, new in values.items() if getattr(person, f) != new}
    if changes:
        for field, (_, new) in changes.items():
            setattr(person, field, new)
        person.save()
    before = listed(person)
    if children is not None:
        link(person, children)
    after = listed(person)
    if after != before:
        changes["children"] = [before, after]
    if changes:
        told = unsaid(changes, person)
        audit.record("change_person", by=by, at=at, school=person.school, about=about(person), changes=told)
    return changes


CHANGED = "changed"  # what the audit says of an address that few may see


def unsaid(told: dict[str, Any], person: Person) -> dict[str, Any]:
    """What the audit may hold: of a protected address only that it was changed."""
    return {**told, "address": CHANGED} if told.get("address") and person.is_protected() else told


@transaction.atomic
def protect_address(person: Person, protected: bool, *, by: User, at: datetime) -> None:
    """Say that few may see where the person lives, or that everybody who works with them may again: of every row of theirs."""
    for row in person.rows().select_for_update().order_by("pk"):
        if row.address_protected != protected:
            row.address_protected = protected
            row.save()
            told = {"address_protected": [not protected, protected]}
            audit.record("protect_address", by=by, at=at, school=row.school, about=about(row), changes=told)
    PersonKey.objects.renew(person.rows())  # by what each row is found depends on all of them


def looked_at(person: Person, *, by: User, at: datetime) -> None:
    """Record that somebody looked at all that is known of a person."""
    audit.record("look", by=by, at=at, school=person.school, about=about(person))


def children_of(person: Person) -> list[Child]:
    """The children as they stand now, by name."""
    links = person.links.select_related("pupil").order_by("pupil__name", "pk")
    return [Child(each.pupil.name, each.pupil.year, each.may_collect) for each in links]


def every_child_of(person: Person) -> list[Child]:
    """The children under every row of the person, each once; who may not collect by one row may not collect."""
    links = Link.objects.filter(person__in=person.rows()).select_related("pupil").order_by("pupil__name", "pupil")
    found: dict[int, Child] = {}
    for each in links:
        collects = each.may_collect and (each.pupil_id not in found or found[each.pupil_id].may_collect)
        found[each.pupil_id] = Child(each.pupil.name, each.pupil.year, collects)
    return list(found.values())


def listed(person: Person) -> list[str]:
    return [str(child) for child in children_of(person)]


def link(person: Person, children: Iterable[Child]) -> None:
    """Make these, and no others, the children of the person. A pupil no longer named is unlinked, not deleted."""
    linked = list(Pupil.objects.filter(links__person=person))
    kept: dict[int, bool] = {}
    for child in children:
        kept[pupil_of(person.school, child, linked).pk] = child.may_collect
    gone, _ = person.links.exclude(pupil__in=kept).delete()
    if gone:
        PersonKey.objects.renew([person])
    for pupil, may_collect in kept.items():
        person.links.update_or_create(pupil_id=pupil, defaults={"may_collect": may_collect})


def pupils_named(school: School, names: Iterable[str], *, besides: Iterable[int] = ()) -> list[str]:
    """The pupils of the school who are called one of these, whatever the case and accents; not the children of the people
    `besides`.

    One query, as long as the list of names: what an account may mean, not all whom the school knows.
    """
    found = school.pupils.filter(folded__in={fold(name) for name in names})
    adults = list(besides)
    own = Link.objects.filter(Q(person__in=adults) | Q(person__identity__in=adults)).values("pupil")
    return list(found.exclude(pk__in=own).order_by("name").values_list("name", flat=True).distinct())


def pupil_of(school: School, child: Child, linked: list[Pupil]) -> Pupil:
    """The pupil of that name and year; a linked one of that name moves to the year given; else a new one."""
    name, year = " ".join(child.name.split()), child.year.strip()
    called = school.pupils.filter(folded=fold(name))
    same = next((pupil for pupil in called if fold(pupil.year) == fold(year)), None)
    if same is not None:
        return same
    moved = next((pupil for pupil in linked if fold(pupil.name) == fold(name)), None)
    if moved is None:
        return Pupil.objects.create(school=school, name=name, year=year)
    moved.year = year
    moved.save(update_fields=["year"])
    return moved
