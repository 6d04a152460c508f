"""Whom of the register a file means: by the ID of the information system; else by the name and a shared child or email.

What could be two people is never guessed: it is reported, with the way to make it plain.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from conduct.importing.cells import Problem
from conduct.importing.gathering import Entry, FileAdult, FileChild
from conduct.models import Link, Person, Pupil, School
from conduct.names import fold

Told = TypeVar("Told", FileAdult, FileChild)
Kept = TypeVar("Kept", Person, Pupil)


class Register:
    """The people and pupils of a school as they stand at one moment; locked, nobody else can change one of them."""

    def __init__(self, school: School, *, lock: bool = False) -> None:
        people, pupils = school.people.order_by("pk"), school.pupils.order_by("pk")
        if lock:
            people, pupils = (rows.select_for_update(no_key=True, of=("self",)) for rows in (people, pupils))
        self.people: dict[int, Person] = {person.pk: person for person in people}
        self.pupils: dict[int, Pupil] = {pupil.pk: pupil for pupil in pupils}
        self.links = {(link.person_id, link.pupil_id): link for link in Link.objects.filter(pupil__school=school)}
        self.people_by_id = by_id(self.people.values())
        self.pupils_by_id = by_id(self.pupils.values())
        self.people_by_name = by_name(self.people.values())
        self.pupils_by_name = by_name(self.pupils.values())
        self.adults_of: dict[int, set[int]] = defaultdict(set)
        for person, pupil in self.links:
            self.adults_of[pupil].add(person)
        self.emails_of: dict[int, set[str]] = defaultdict(set)
        for person in self.people.values():
            self.emails_of[person.standing_id].add(person.email.casefold())
        self.protected = {person.standing_id for person in self.people.values() if person.address_protected}

    def whole_adults_of(self, pupil: int) -> set[int]:
        """Whose child a pupil is, by the ids of the rows that stand for them."""
        return {self.people[pk].standing_id for pk in self.adults_of[pupil] if pk in self.people}

    def is_protected(self, person: Person) -> bool:
        """Whether the address of a person is protected in this row or in another that stands for the same person."""
        return person.standing_id in self.protected


def by_id(rows: Iterable[Kept]) -> dict[str, Kept]:
    return {row.external_id: row for row in rows if row.external_id}


def by_name(rows: Iterable[Kept]) -> dict[str, list[Kept]]:
    found: dict[str, list[Kept]] = defaultdict(list)
    for row in rows:
        if row.name:
            found[fold(row.name)].append(row)
    return found


@dataclass
class Meant:
    """Which row of the register each adult and child of the file is; those in neither dictionary are new."""

    adults: dict[FileAdult, Person] = field(default_factory=dict)
    children: dict[FileChild, Pupil] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def meant(entries: list[Entry], register: Register, adult_column: str, child_column: str) -> tuple[Meant, list[Entry]]:
    """Whom the rows mean, and the rows of which that is plain."""
    found = Meant()
    entries = told_apart(entries, "child", Children(register), found, found.children, child_column)
    entries = told_apart(entries, "adult", Adults(register, entries, found), found, found.adults, adult_column)
    return found, entries


def told_apart(
    entries: list[Entry], part: str, finder: "Children | Adults", found: Meant, into: dict, column: str
) -> list[Entry]:
    """Match what the rows tell of children, or of adults; the rows that are left when the unclear ones are taken out."""
    told = list(dict.fromkeys(one for entry in entries if (one := getattr(entry, part))))
    unclear: dict[FileAdult | FileChild, str] = {}
    for one in told:
        kept, why = finder.find(one)
        if why:
            unclear[one] = why
        elif kept:
            into[one] = kept
    unclear |= claimed_twice(into)
    for one in unclear:
        into.pop(one, None)
    bad = [entry for entry in entries if getattr(entry, part) in unclear]
    found.problems += [Problem(entry.row, column, unclear[getattr(entry, part)]) for entry in bad]
    return [entry for entry in entries if getattr(entry, part) not in unclear]


def claimed_twice(into: dict[Told, Kept]) -> dict[Told, str]:
    """Two of the file that would be the same row of the register; one that has its ID keeps it."""
    claims: dict[int, list[Told]] = defaultdict(list)
    for one, kept in into.items():
        claims[kept.pk].append(one)
    found = {}
    for ones in claims.values():
        sure = [one for one in ones if one.external_id and one.external_id == into[one].external_id]
        for one in ones if len(ones) > 1 else ():
            if one not in sure:
                others = " and ".join(str(other.row) for other in ones if other is not one)
                found[one] = (
                    f"This may be the same as in row {others}, or not: {one.name} is written down once. Give IDs."
                )
    return found


class Children:
    """Finds the pupil whom a child of the file is."""

    def __init__(self, register: Register) -> None:
        self.register = register

    def find(self, told: FileChild) -> tuple[Pupil | None, str]:
        """The pupil, or nothing for a new one; or why it is unclear."""
        if told.external_id and told.external_id in self.register.pupils_by_id:
            return self.register.pupils_by_id[told.external_id], ""
        if not told.name:
            return None, f"No child has the ID {told.external_id} here, and the row has no name. Give the child’s name."
        same = free(self.register.pupils_by_name.get(fold(told.name), []), told)
        exact = [pupil for pupil in same if fold(pupil.year) == fold(told.year)]
        # A year is over, or was never written down: the same child has an adult of the same name.
        likely = exact or [p for p in same if not (p.year and told.year) or told.adults & self.adults_of(p)]
        if len(likely) > 1:
            return (
                None,
                f"{len(likely)} children called {told.name} are written down here. Give IDs, or the year of each.",
            )
        return (likely[0] if likely else None), ""

    def adults_of(self, pupil: Pupil) -> set[str]:
        return {
            fold(self.register.people[pk].name)
            for pk in self.register.adults_of[pupil.pk]
            if pk in self.register.people
        }


class Adults:
    """Finds the person whom an adult of the file is."""

    def __init__(self, register: Register, entries: list[Entry], found: Meant) -> None:
        self.register = register
        self.children: dict[FileAdult, set[int]] = defaultdict(set)
        for entry in entries:
            if entry.adult and entry.child in found.children:
                self.children[entry.adult].add(found.children[entry.child].pk)
        self.with_children = {entry.adult for entry in entries if entry.adult and entry.child}

    def find(self, told: FileAdult) -> tuple[Person | None, str]:
        """The person, or nothing for a new one; or why it is unclear."""
        if told.external_id and told.external_id in self.register.people_by_id:
            return self.register.people_by_id[told.external_id], ""
        if not told.name:
            return None, f"Nobody has the ID {told.external_id} here, and the row has no name. Give the name."
        same = free(self.register.people_by_name.get(fold(told.name), []), told)
        likely = standing([person for person in same if self.is_alike(person, told)])
        if len(likely) > 1:
            return None, (
                f"{len(likely)} people called {told.name} fit. If they are one, say so on the page of one of them under "
                "People, and check again."
            )
        if likely:
            return likely[0], ""
        return None, self.namesake(told, same)

    def is_alike(self, person: Person, told: FileAdult) -> bool:
        """Whether a person of the same name shares a child or the email, under whichever row they are written down."""
        if told.email and told.email.casefold() in self.register.emails_of[person.standing_id]:
            return True
        return any(person.standing_id in self.register.whole_adults_of(pupil) for pupil in self.children[told])

    def namesake(self, told: FileAdult, same: list[Person]) -> str:
        """Why somebody of the same name keeps a new person from being written down; nothing when none does."""
        if any(self.register.is_protected(person) for person in same):
            return (
                f"Somebody called {told.name} has a protected address. If it is the same person, write the child or "
                "the email down with them first, then check again; if not, add this one by hand."
            )
        if same and not (told.external_id or told.email or told in self.with_children):
            return (
                f"Somebody called {told.name} is written down, and the row has no ID, email or child that tells whether "
                "it is the same person. Add one."
            )
        return ""


def free(rows: list[Kept], told: FileAdult | FileChild) -> list[Kept]:
    """Those of a name whom the file may mean: not those that are known by another ID."""
    return [row for row in rows if not (told.external_id and row.external_id)]


def standing(people: list[Person]) -> list[Person]:
    """One row for each person: of several that were joined, the one that stands for all."""
    found: dict[int, Person] = {}
    for person in people:
        if person.standing_id not in found or person.identity_id is None:
            found[person.standing_id] = person
    return list(found.values())
