"""Writes a plan into the register, in bulk, with an audit row for each person and pupil. The caller's transaction holds it."""

from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from conduct import audit
from conduct.importing.gathering import FileAdult, FileChild
from conduct.importing.planning import BY_IMPORT, Changes, Plan
from conduct.models import Link, Person, Pupil, School, User
from conduct.register import about

Row = TypeVar("Row", Person, Pupil)
AT_ONCE = 500
PERSON_FIELDS = ["name", "folded", "relation", "address", "email", "phone", "external_id"]
PUPIL_FIELDS = ["name", "folded", "year", "external_id"]
SEARCHED = {"name", "email", "phone", "children"}  # what a person is found by
NOT_FIELDS = {"children", "may_collect"}  # of a person's changes: they stand in the links


def write(school: School, plan: Plan, *, by: User, at: datetime) -> list[int]:
    """Write all of it. Gives the people whom the search must now find otherwise: their keys are made anew afterwards,
    some at a time, since that takes longer than the rest and the database has one writer at a time."""
    new_pupils = [
        compared(Pupil(school=school, name=c.name, year=c.year, external_id=c.external_id)) for c in plan.new_children
    ]
    pupils = plan.children | dict(zip(plan.new_children, Pupil.objects.bulk_create(new_pupils, AT_ONCE), strict=True))
    people = plan.adults | dict(zip(plan.new_adults, newcomers(school, plan), strict=True))
    change(plan, people, pupils)
    join(plan, people, pupils)
    record(school, plan, people, pupils, by=by, at=at)
    return found_otherwise(plan, people, pupils)


def found_otherwise(plan: Plan, people: dict[FileAdult, Person], pupils: dict[FileChild, Pupil]) -> list[int]:
    """Those who are new, or whom the search must now find by something else; by number."""
    changed = [adult for adult, changes in plan.changed_adults.items() if changes.keys() & SEARCHED]
    renamed = [pupils[child].pk for child, changes in plan.changed_children.items() if "name" in changes]
    theirs = Link.objects.filter(pupil__in=renamed).values_list("person_id", flat=True) if renamed else []
    return sorted({*theirs, *(people[adult].pk for adult in [*plan.new_adults, *changed])})


def newcomers(school: School, plan: Plan) -> list[Person]:
    """Those whom the register did not have."""
    parents = {adult for adult, _ in plan.links}
    made = [
        compared(
            Person(
                school=school,
                name=adult.name,
                relation=adult.relation or ("parent" if adult in parents else "other"),
                address=adult.address,
                email=adult.email,
                phone=adult.phone,
                external_id=adult.external_id,
            )
        )
        for adult in plan.new_adults
    ]
    return Person.objects.bulk_create(made, AT_ONCE)


def compared(row: Row) -> Row:
    """The person or pupil with their name as it is compared, which saving one by one would set."""
    row.folded = row.as_folded()
    return row


def change(plan: Plan, people: dict[FileAdult, Person], pupils: dict[FileChild, Pupil]) -> None:
    """Set the new values of those whom the register had."""
    changed = [
        compared(set_values(people[adult], changes))
        for adult, changes in plan.changed_adults.items()
        if changes.keys() - NOT_FIELDS
    ]
    update(changed, PERSON_FIELDS)
    moved = [compared(set_values(pupils[child], changes)) for child, changes in plan.changed_children.items()]
    update(moved, PUPIL_FIELDS)


def update(rows: list[Any], fields: list[str]) -> None:
    """Change rows that are there, as an insertion that meets them: `bulk_update` takes ten times as long."""
    if rows:
        type(rows[0]).objects.bulk_create(
            rows, AT_ONCE, update_conflicts=True, unique_fields=["pk"], update_fields=fields
        )


def set_values(row: Any, changes: Changes) -> Any:
    for name, (_, new) in changes.items():
        if name not in NOT_FIELDS:
            setattr(row, name, new)
    return row


def join(plan: Plan, people: dict[FileAdult, Person], pupils: dict[FileChild, Pupil]) -> None:
    """Join adults and children; take the right to collect from those who lost it."""
    links = [
        Link(person=people[adult], pupil=pupils[child], may_collect=collects)
        for (adult, child), collects in plan.links.items()
    ]
    Link.objects.bulk_create(links, AT_ONCE)
    Link.objects.filter(pk__in=[link.pk for link in plan.no_longer_collect]).update(may_collect=False)


def record(
    school: School,
    plan: Plan,
    people: dict[FileAdult, Person],
    pupils: dict[FileChild, Pupil],
    *,
    by: User,
    at: datetime,
) -> None:
    """One row of the audit for each person and each pupil who is new or changed."""
    joined: dict[FileAdult, list[str]] = {}
    for adult, child in plan.links:
        joined.setdefault(adult, []).append(str(pupils[child]))
    new = ((about(people[adult]), known(people[adult], joined.get(adult, []))) for adult in plan.new_adults)
    changed = ((about(people[adult]), changes) for adult, changes in plan.changed_adults.items())
    audit.record_all(BY_IMPORT, chain(new, changed), by=by, at=at, school=school)
    new_pupils = ((f"pupil {pupils[c].pk}", {"name": c.name, "year": c.year}) for c in plan.new_children)
    moved = ((f"pupil {pupils[c].pk}", changes) for c, changes in plan.changed_children.items())
    audit.record_all("import_pupil", chain(new_pupils, moved), by=by, at=at, school=school)


def known(person: Person, children: list[str]) -> dict[str, Any]:
    """What is written down of somebody new."""
    told = {name: getattr(person, name) for name in ("name", "relation", "address", "email", "phone", "external_id")}
    return {name: value for name, value in {**told, "children": children}.items() if value}
