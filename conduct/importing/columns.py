"""What the columns of a file are: guessed from the headings in common use, said once by somebody, and remembered."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

from conduct.importing.reading import Table
from conduct.models import ColumnMap, School, User
from conduct.names import fold

ADULT_FIELDS = {
    "adult_id": "ID of the adult",
    "adult_name": "Adult’s whole name",
    "adult_first": "Adult’s first name",
    "adult_last": "Adult’s surname",
    "relation": "Relationship to the child",
    "address": "Address, whole or a line of it",
    "postcode": "Postcode",
    "email": "Email",
    "mobile": "Mobile phone",
    "phone": "Home or other phone",
    "work": "Work phone",
    "collects": "May collect: yes or no",
}
CHILD_FIELDS = {
    "child_id": "ID of the child",
    "child_name": "Child’s whole name",
    "child_first": "Child’s first name",
    "child_last": "Child’s surname",
    "year": "Year group",
}
FIELDS = ADULT_FIELDS | CHILD_FIELDS
LEFT_OUT = "Leave out"
CHOICES = [("", LEFT_OUT), ("The adult", list(ADULT_FIELDS.items())), ("The child", list(CHILD_FIELDS.items()))]
SEVERAL = {"address", "email", "mobile", "phone", "work"}  # may stand in more than one column
NAMES = {"adult": {"adult_name", "adult_last"}, "child": {"child_name", "child_last"}}

ADULT_WORDS = {"contact", "contacts", "parent", "guardian", "carer", "adult"}
CHILD_WORDS = {"pupil", "pupils", "student", "child", "learner"}
CHILD_IDS = {"upn", "adno", "admission"}
NOT_TAKEN = {
    *("priority", "responsibility", "parental", "title", "salutation", "gender", "sex", "dob", "birth", "age", "entry"),
    *(
        "form",
        "class",
        "registration",
        "reg",
        "group",
        "language",
        "nationality",
        "ethnicity",
        "court",
        "order",
        "date",
    ),
    *("middle", "note", "notes", "comments", "medical", "employer", "occupation", "tutor", "country"),
}
# Which words of a heading say what the column is: the first line that fits counts.
MEANINGS: tuple[tuple[str, set[str]], ...] = (
    ("email", {"email", "mail"}),
    ("mobile", {"mobile", "cell"}),
    ("work", {"work", "daytime", "business"}),
    ("phone", {"phone", "telephone", "tel", "landline"}),
    ("relation", {"relationship", "relation"}),
    ("collects", {"collect", "collection", "collects"}),
    ("postcode", {"postcode", "zip"}),
    ("year", {"year", "yr", "nc"}),
    ("first", {"forename", "first", "given", "forenames", "firstname"}),
    ("last", {"surname", "last", "family", "lastname"}),
    ("address", {"address", "street", "road", "town", "city", "county", "locality", "village", "apartment", "flat"}),
    ("id", {"id", "identifier", "ref", "reference", *CHILD_IDS}),
    ("name", {"name", "fullname"}),
)
NAME_WORDS = set().union(*(signs for meaning, signs in MEANINGS if meaning in {"first", "last", "name"}))


def fingerprint(headings: list[str]) -> str:
    """What tells files of the same shape: their headings, in their order."""
    return hashlib.sha256("\x1f".join(headings).encode()).hexdigest()


def remembered(school: School, headings: list[str]) -> dict[str, str]:
    """What somebody of the school said once about a file with these headings; nothing when nobody has."""
    found = ColumnMap.objects.filter(school=school, fingerprint=fingerprint(headings)).first()
    return dict(found.columns) if found else {}


def remember(school: School, headings: list[str], columns: dict[str, str], *, by: User, at: datetime) -> None:
    """Keep what was said for the next file of this shape."""
    ColumnMap.objects.update_or_create(
        school=school, fingerprint=fingerprint(headings), defaults={"columns": columns, "at": at, "by": by}
    )


def guessed(headings: list[str]) -> dict[str, str]:
    """What each column is by its heading; empty where that does not say. One thing is guessed once."""
    told = {heading: words_of(heading) for heading in headings}
    unsaid = whose_is_unsaid(told.values())
    found: dict[str, str] = {}
    for heading, words in told.items():
        field = meant(words, unsaid)
        found[heading] = field if field in SEVERAL or field not in found.values() else ""
    return found


def words_of(heading: str) -> set[str]:
    """The words of a heading: "ContactForename" and "contact_forename" have the same two."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    apart = re.sub(r"(?i)\bpost\s+code\b", "postcode", apart)
    return set(re.findall(r"[a-z]+", fold(re.sub(r"(?i)\be-mail\b", "email", apart))))


def whose_is_unsaid(told: Iterable[set[str]]) -> str:
    """Whose name a bare "Surname" is: the child's where only adults are named as such; else the adult's."""
    names = [words for words in told if words & NAME_WORDS or len(words) == 1]
    adults = any(words & ADULT_WORDS for words in names)
    return "child" if adults and not any(words & CHILD_WORDS for words in names) else "adult"


def meant(words: set[str], unsaid: str) -> str:
    """The field that a heading of these words names, or nothing."""
    if words & {"house", "building"} and words & {"name", "number", "no"}:
        return "address"
    if "year" not in words and words & NOT_TAKEN:
        return ""
    what = next((meaning for meaning, signs in MEANINGS if words & signs), "")
    if not what and len(words) == 1 and words & (ADULT_WORDS | CHILD_WORDS):
        what = "name"
    whose = "adult" if words & ADULT_WORDS else "child" if words & (CHILD_WORDS | CHILD_IDS) else unsaid
    if what in {"id", "first", "last", "name"}:
        return f"{whose}_{what}"
    if what in {"relation", "year", "collects"} or not words & CHILD_WORDS or words & ADULT_WORDS:
        return what
    return ""  # where a child lives is not asked


def missing(columns: dict[str, str]) -> list[str]:
    """What keeps a file with these columns from being read, in words; nothing when it is enough."""
    given = set(columns.values()) - {""}
    wrong = []
    for who, label in (("adult", "adult"), ("child", "child")):
        if f"{who}_first" in given and not given & NAMES[who]:
            wrong.append(f"Say which column is the {label}’s surname.")
    tells = {who: bool(given & (names | {f"{who}_id"})) for who, names in NAMES.items()}
    if given & set(ADULT_FIELDS) and not tells["adult"]:
        wrong.append("Say which column tells who the adult is: their ID, their whole name or their surname.")
    if given & set(CHILD_FIELDS) and not tells["child"]:
        wrong.append("Say which column tells who the child is: their ID, their whole name or their surname.")
    if not given:
        wrong.append("Say at least which column is the name of the adult, or of the child.")
    return list(dict.fromkeys(wrong))


def doubled(columns: dict[str, str]) -> dict[str, str]:
    """Columns that say the same as another where only one may: heading to the heading before it."""
    first: dict[str, str] = {}
    found = {}
    for heading, field in columns.items():
        if field and field not in SEVERAL and field in first:
            found[heading] = first[field]
        first.setdefault(field, heading)
    return found


def samples(table: Table, most: int = 3) -> list[list[str]]:
    """Two or three values of each column, from its first rows."""
    found: list[list[str]] = [[] for _ in table.headings]
    for row in table.rows[:200]:
        for values, cell in zip(found, row.cells, strict=False):
            value = cell.replace("\n", ", ")[:60]
            if value and value not in values and len(values) < most:
                values.append(value)
    return found
