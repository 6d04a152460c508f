"""A sample of the file that an information system exports: to see what is wanted, and to try an import with."""

import csv
import io
from collections.abc import Iterable, Sequence

HEADINGS = (
    *("Pupil ID", "Pupil name", "Year group", "Contact ID", "Contact first name", "Contact surname", "Relationship"),
    *("Address line 1", "Address line 2", "Town", "Postcode", "Home phone", "Mobile", "Email", "May collect"),
)
ROWS = (
    ("P1001", "Rowan Fielding", "Year 4", "C2001", "Jude", "Fielding", "Mother", "14", "Mill Rise", "Ashfield", "ZE7 4QT",
     "01632 960701", "07700 900701", "jude.fielding@example.org", "Yes"),
    ("P1001", "Rowan Fielding", "Year 4", "C2002", "Morgan", "Fielding", "Father", "3 Canal Street", "", "Ashfield", "ZE7 2BD",
     "", "07700 900702", "morgan.fielding@example.org", "Yes"),
    ("P1002", "Wren Fielding", "Reception", "C2001", "Jude", "Fielding", "Mother", "14", "Mill Rise", "Ashfield", "ZE7 4QT",
     "01632 960701", "07700 900701", "jude.fielding@example.org", "Yes"),
    ("P1003", "Teddy Okonjo", "Year 6", "C2003", "Ada", "Okonjo", "Grandmother", "Flat 2", "9 Station Road", "Ashfield",
     "ZE7 1AA", "01632 960703", "", "", "Yes"),
    ("P1003", "Teddy Okonjo", "Year 6", "C2004", "Paul", "Okonjo", "Father", "", "", "", "", "", "07700 900704", "", "No"),
)  # fmt: skip


def sample() -> str:
    return written(HEADINGS, ROWS)


def written(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file that a spreadsheet opens as it is meant: no cell of it can act as a formula."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(headings)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return made.getvalue()


def safe(cell: object) -> str:
    """A cell as text: one that a spreadsheet would take for a formula begins with an apostrophe."""
    text = str(cell)
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) else text
