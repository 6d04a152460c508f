"""CSV files that a spreadsheet opens without running anything in them."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conduct import exporting
from tests.factories import at

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x.example\",\"y\")", "=cmd|' /C calc'!A0",
    "\t=1", "\r=1", "\n=1", "\tplain", "\rplain", "\nplain",
    " =1", "  =1", "\u00a0=1", "\u3000=1", "\u200b=1", "\ufeff=1", "\u202e=1",
    "＝1+1", "＋1", "－1", "＠SUM", "﹢1", "﹣1", "−1", " ＝1", "\x1f=1", "\x00=1",
]  # fmt: skip
PLAIN = [
    "",
    "Alex Marsh",
    "O'Brien",
    "a=1",
    "1-2",
    "Jo @ home",
    "  spaced",
    "(=1)",
    "'=1",
    '"=1"',
    "Ünal",
    "Ł",
    "5",
    "%x",
    "#N",
]


@pytest.mark.parametrize("cell", FORMULAS)
def test_what_a_spreadsheet_may_run_gets_an_apostrophe(cell):
    assert exporting.safe(cell) == "'" + cell.replace("\x00", "")


@pytest.mark.parametrize("cell", PLAIN)
def test_what_it_would_not_run_stays_as_it_is(cell):
    assert exporting.safe(cell) == cell


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), (7, "7"), (-7, "-7"), (True, "yes"), (False, "no"),
        (date(2026, 3, 2), "2026-03-02"), (at("2026-07-02 08:50"), "2026-07-02 08:50"),
    ],
)  # fmt: skip
def test_numbers_and_days_stay_what_they_are(cell, text):
    assert exporting.safe(cell) == text


@given(st.text())
def test_no_cell_begins_like_a_formula(text):
    assert not exporting.safe(text).lstrip()[:1] or exporting.safe(text).lstrip()[0] not in "=+-@＝＋－＠"


def test_the_file_begins_with_the_sign_that_excel_wants_and_reads_back_cell_by_cell():
    rows = [["Smith, Jo", 'said "no"\nand left', 3], ["=1", None, -3]]
    whole = "".join(exporting.lines(["Who", "What", "N"], rows))
    assert whole[0] == "\ufeff"
    assert list(csv.reader(io.StringIO(whole[1:], newline=""))) == [
        ["Who", "What", "N"], ["Smith, Jo", 'said "no"\nand left', "3"], ["'=1", "", "-3"],
    ]  # fmt: skip


def test_the_file_is_sent_line_by_line_while_its_rows_are_made():
    made = []

    def rows():
        for n in range(3):
            made.append(n)
            yield [n]

    response = exporting.response("people", ["N"], rows())
    parts = iter(response.streaming_content)
    next(parts), next(parts)
    assert made == [0]
    assert response.headers["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
