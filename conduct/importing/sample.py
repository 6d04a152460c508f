"""A sample of the file that an information system exports: to see what is wanted, and to try an import with."""

from collections.abc import Iterable

from conduct import exporting

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
    """The sample as text."""
    return written(HEADINGS, ROWS)


def written(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table as the text of a CSV file."""
    return "".join(exporting.lines(headings, rows)).removeprefix(exporting.BOM)
