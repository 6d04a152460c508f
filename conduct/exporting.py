"""A table as a CSV file that a spreadsheet opens without running anything in it.

A cell that begins like a formula is run by spreadsheets, so that a person's name could fetch or send something. Such a
cell gets an apostrophe in front: it is then shown as it is.
"""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

MOST_ROWS = 20_000
BOM = "\ufeff"  # by which Excel knows that it is UTF-8
STARTS = frozenset("=+-@−")  # the last is the true minus sign
CONTROLS = frozenset("\t\r\n\0")


def safe(cell: object) -> str:
    """A cell as text that no spreadsheet takes for a formula. Numbers and days are ours, and stay as they are."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float):
        return str(cell)
    text = str(cell).replace("\0", "")
    return f"'{text}" if begins_like_a_formula(text) else text


def begins_like_a_formula(text: str) -> bool:
    """Whether a spreadsheet may take it for a formula, after the spaces and unseen signs at its front, in any width."""
    for sign in text:
        if sign in CONTROLS:
            return True
        if not (sign.isspace() or unicodedata.category(sign) in {"Cf", "Cc", "Zs"}):
            return unicodedata.normalize("NFKC", sign)[:1] in STARTS
    return False


class Echo:
    """A file that gives back what is written to it: what the csv module needs to make one line at a time."""

    def write(self, line: str) -> str:
        return line


def lines(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The file line by line, the heads first; every cell in quotes and safe."""
    writer = csv.writer(Echo(), quoting=csv.QUOTE_ALL)
    yield BOM + str(writer.writerow([safe(head) for head in heads]))
    for row in rows:
        yield str(writer.writerow([safe(cell) for cell in row]))


def response(name: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """The file as a download, sent while it is being made. `name` is ours, without its ending."""
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingHttpResponse(lines(heads, rows), content_type="text/csv; charset=utf-8", headers=headers)
