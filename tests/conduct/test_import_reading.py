"""Reading a file of people: its encoding, its separator, its rows; and what is no CSV is refused in words."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from conduct import uploads
from conduct.importing import reading

TEXT = "Name,Child\r\nZoë Brûlé,Sam\r\n"
ROWS = [reading.Row(2, ["Zoë Brûlé", "Sam"])]


def read(content: bytes) -> reading.Table:
    return reading.table_of(reading.text_of(content))


def refused(content: bytes, name: str = "people.csv") -> str:
    with pytest.raises(ValidationError) as told:
        uploads.validated(SimpleUploadedFile(name, content), reading.CSV)
    return told.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_usual_encoding_is_read(encoding):
    table = read(TEXT.encode(encoding))
    assert table == reading.Table(["Name", "Child"], ROWS)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_are_told_apart(separator):
    assert read(TEXT.replace(",", separator).encode()) == reading.Table(["Name", "Child"], ROWS)


def test_what_excel_says_of_its_separator_is_no_row():
    assert read(b"sep=|\r\nName|Child\r\nJo, the first|Sam\r\n").rows == [reading.Row(2, ["Jo, the first", "Sam"])]


def test_a_quoted_line_break_stays_in_its_cell_and_rows_are_counted_as_a_spreadsheet_counts_them():
    table = read(b'Name,Address\r\nJo,"1 High  Street\r\n\r\n  Townham "\r\n,\r\nSam,x\r\n')
    assert table.rows == [reading.Row(2, ["Jo", "1 High Street\nTownham"]), reading.Row(4, ["Sam", "x"])]


def test_headings_can_be_told_apart():
    table = read(b"Line,Line,,Name,\r\n1,2,3,4,\r\n")
    assert table.headings == ["Line", "Line (2)", "Column 3", "Name"]


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"PK\x03\x04...", "is a ZIP archive or an Office document, whatever its name says: in Excel"),
        (b"%PDF-1.7", "is a PDF, whatever its name says"),
        (b"Name,Child\r\nA\x01,B", "holds characters that no text has"),
        (b"Name,Child\r\n\x81\x8d,B", "is text in an encoding that cannot be told"),
        (b"Just a letter to the school.\nIt has no columns.", "has one column only"),
        (b"<html><body><table><tr><td>1</td></tr></table>", "has one column only"),
        (b"Name,Child\r\n", "has headings and no rows"),
        (b",,\r\nA,B,C\r\n", "has no headings"),
        (b'Name,Child\r\nA,B\r\n"C,D\r\n', "cannot be read from row 3 on: a quotation mark"),
        (b'Name,Child\r\nA,B\r\n"C"C,D\r\n', "cannot be read from row 3 on: a quotation mark"),
        (b" \r\n", "is empty"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content, wrong):
    assert refused(content).startswith(f"“people.csv” {wrong}")


def test_too_many_rows_columns_or_bytes_are_refused_with_the_limit():
    row = b"A,B\r\n"
    assert read(b"Name,Child\r\n" + row * reading.MOST_ROWS).rows[-1].number == 20_001
    assert "has 20,001 rows: 20,000 at most" in refused(b"Name,Child\r\n" + row * (reading.MOST_ROWS + 1))
    assert "has 101 columns: 100 at most" in refused(b",".join(b"c%d" % n for n in range(101)) + b"\r\n1,2\r\n")
    assert refused(b"x" * (reading.MOST_BYTES + 1)).endswith("a CSV file may have 8 MB at most.")


def test_a_spreadsheet_is_refused_by_its_name():
    assert "its name must end in .csv or .txt or .tsv" in refused(TEXT.encode(), "people.xlsx")
