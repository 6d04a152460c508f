"""From the bytes of an uploaded file to its headings and rows; what is no CSV is refused with the way to put it right."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from conduct.uploads import BEGINNINGS, KB, Sort

MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_BYTES = 8 * KB * KB
SEPARATORS = (",", ";", "\t")
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SPACES = re.compile(r"[^\S\n]+")
EXCEL = "in Excel, choose Save As and then “CSV UTF-8”"


class Unreadable(ValueError):
    """The content is no table that can be read. The words follow the file's name."""


@dataclass(frozen=True)
class Row:
    """A row with its number as a spreadsheet counts: the headings are row 1."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    headings: list[str]
    rows: list[Row]


def text_of(content: bytes) -> str:
    """The text in UTF-8, UTF-16 or Windows-1252. Raises Unreadable."""
    for start, what in BEGINNINGS:
        if content.startswith(start):
            raise Unreadable(f"is {what}, whatever its name says: {EXCEL}")
    try:
        text = content.decode(encoding_of(content))
    except UnicodeDecodeError as wrong:
        raise Unreadable(f"is text in an encoding that cannot be told: {EXCEL}") from wrong
    if NO_TEXT.search(text):
        raise Unreadable(f"holds characters that no text has, so it is no CSV file: {EXCEL}")
    return text


def encoding_of(content: bytes) -> str:
    """By the mark at the beginning; else by zeros in every other byte; else UTF-8 if it is that, or Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    beginning = content[:400]
    if beginning.count(b"\x00") > len(beginning) // 4:
        return "utf-16-le" if beginning[1::2].count(b"\x00") > beginning[::2].count(b"\x00") else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def table_of(text: str) -> Table:
    """The headings and the rows that hold anything. Raises Unreadable."""
    text, separator = separated(text)
    rows = list(numbered(text, separator))
    if not rows or rows[0].number != 1:
        raise Unreadable("has no headings: its first row must say what each column is")
    headings = distinct(rows[0].cells)
    if len(headings) < 2:
        raise Unreadable("has one column only: columns are told apart by commas, semicolons or tabs")
    if len(headings) > MOST_COLUMNS:
        raise Unreadable(f"has {len(headings)} columns: {MOST_COLUMNS} at most can be read")
    if len(rows) == 1:
        raise Unreadable("has headings and no rows")
    if len(rows) - 1 > MOST_ROWS:
        raise Unreadable(
            f"has {len(rows) - 1:,} rows: {MOST_ROWS:,} at most are taken over at once, so split it in two"
        )
    return Table(headings, rows[1:])


def separated(text: str) -> tuple[str, str]:
    """The text, and what separates its columns: what a first line `sep=;` says, or what splits the headings most."""
    said = re.match(r'"?sep=(.)"?\r?\n', text)
    if said:
        return text[said.end() :], said[1]
    return text, max(SEPARATORS, key=lambda separator: width(text, separator))


def width(text: str, separator: str) -> int:
    """How many columns the headings have if that separates them."""
    try:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), []))
    except csv.Error:
        return 0


def numbered(text: str, separator: str) -> Iterator[Row]:
    """The rows that hold anything. Raises Unreadable."""
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1):
            tidied = [tidy(cell) for cell in cells]
            if any(tidied):
                yield Row(number, tidied)
    except csv.Error as wrong:
        raise Unreadable(
            f"cannot be read from row {number + 1} on: a quotation mark stands there that is never closed, "
            "or in the middle of a quoted cell"
        ) from wrong


def tidy(cell: str) -> str:
    """A cell without needless spaces; its lines stay lines."""
    if "\n" not in cell and "\r" not in cell:
        return " ".join(cell.split())
    lines = (SPACES.sub(" ", line).strip() for line in cell.splitlines())
    return "\n".join(line for line in lines if line)


def distinct(headings: list[str]) -> list[str]:
    """Headings that can be told apart: an empty one is named by its place, a second of the same name is numbered."""
    while headings and not headings[-1]:
        headings = headings[:-1]
    found: list[str] = []
    for place, heading in enumerate(headings, 1):
        name = " ".join(heading.split())[:80] or f"Column {place}"
        found.append(name if name not in found else f"{name} ({place})")
    return found


def no_table(content: bytes) -> str:
    """Why the content is no table, or nothing."""
    try:
        table_of(text_of(content))
    except Unreadable as wrong:
        return str(wrong)
    return ""


CSV = Sort("a CSV file", (".csv", ".txt", ".tsv"), MOST_BYTES, no_table)
