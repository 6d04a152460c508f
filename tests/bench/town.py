"""A town for the measures: one school, with as many people, incidents and bans as a measure asks for.

All in one school, which is the worst case: what a query starts from, the school, narrows nothing. Names are drawn from
short lists with a few very common ones, as in life. The same town grows: who was there before is still there.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice, product
from pathlib import Path
from random import Random

from django.db import connection

from conduct.models import Link, Person, PersonKey, Pupil
from incidents.models import Incident, IncidentClause
from sanctions.models import Case, CaseIncident, Measure
from tests.factories import World, at

NAMES = json.loads((Path(__file__).parent / "names.json").read_text())
FIRST, LAST, STREETS, SYLLABLES = (NAMES[key] for key in ("first", "last", "streets", "syllables"))
KNOWN = NAMES["known"]  # whom the questions of the measures are about: they are in the town from the beginning
BATCH = 5_000
NOW = at("2026-03-02 08:50")


class Town:
    """The school and its people; `grow` adds to them."""

    def __init__(self) -> None:
        self.world = World("sholing")
        self.chance = Random(4)  # noqa: S311 (the same town every time)
        self.rare = ["".join(parts).capitalize() for parts in product(SYLLABLES, repeat=3)]
        self.people, self.incidents, self.rounds = 0, 0, 0

    @property
    def school(self):
        return self.world.school

    def grow(self, *, people: int, incidents: int) -> None:
        """Let the town have that many people, and the school that many incidents."""
        self.add_people(people - self.people)
        self.add_incidents(incidents - self.incidents)

    def unseen(self) -> Iterator[Person]:
        """People of whom no measure has told anything yet, with the same histories in the same order each time."""
        first = 200 * self.rounds
        self.rounds += 1
        return iter(self.school.people.filter(identity=None).order_by("pk")[first : first + 200])

    def surname(self) -> str:
        """One in three has a common name, and the first of the list the most; the others a rarer one."""
        if self.chance.random() < 0.35:
            return LAST[min(int(self.chance.expovariate(0.12)), len(LAST) - 1)]
        return self.chance.choice(self.rare)

    def newcomer(self, number: int) -> Person:
        first, last = KNOWN[number].split() if number < len(KNOWN) else (self.chance.choice(FIRST), self.surname())
        return Person(
            school=self.school,
            name=f"{first} {last}",
            relation="parent",
            address=f"{number % 200} {self.chance.choice(STREETS)}\nTownham\nTW1 1AA",
            phone=f"07700{number:06}" if number < len(KNOWN) else f"07{self.chance.randrange(10**9):09}",
            email=f"{first}.{last}{number}@mail.example".lower().replace("’", ""),
        )

    def add_people(self, number: int) -> None:
        for batch in batches(range(self.people, self.people + number)):
            made = [self.newcomer(n) for n in batch]
            for person in made:
                person.folded = person.as_folded()
            made = Person.objects.bulk_create(made)
            pupils = [Pupil(school=self.school, name=f"{self.chance.choice(FIRST)} {p.name.split()[-1]}") for p in made]
            for pupil in pupils:
                pupil.folded = pupil.as_folded()
            pupils = Pupil.objects.bulk_create(pupils)
            Link.objects.bulk_create(Link(person=p, pupil=child) for p, child in zip(made, pupils, strict=True))
            PersonKey.objects.renew(made)
        self.people += number

    def add_incidents(self, number: int) -> None:
        """Incidents of the people in turn, two a case, the cases closed but for one in forty."""
        adoption = self.school.adoptions.get()
        everybody = list(Person.objects.order_by("pk").values_list("pk", flat=True))
        for batch in batches(range(self.incidents, self.incidents + number)):
            rows = [self.incident(n, everybody[n // 2 % len(everybody)], adoption) for n in batch]
            rows = Incident.objects.bulk_create(rows)
            IncidentClause.objects.bulk_create(IncidentClause(incident=row, clause="U03") for row in rows)
            placed = CaseIncident.objects.bulk_create(self.in_cases(rows))
            Measure.objects.bulk_create(self.warning(each, adoption) for each in placed[::10])
        self.incidents += number

    def settle(self) -> None:
        """Let the database count what it holds, as it does by itself in use."""
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def incident(self, number: int, subject: int, adoption: object) -> Incident:
        when = NOW - timedelta(minutes=13 * number + 60)
        return Incident(
            school=self.school,
            adoption=adoption,
            reference=f"I-1-{number:07}",
            subject_id=subject,
            logged_at=when,
            logged_by=self.world.olive,
            occurred_at=when,
            place=self.chance.choice(["site", "telephone", "email", "social_media"]),
            narrative="Shouted at the counter, and would not leave when asked to.",
            severity=self.chance.choice(["minor", "minor", "serious"]),
        )

    def in_cases(self, rows: list[Incident]) -> list[CaseIncident]:
        pairs = [rows[n : n + 2] for n in range(0, len(rows), 2)]
        cases = Case.objects.bulk_create(self.case(pair[0]) for pair in pairs)
        return [CaseIncident(case=c, incident=row) for c, pair in zip(cases, pairs, strict=True) for row in pair]

    def case(self, first: Incident) -> Case:
        closed = {"closed_at": first.logged_at, "closed_by": self.world.hari, "close_reason": "Settled by a talk."}
        opened = {"opened_at": first.logged_at, "opened_by": self.world.olive}
        reference = first.reference.replace("I", "C")
        return Case(school=self.school, person_id=first.subject_id, reference=reference, **opened, **closed)

    def warning(self, placed: CaseIncident, adoption: object) -> Measure:
        """A warning that was sent: it stands in the table of measures and applies to nobody at the gate."""
        case, when = placed.case, placed.incident.logged_at
        served = {"state": "served", "state_at": when, "served_at": when}
        who = {"case": case, "person_id": case.person_id, "proposed_by": self.world.olive, "proposed_at": when}
        return Measure(response="warning_letter", adoption=adoption, **who, **served)


def batches(numbers: range):
    """The numbers in runs of a size that a database takes at once."""
    each = iter(numbers)
    while batch := list(islice(each, BATCH)):
        yield batch
