"""What taking a file over would change: worked out from the rows and the register, and written by nobody yet.

A blank cell erases nothing. What a person of the school set is left as it is: a protected address above all, a relation
that somebody chose, and that somebody may not collect a child.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from conduct.importing.cells import ADULT_NAMED, CHILD_NAMED, Columns, Problem, read_rows
from conduct.importing.gathering import Entry, FileAdult, FileChild, Gatherer, bare, same_name
from conduct.importing.matching import Register, meant
from conduct.importing.reading import Table
from conduct.models import AuditRow, Link, Person, Pupil, School
from conduct.names import fold

Changes = dict[str, list[Any]]
Alike = Callable[[str, str], bool]
# How a value of the file is compared with that of the register: differently written is not different.
ALIKE: dict[str, Alike] = {
    "external_id": str.__eq__,
    "name": same_name,
    "address": lambda old, new: bare(old) == bare(new),
    "email": lambda old, new: old.casefold() == new.casefold(),
    "phone": lambda old, new: bare(old) == bare(new),
    "year": lambda old, new: fold(old) == fold(new),
}
ADULT = ("external_id", "name", "address", "email", "phone")
CHILD = ("external_id", "name", "year")
BY_HAND = ("add_person", "change_person")
BY_IMPORT = "import_person"


@dataclass(frozen=True)
class Left:
    """A value of the file that is not taken over, since somebody of the school set another."""

    row: int
    name: str
    words: str


@dataclass
class Plan:
    """All that would change."""

    rows: int = 0
    new_adults: list[FileAdult] = field(default_factory=list)
    new_children: list[FileChild] = field(default_factory=list)
    changed_adults: dict[FileAdult, Changes] = field(default_factory=dict)  # their children count as theirs
    changed_children: dict[FileChild, Changes] = field(default_factory=dict)
    same_adults: int = 0
    same_children: int = 0
    links: dict[tuple[FileAdult, FileChild], bool] = field(default_factory=dict)  # to be made: may they collect?
    no_longer_collect: set[Link] = field(default_factory=set)
    left: list[Left] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    adults: dict[FileAdult, Person] = field(default_factory=dict)  # whom of the register each is
    children: dict[FileChild, Pupil] = field(default_factory=dict)

    def counts(self) -> dict[str, Any]:
        fields = Counter(name for changes in self.changed_adults.values() for name in changes)
        fields += Counter(f"child_{name}" for changes in self.changed_children.values() for name in changes)
        return {
            "people_new": len(self.new_adults),
            "people_changed": len(self.changed_adults),
            "people_same": self.same_adults,
            "pupils_new": len(self.new_children),
            "pupils_changed": len(self.changed_children),
            "pupils_same": self.same_children,
            "not_taken": len({problem.row for problem in self.problems}),
            "left": len(self.left),
            "fields": dict(fields),
        }


@dataclass
class Prepared:
    """A file read, its rows brought together: all that can be done without the register."""

    table: Table
    columns: Columns
    entries: list[Entry]
    problems: list[Problem]


def prepare(table: Table, columns: dict[str, str], seen: Callable[[int], None]) -> Prepared:
    """Read the rows and bring them together. `seen` is told now and then how many were read."""
    where = Columns(table.headings, columns)
    said, problems = read_rows(table, where, seen)
    gathered = Gatherer(where).gather(said)
    return Prepared(table, where, gathered.entries, problems + gathered.problems)


def plan(school: School, prepared: Prepared, register: Register) -> Plan:
    """Compare a prepared file with the register."""
    where = prepared.columns
    found, entries = meant(prepared.entries, register, where.heading(*ADULT_NAMED), where.heading(*CHILD_NAMED))
    made = Plan(rows=len(prepared.table.rows), adults=found.adults, children=found.children)
    made.problems = sorted(prepared.problems + found.problems, key=lambda problem: problem.row)
    compare_children(made, list(dict.fromkeys(e.child for e in entries if e.child)))
    compare_adults(made, list(dict.fromkeys(e.adult for e in entries if e.adult)), register, school)
    for entry in entries:
        if entry.adult and entry.child:
            compare_link(made, entry.adult, entry.child, entry.collects, entry.row, register)
    made.same_adults = len({e.adult for e in entries if e.adult}) - len(made.new_adults) - len(made.changed_adults)
    return made


def differing(told: FileAdult | FileChild, kept: Person | Pupil, names: tuple[str, ...]) -> Changes:
    """What the file says otherwise than the register: [old, new] by field."""
    pairs = {name: (getattr(kept, name), getattr(told, name)) for name in names}
    return {name: [old, new] for name, (old, new) in pairs.items() if new and not ALIKE[name](old, new)}


def compare_children(made: Plan, children: list[FileChild]) -> None:
    for child in children:
        pupil = made.children.get(child)
        if pupil is None:
            made.new_children.append(child)
        elif changes := differing(child, pupil, CHILD):
            made.changed_children[child] = changes
        else:
            made.same_children += 1


def compare_adults(made: Plan, adults: list[FileAdult], register: Register, school: School) -> None:
    related = {}
    for adult in adults:
        person = made.adults.get(adult)
        if person is None:
            made.new_adults.append(adult)
            continue
        changes = differing(adult, person, ADULT)
        if adult.address and register.is_protected(person):
            # Said whether it differs or not: else a file could be used to ask what the address is.
            changes.pop("address", None)
            made.left.append(Left(adult.row, str(person), "The address is protected: it is left as it is."))
        if adult.relation and adult.relation != person.relation:
            related[adult] = person
        if changes:
            made.changed_adults[adult] = changes
    compare_relations(made, related, school)


def compare_relations(made: Plan, related: dict[FileAdult, Person], school: School) -> None:
    """A relation that an import set, an import may change; one that a person of the school chose stays."""
    ours = set_by_import(school, list(related.values()))
    for adult, person in related.items():
        if person.pk in ours:
            made.changed_adults.setdefault(adult, {})["relation"] = [person.relation, adult.relation]
        else:
            words = f"“{person.get_relation_display()}” is what the school has: it is left as it is."
            made.left.append(Left(adult.row, str(person), words))


def set_by_import(school: School, people: list[Person]) -> set[int]:
    """Those whose relation was last set by an import, as the audit has it."""
    named = {f"person {person.pk}": person.pk for person in people}
    last: dict[str, str] = {}
    abouts = list(named)
    for start in range(0, len(abouts), 500):
        rows = AuditRow.objects.filter(
            about__in=abouts[start : start + 500],
            school=school,
            deed__in=[*BY_HAND, BY_IMPORT],
            changes__has_key="relation",
        )
        last |= dict(rows.order_by("pk").values_list("about", "deed"))
    return {named[about] for about, deed in last.items() if deed == BY_IMPORT}


def compare_link(
    made: Plan, adult: FileAdult, child: FileChild, collects: bool | None, row: int, register: Register
) -> None:
    """Join an adult to a child. The right to collect may be taken away by a file, never given back."""
    person, pupil = made.adults.get(adult), made.children.get(child)
    link = register.links.get((person.pk, pupil.pk)) if person and pupil else None
    name = child.name or str(pupil)
    if link is None:
        if person and (adult, child) not in made.links:
            note(made, adult, "children", "", name)
        made.links[adult, child] = made.links.get((adult, child), True) and collects is not False
    elif link.may_collect and collects is False and link not in made.no_longer_collect:
        made.no_longer_collect.add(link)
        note(made, adult, "may_collect", name, "")
    elif collects and not link.may_collect:
        words = f"The school says that they may not collect {name}: it is left as it is."
        made.left.append(Left(row, str(person), words))


def note(made: Plan, adult: FileAdult, name: str, old: str, new: str) -> None:
    """Write one more child down among the changes of an adult."""
    before = made.changed_adults.setdefault(adult, {}).setdefault(name, ["", ""])
    before[:] = [", ".join(part for part in pair if part) for pair in zip(before, (old, new), strict=True)]
