"""What else happens at a school in two years: smaller things, mostly settled; and the notices read week by week."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

from conduct.models import Person
from incidents import drafts
from sanctions import cases, inquiry, outcomes
from sanctions.demo import walks
from sanctions.demo.days import moment
from sanctions.demo.desk import Desk, Walk, happenings
from sanctions.inquiry import Part
from sanctions.models import Measure, Task

INCIDENTS = 60  # a school, those of the stories included
FIRST, LAST = 370, 12  # school days ago
TOGETHER = 2  # in one report
WITH_WARNING = 2  # of these incidents
FRIDAY = 4
OF_STORIES = frozenset({"together", "breach", "damage", "pushed", "threat", "threat_email", "threat_telephone"})


def suitable(d: Desk) -> list[str]:
    """What may happen here: all its clauses stand in the school's policy, and it belongs to no story."""
    held = set(d.pack.clauses)
    return [key for key, event in happenings().items() if key not in OF_STORIES and set(event["clauses"]) <= held]


def walks_of(d: Desk, count: int) -> Iterator[Walk]:
    """That many incidents, spread over two years and over the people who have no story."""
    things = suitable(d)
    for n in range(count):
        ago = FIRST - (FIRST - LAST) * n // max(count - 1, 1) + d.rng.randint(-3, 3)
        person, what = d.others[n * 7 % len(d.others)], things[n % len(things)]
        yield incident(d, person, what, d.days.ago(ago), warned=n % (count // WITH_WARNING or 1) == 2)


def incident(d: Desk, person: Person, what: str, on: date, *, warned: bool) -> Walk:
    """Logged; mostly heard and found; sometimes followed by a warning; the case closed when nothing is open."""
    chance = d.rng.random()
    hour = f"{d.rng.choice((8, 9, 10, 13, 15))}".zfill(2)
    logged = yield from walks.reported(d, person, what, on, at=f"{hour}:{d.rng.randint(5, 55):02}")
    if chance > 0.93:
        return  # nobody has followed it up
    later = d.days.after(on, 1)
    yield moment(later, "10:05")
    d.hear(logged, what, reached=chance < 0.7)
    walks.tell_all(d, person)
    if chance > 0.86:
        return
    yield moment(d.days.after(on, 3), "11:40")
    upheld = chance < 0.68 or warned
    d.uphold(logged, by=d.rng.choice(("senior1", "senior2")), upheld=None if upheld else [])
    case = person.cases.filter(closed_at=None).first()
    if warned and case is not None and not case.incidents.filter(accounts=None).exists():
        method = "post" if person.address else "email" if person.email else "hand"
        yield from walks.served(d, person, "warning_letter", d.days.after(on, 5), method)
    yield moment(d.days.after(on, 12), "16:00")
    close_if_quiet(d, person)


def together(d: Desk) -> Walk:
    """Two people in one report, written down by the office for a colleague; and another that is begun and not finished."""
    yield moment(d.days.ago(2), "15:35")
    event = happenings()["together"]
    warned = set(Measure.objects.filter(person__in=d.others).values_list("person", flat=True))
    two = [person for person in reversed(d.others) if person.pk not in warned][:TOGETHER]
    parts = [Part(person, tuple(event["clauses"])) for person in two]
    told = {"place": event["place"], "narrative": event["text"], "on_behalf_of": d.who("senior2")}
    first, *_ = inquiry.log_event(by=d.who("office1"), at=d.at, parts=parts, **told)
    inquiry.take_step(first, by=d.who("office1"), at=d.at, kind="head_told")
    d.hear(first, "together")
    yield moment(d.days.ago(1), "15:10")
    begun = {"who": ["not known: woman, green scarf"], "narrative": ["Rang twice about the gate times and"]}
    drafts.keep(by=d.who("office1"), at=d.at, school=d.school, token=uuid4(), answers={**begun, "place": ["telephone"]})


def close_if_quiet(d: Desk, person: Person) -> None:
    """The head closes a case in which nothing is open and nothing new has happened."""
    case = person.cases.filter(closed_at=None).first()
    recent = person.incidents.filter(logged_at__gt=d.at - timedelta(days=10))
    if case is None or recent.exists() or case.tasks.filter(closed_at=None).exists():
        return
    unheard = case.incidents.filter(findings=None).exists()
    if not unheard:
        cases.close_case(case, by=d.who("head1"), at=d.at, reason="Dealt with, and quiet since.")


def reading(d: Desk) -> Walk:
    """Every Friday in term chair and trust read the notices that have come to them, and the office what came of its reports."""
    for day in d.days.school_days(d.days.ago(FIRST + 5), d.days.today - timedelta(days=1)):
        if day.weekday() == FRIDAY:
            yield moment(day, "15:45")
            notices = Task.objects.filter(case__school=d.school, closed_at=None, kind__in=walks.NOTICES)
            walks.read_notices(d, notices.exclude(kind="repeat_review", case__person__in=d.left_open))
            office = d.who("office1")
            for incident in outcomes.waiting_for(office, d.school, d.at):
                outcomes.read(incident, by=office, at=d.at)
