"""The rows of a file brought together: each adult and each child once, and who belongs to whom.

An adult stands in one row for each child. Rows are of the same adult when they have the same ID; without IDs, when they
have the same name and the same email, phone, address or child. Rows that contradict each other are reported.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from conduct.importing.cells import ADULT_NAMED, CHILD_NAMED, PHONES, Columns, Problem, Said
from conduct.names import fold

Sign = tuple[str, ...]
TOLD = {"name": ADULT_NAMED, "address": ("address", "postcode"), "email": ("email",), "phone": PHONES}


def bare(text: str) -> str:
    """Letters and digits alone: "1 High St, Townham" and "1 High St\\nTownham" are the same address."""
    return re.sub(r"[\W_]+", "", fold(text))


def same_name(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


@dataclass(eq=False)
class FileChild:
    """A child as the file tells them."""

    row: int
    external_id: str
    name: str
    year: str
    adults: set[str] = field(default_factory=set)  # the folded names of those in the same rows


@dataclass(eq=False)
class FileAdult:
    """An adult as the file tells them, in all their rows."""

    row: int
    external_id: str
    name: str = ""
    relation: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Entry:
    """One sound row: an adult, a child, or both and that they belong together."""

    row: int
    adult: FileAdult | None
    child: FileChild | None
    collects: bool | None


@dataclass
class Gathered:
    """The sound rows of a file, and what is wrong with the others."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Contradiction(ValueError):
    """A row says something else than an earlier one: in which column, and the words."""

    def __init__(self, column: str, words: str) -> None:
        super().__init__(words)
        self.column = column


class Gatherer:
    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.adults: dict[Sign, list[FileAdult]] = defaultdict(list)
        self.children: dict[Sign, FileChild] = {}

    def gather(self, rows: list[Said]) -> Gathered:
        found = Gathered()
        for said in rows:
            try:
                child = self.child(said)
                adult = self.adult(said, child)
            except Contradiction as wrong:
                found.problems.append(Problem(said.row, wrong.column, str(wrong)))
                continue
            if child and adult:
                child.adults.add(fold(adult.name))
            found.entries.append(Entry(said.row, adult, child, said.collects))
        return found

    def child(self, said: Said) -> FileChild | None:
        if not (said.child or said.child_id):
            return None
        key = ("id", said.child_id) if said.child_id else ("name", fold(said.child), fold(said.year))
        known = self.children.get(key)
        if known is None:
            known = self.children[key] = FileChild(said.row, said.child_id, said.child, said.year)
        self.agree(said, known, "name", said.child, CHILD_NAMED)
        self.agree(said, known, "year", said.year, ("year",))
        return known

    def adult(self, said: Said, child: FileChild | None) -> FileAdult | None:
        if not (said.adult or said.adult_id):
            return None
        signs = list(signs_of(said, child))
        fitting = self.known_by(said.adult_id, signs)
        if len(fitting) > 1:
            rows = " and ".join(str(one.row) for one in fitting)
            words = f"{said.adult} may be the one of row {rows}: give each of them an ID, or the same email."
            raise Contradiction(self.columns.heading(*ADULT_NAMED), words)
        known = fitting[0] if fitting else FileAdult(said.row, said.adult_id, relation=said.relation)
        for name, fields in TOLD.items():
            self.agree(said, known, name, said.adult if name == "name" else getattr(said, name), fields)
        known.external_id = known.external_id or said.adult_id
        for sign in [*signs, ("id", said.adult_id)]:
            if known not in self.adults[sign]:
                self.adults[sign].append(known)
        return known

    def known_by(self, adult_id: str, signs: list[Sign]) -> list[FileAdult]:
        """Of whom earlier rows told that may be this adult: by the ID alone where both have one."""
        if adult_id and self.adults[("id", adult_id)]:
            return self.adults[("id", adult_id)]
        alike = dict.fromkeys(one for sign in signs for one in self.adults[sign])
        return [one for one in alike if not (adult_id and one.external_id)]

    def agree(self, said: Said, known: FileChild | FileAdult, name: str, value: str, fields: tuple[str, ...]) -> None:
        """Take over a value that no row has told before. Raises Contradiction when one has told another."""
        told = getattr(known, name)
        if not told:
            setattr(known, name, value)
        elif value and bare(value) != bare(told):
            here, there = (text.replace("\n", ", ") for text in (value, told))
            words = (
                f"“{here}” stands here, and “{there}” in row {known.row} for the same {who(known)}. Make them the same."
            )
            raise Contradiction(self.columns.heading(*fields), words)


def signs_of(said: Said, child: FileChild | None) -> Iterator[Sign]:
    """What tells, beside the ID, that a row is of an adult of whom an earlier row told."""
    name = fold(said.adult)
    tells = {"email": said.email.casefold(), "phone": bare(said.phone), "address": bare(said.address)}
    yield from ((name, kind, value) for kind, value in tells.items() if value and name)
    if child and name:
        yield (name, "child", str(id(child)))
    elif name and not any(tells.values()):
        yield (name, "alone")


def who(known: FileChild | FileAdult) -> str:
    return "child" if isinstance(known, FileChild) else "adult"
