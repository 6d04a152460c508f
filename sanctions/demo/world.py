"""Builds the demonstration world: all schools walked together, in order of time, up to the present."""

import heapq
import itertools
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from conduct import households, register, saved_views
from conduct.calendar import local_date
from conduct.models import Person, School, User
from sanctions import diary
from sanctions.demo import everyday, exhibits, imports, paper
from sanctions.demo.cast import Crowd, cast, found_school, found_trust, hashed, hire, long_ago, staff_of
from sanctions.demo.days import Days, moment
from sanctions.demo.desk import Desk, Walk
from sanctions.demo.stories import goes_on, incidents_in, of_pack
from sanctions.models import Measure

Say = Callable[[str], None]
MORNING = "06:00"  # when the scheduler is taken to have found what fell due on a day of the past


def nothing(*_line: str) -> None:
    """Says nothing, does nothing."""


def is_there() -> bool:
    """Whether the demonstration world has been built in this database."""
    return School.objects.filter(slug__in=[plan["slug"] for plan in cast()["schools"]]).exists()


def is_empty() -> bool:
    return not (School.objects.exists() or User.objects.exists())


@transaction.atomic
def build(
    now: datetime, password: str, *, only: Iterable[str] | None = None, say: Say = nothing, last: Callable[[], object] = nothing
) -> None:  # fmt: skip
    """Build the schools (all, or only those with these slugs), whole or not at all.

    `last` is called before the transaction ends: what it raises undoes everything.
    """
    stored = hashed(password)
    plans = [plan for plan in cast()["schools"] if only is None or plan["slug"] in only]
    desks = [opened(plan, now, stored) for plan in plans]
    for desk in desks:
        say(f"{desk.school.name}: {desk.school.people.count()} people, {desk.school.pupils.count()} pupils")
    say("Walking through their last two years …")
    play(desks, now)
    diary.sweep(now)
    for desk in desks:
        keep_view(desk, now)
    for desk in desks:
        say(summary(desk))
    last()


def keep_view(desk: Desk, now: datetime) -> None:
    """The office's own view of the incidents, as a list may be kept."""
    query = "found=no&severity=serious"
    saved_views.save(
        "incidents",
        by=desk.who("office1"),
        school=desk.school,
        at=now,
        name="Serious, facts not found yet",
        query=query,
    )


def opened(plan: Mapping[str, Any], now: datetime, stored: str) -> Desk:
    """A school with its staff and people, before anything has happened."""
    began, today = time.perf_counter(), local_date(now)
    school = found_school(plan, found_trust(plan["trust"], today, stored), today)
    hire(school, plan, today, stored)
    rng = random.Random(plan["slug"])  # noqa: S311 (names and days, the same at every start)
    parts, others = Crowd(school, plan, rng).gather()
    desk = Desk(
        school=school,
        pack=school.adoption_on(today).pack,
        days=Days(school.calendar, now),
        staff=staff_of(school),
        parts=parts,
        others=others,
        rng=rng,
        at=moment(long_ago(today), MORNING),
    )
    give_parts(desk)
    settle(desk)
    desk.seconds = time.perf_counter() - began
    return desk


def give_parts(desk: Desk) -> None:
    """Stories whose part nobody has in cast.toml go to others who can be written to."""
    for story in of_pack(desk.pack):
        if story not in desk.parts:
            person = next(p for p in desk.others if p.address and not shares_a_child(p, desk.parts.values()))
            desk.others.remove(person)
            desk.parts[story] = person


def settle(desk: Desk) -> None:
    """Of those without a story one couple lives together, and where one other lives few may see."""
    by, others = desk.who("senior1"), [p for p in desk.others if p.address]
    couple = next((p for p in others if any(kin in others for kin in households.family(p))), None)
    if couple:
        households.live_together(couple, next(k for k in households.family(couple) if k in others), by=by, at=desk.at)
    alone = next((p for p in reversed(others) if not households.family(p)), None)
    if alone:
        register.protect_address(alone, True, by=by, at=desk.at)


def shares_a_child(person: Person, others: Iterable[Person]) -> bool:
    """Whether the other parent of a child has a story already: two of them would be hard to tell apart."""
    return person.pupils.filter(adults__in=[p.pk for p in others]).exists()


def play(desks: list[Desk], now: datetime) -> None:
    """Let every story go on at its moment, the earliest first, up to the present; what falls due is swept in between."""
    numbers = itertools.count()
    waiting: list[tuple[datetime, int, Desk, Walk]] = []
    for desk in desks:
        for walk in everything(desk):
            step(desk, walk, now, waiting, numbers)
    reached = min((w[0] for w in waiting), default=now)
    while waiting:
        at, _, desk, walk = heapq.heappop(waiting)
        sweep_up_to(at, reached)
        desk.at = reached = at
        step(desk, walk, now, waiting, numbers)
    sweep_up_to(now, reached)


def everything(desk: Desk) -> Iterator[Walk]:
    """The stories, what else happened, the weekly reading, and what was taken over from elsewhere."""
    stories = of_pack(desk.pack)
    for story, play_story in stories.items():
        yield play_story(desk, desk.parts[story])
    yield from everyday.walks_of(desk, everyday.INCIDENTS - everyday.TOGETHER - incidents_in(stories))
    yield everyday.together(desk)
    yield everyday.reading(desk)
    yield exhibits.given(desk)
    yield paper.chosen(desk)
    yield imports.of_the_office(desk)


def step(
    desk: Desk, walk: Walk, now: datetime, waiting: list[tuple[datetime, int, Desk, Walk]], numbers: Iterator[int]
) -> None:
    """One story goes on to its next moment; one that leads past the present waits for the reader."""
    began = time.perf_counter()
    following = next(walk, None)
    desk.seconds += time.perf_counter() - began
    if following is not None and following <= now:
        heapq.heappush(waiting, (goes_on(following, desk.at), next(numbers), desk, walk))


def sweep_up_to(at: datetime, reached: datetime) -> None:
    """Do what fell due on each morning from the moment reached up to another."""
    due = Measure.objects.order_by("due_on").values_list("due_on", flat=True)
    while (first := due.filter(due_on__lte=local_date(at)).first()) is not None:
        reached = max(moment(first, MORNING), reached)
        if reached > at:
            return
        diary.sweep(reached)


def summary(desk: Desk) -> str:
    """One line a school: counts and seconds."""
    school = desk.school
    issued = school.letters.filter(issued_at__isnull=False).count()
    return (
        f"{school.name}: {school.incidents.count()} incidents, {school.cases.count()} cases, "
        f"{issued} letters, {desk.seconds:.1f} s"
    )
