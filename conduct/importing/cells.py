"""From the cells of one row to what it says of an adult and a child, and what is wrong with it, column by column."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from conduct.importing.reading import Row, Table
from conduct.names import fold

ADULT_NAMED = ("adult_name", "adult_last", "adult_id")
CHILD_NAMED = ("child_name", "child_last", "child_id")
PHONES = ("mobile", "phone", "work")  # one number is kept: the first of these that is given
RELATIONS = {
    "parent": {"mother", "father", "mum", "mam", "dad", "parent", "stepmother", "stepfather", "stepparent", "step"},
    "carer": {"carer", "guardian", "foster", "fosterer"},
    "relative": {
        *("grandmother", "grandfather", "grandparent", "grand", "gran", "nan", "granddad", "grandad", "aunt", "auntie"),
        *("uncle", "brother", "sister", "sibling", "cousin", "relative", "family", "relation", "childminder", "nanny"),
    },
}
YES, NO = {"yes", "y", "true", "1", "x"}, {"no", "n", "false", "0"}
HOUSE_NUMBER = re.compile(r"\d+\s?[A-Za-z]?")


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell, or in a row (no column), and how to put it right."""

    row: int
    column: str
    words: str

    def plain(self) -> dict[str, int | str]:
        return asdict(self)


@dataclass(frozen=True)
class Said:
    """What one row says. Empty is: nothing."""

    row: int
    adult_id: str = ""
    adult: str = ""
    relation: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    collects: bool | None = None
    child_id: str = ""
    child: str = ""
    year: str = ""


class Wrong(ValueError):
    """A value that cannot be taken: which field, and the words."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


class Columns:
    """Where in a row each field stands, and what its heading is."""

    def __init__(self, headings: list[str], columns: dict[str, str]) -> None:
        self.width = len(headings)
        self.places: dict[str, list[int]] = {}
        for place, heading in enumerate(headings):
            if field := columns.get(heading, ""):
                self.places.setdefault(field, []).append(place)
        self.headings = headings

    def values(self, row: Row, field: str) -> list[str]:
        """What the row says in the columns of a field, in their order."""
        return [row.cells[place] for place in self.places.get(field, ()) if row.cells[place]]

    def heading(self, *fields: str) -> str:
        """The heading of the first column that is one of these fields."""
        return next((self.headings[self.places[field][0]] for field in fields if field in self.places), "")


def read_rows(table: Table, columns: Columns, seen: Callable[[int], None]) -> tuple[list[Said], list[Problem]]:
    """What the rows say, and what is wrong with the others. `seen` is told now and then how many were read."""
    said, problems = [], []
    for count, row in enumerate(table.rows, 1):
        if len(row.cells) != columns.width and any(row.cells[columns.width :]) | (len(row.cells) < columns.width):
            problems.append(Problem(row.number, "", cells_differ(len(row.cells), columns.width)))
        else:
            found, wrong = read_row(row, columns)
            problems += wrong
            said += [found] if found else []
        if count % 500 == 0:
            seen(count)
    seen(len(table.rows))
    return said, problems


def cells_differ(cells: int, width: int) -> str:
    many = "cell" if cells == 1 else "cells"
    return f"The row has {cells} {many}, the headings are {width}. A line break or a quotation mark may be missing or too many."


def read_row(row: Row, columns: Columns) -> tuple[Said | None, list[Problem]]:
    """What a row says, or all that is wrong with it."""
    wrong: list[Problem] = []
    told: dict[str, object] = {}
    for field, read in READERS.items():
        try:
            told[field] = read(row, columns)
        except Wrong as one:
            wrong.append(Problem(row.number, columns.heading(one.field), str(one)))
    if not wrong:
        wrong += [Problem(row.number, columns.heading(*fields), words) for fields, words in lacking(told)]
    return (None, wrong) if wrong else (Said(row=row.number, **told), [])  # type: ignore[arg-type]


def lacking(told: dict[str, object]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What a row must say and does not."""
    adult, child = told["adult"] or told["adult_id"], told["child"] or told["child_id"]
    reached = told["address"] or told["email"] or told["phone"]
    if reached and not adult:
        yield ADULT_NAMED, "The row tells how to reach somebody, but not who it is. Give the name."
    if told["year"] and not child:
        yield CHILD_NAMED, "The row gives a year, but not whose it is. Give the child’s name."
    if not (adult or child or reached or told["year"]):
        yield (), "The row names nobody whom the columns chosen could tell. Give a name, or take the row out."


def name_of(who: str, most: int = 120) -> Callable[[Row, Columns], str]:
    """A reader of a name: the whole one, or first name and surname joined; "Marsh, Alex" is turned round."""

    def read(row: Row, columns: Columns) -> str:
        whole = " ".join(columns.values(row, f"{who}_name"))
        last = " ".join(columns.values(row, f"{who}_last"))
        first = " ".join(columns.values(row, f"{who}_first"))
        if whole.count(",") == 1 and not (first or last):
            last, first = (part.strip() for part in whole.split(","))
            whole = ""
        field = f"{who}_name" if f"{who}_name" in columns.places else f"{who}_last"
        if first and not (last or whole):
            raise Wrong(field, "There is a first name without a surname. Give the surname.")
        return fitting(field, " ".join(f"{first} {last}".split()) or " ".join(whole.split()), most)

    return read


def single(field: str, most: int) -> Callable[[Row, Columns], str]:
    return lambda row, columns: fitting(field, " ".join(" ".join(columns.values(row, field)).split()), most)


def fitting(field: str, value: str, most: int) -> str:
    if len(value) > most:
        raise Wrong(field, f"“{value[:40]}…” has {len(value)} characters: {most} at most can be kept. Shorten it.")
    return value


def address_of(row: Row, columns: Columns) -> str:
    """The lines one below the other, the postcode last; a house number stands before its street."""
    lines: list[str] = []
    for line in "\n".join(columns.values(row, "address")).splitlines():
        if lines and HOUSE_NUMBER.fullmatch(lines[-1]):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    for postcode in columns.values(row, "postcode"):
        if fold(postcode).replace(" ", "") not in fold(" ".join(lines)).replace(" ", ""):
            lines.append(postcode.upper())
    return fitting("address", "\n".join(lines), 500)


def email_of(row: Row, columns: Columns) -> str:
    value = next(iter(columns.values(row, "email")), "")
    if value:
        try:
            validate_email(value)
        except ValidationError:
            raise Wrong("email", f"“{value[:60]}” is no email address. Correct it, or empty the cell.") from None
    return fitting("email", value, 254)


def phone_of(row: Row, columns: Columns) -> str:
    for field in PHONES:
        for value in columns.values(row, field):
            if sum(character.isdigit() for character in value) < 5:
                raise Wrong(field, f"“{value[:40]}” is no telephone number. Correct it, or empty the cell.")
            return fitting(field, value, 40)
    return ""


def relation_of(row: Row, columns: Columns) -> str:
    """One of the relations that the register knows; "other" for a word that is none of them."""
    words = set(re.findall(r"[a-z]+", fold(" ".join(columns.values(row, "relation")))))
    if not words:
        return ""
    return next((relation for relation in ("relative", "carer", "parent") if words & RELATIONS[relation]), "other")


def collects_of(row: Row, columns: Columns) -> bool | None:
    value = next(iter(columns.values(row, "collects")), "")
    if not value:
        return None
    if fold(value) not in YES | NO:
        raise Wrong("collects", f"“{value[:40]}” is neither yes nor no. Write yes or no, or empty the cell.")
    return fold(value) in YES


def year_of(row: Row, columns: Columns) -> str:
    """ "4", "Yr 4" and "Year 4" are the same year, and so are "R" and "Reception"."""
    value = " ".join(" ".join(columns.values(row, "year")).split())
    short = re.sub(r"^(?:nc |national curriculum )?(?:year|yr|y)\.? ?(?=\d|r$)", "", fold(value))
    if short.isdigit():
        return f"Year {int(short)}"
    return {"r": "Reception", "rec": "Reception", "n": "Nursery"}.get(short, fitting("year", value, 20))


READERS: dict[str, Callable[[Row, Columns], object]] = {
    "adult_id": single("adult_id", 64),
    "adult": name_of("adult"),
    "relation": relation_of,
    "address": address_of,
    "email": email_of,
    "phone": phone_of,
    "collects": collects_of,
    "child_id": single("child_id", 64),
    "child": name_of("child"),
    "year": year_of,
}
