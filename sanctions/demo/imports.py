"""What the office took over from its information system: last term's list, and yesterday's, which has a slip in it."""

from collections.abc import Iterable

from conduct.importing import columns, course, reading, sample
from conduct.models import Import, Person
from sanctions.demo.days import moment
from sanctions.demo.desk import Desk, Walk

HEADINGS = ("Pupil name", "Year group", "Contact name", "Contact email", "Contact mobile")
FAMILIES = 12
TAKEN_OVER, NEW_LIST = 40, 1  # school days ago


def of_the_office(d: Desk) -> Walk:
    """One file taken over, of people who were there already; a newer one checked, that waits for a word."""
    people = [person for person in d.others if person.name and person.email][:FAMILIES]
    yield moment(d.days.ago(TAKEN_OVER), "15:35")
    taken = checked(d, "contacts-september.csv", rows_of(people))
    course.take_over(taken, by=d.who("office1"), at=d.at)
    course.work(taken.pk, now=lambda: d.at)
    yield moment(d.days.ago(NEW_LIST), "15:50")
    checked(d, "contacts.csv", [*rows_of(people[1:], moved=4), *slips(people[0])])


def rows_of(people: Iterable[Person], moved: int = 0) -> list[tuple[str, ...]]:
    """A row for each adult and child; every so many of the adults have another number."""
    rows = []
    for n, person in enumerate(people):
        phone = f"07700 900{800 + n}" if moved and n % moved == 0 else person.phone
        rows += [(pupil.name, pupil.year, person.name, person.email, phone) for pupil in person.pupils.all()]
    return rows


def slips(person: Person) -> list[tuple[str, ...]]:
    """A row whose email lost its end, and one of somebody whom the school does not have yet."""
    return [
        ("", "", person.name, person.email.partition("@")[0] + "@", person.phone),
        ("Indigo Wainwright", "Year 3", "Bryony Wainwright", "bryony.wainwright@example.org", "07700 900899"),
    ]


def checked(d: Desk, name: str, rows: list[tuple[str, ...]]) -> Import:
    """A file read, its columns said where they are not known, and checked."""
    text, by = sample.written(HEADINGS, rows), d.who("office1")
    made = course.begin(d.school, name=name, text=text, by=by, at=d.at)
    if made.state == "columns":
        course.say_columns(made, columns.guessed(reading.table_of(text).headings), by=by, at=d.at)
    course.work(made.pk, now=lambda: d.at)
    return made
