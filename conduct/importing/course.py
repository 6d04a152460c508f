"""The course of an import: begun, its columns named, checked, and at somebody's word taken over whole, or not at all.

The row is the truth; the message to the worker holds its number only. Each step is a conditional update whose count says
who was quicker: of two clicks, two people or two workers, one. A worker claims an import and gives a sign now and then;
when it has been silent for long it is taken for dead. As all is written in one transaction, it then left nothing behind.
Only the search, which can be made anew from the register, follows afterwards.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from conduct import audit
from conduct.celery import app
from conduct.importing import columns as known_columns
from conduct.importing import preview
from conduct.importing.matching import Register
from conduct.importing.planning import Plan, Prepared, plan, prepare
from conduct.importing.reading import table_of
from conduct.importing.writing import write
from conduct.models import Import, PersonKey, School, User

log = logging.getLogger(__name__)
Now = Callable[[], datetime]

TASK = "conduct.tasks.import_people"
UNDONE = ("checking", "running")  # by a worker who may die: then nothing was taken over
WORKING = (*UNDONE, "indexing")
AT_ONCE = 250  # people whose search keys are made in one go
UNCLAIMED_AFTER = timedelta(minutes=1)  # then the message to the worker was lost
SILENT_AFTER = timedelta(minutes=2)  # then the worker is dead
FORGOTTEN_AFTER = timedelta(days=7)  # then what an import holds of people is thrown away


class TakenAway(Exception):
    """Somebody dropped the import, or took its worker for dead, while the worker was at it."""


def move(imports: "QuerySet[Import]", to: str, **values: Any) -> bool:
    """Bring an import into another state, if it is still one of these; whether it was. The only place that does."""
    return imports.update(state=to, **values) == 1


def one(pk: int, *states: str) -> "QuerySet[Import]":
    return Import.objects.filter(pk=pk, state__in=states)


def about(row: Import) -> str:
    """How the audit names an import."""
    return f"import {row.pk}"


@transaction.atomic
def begin(school: School, *, name: str, text: str, by: User, at: datetime) -> Import:
    """Keep the text of a file that `reading` took. Where its columns are known, it is checked at once."""
    table = table_of(text)
    row = Import.objects.create(school=school, name=name, content=text, rows=len(table.rows), at=at, by=by)
    audit.record(
        "begin_import", by=by, at=at, school=school, about=about(row), changes={"name": name, "rows": row.rows}
    )
    columns = known_columns.remembered(school, table.headings)
    if columns and not known_columns.missing(columns):
        ask(row, "checking", "columns", by=by, at=at, columns=columns)
    row.refresh_from_db()
    return row


@transaction.atomic
def say_columns(row: Import, columns: dict[str, str], *, by: User, at: datetime) -> bool:
    """Remember what the columns are, and have the file checked; whether it still waited for that."""
    asked = ask(row, "checking", "columns", "ready", "failed", by=by, at=at, columns=columns)
    if asked:
        known_columns.remember(row.school, table_of(row.content).headings, columns, by=by, at=at)
    return asked


def check(row: Import, *, by: User, at: datetime) -> bool:
    """Have the file checked again: the register has changed, or the worker died."""
    if stuck(row, at):
        fail_silent(Import.objects.filter(pk=row.pk), at)
    return ask(row, "checking", "ready", "failed", by=by, at=at)


def take_over(row: Import, *, by: User, at: datetime) -> bool:
    """Give the word. Whether this was the click that counted."""
    return ask(row, "running", "ready", by=by, at=at)


def ask(row: Import, to: str, *states: str, by: User, at: datetime, **values: Any) -> bool:
    """Put the import before the worker. A message that cannot be sent is lost without harm: the sweep finds the row."""
    asked = move(one(row.pk, *states), to, asked_at=at, asked_by=by, claimed_at=None, rows_seen=0, **values)
    if asked:
        transaction.on_commit(lambda: send(row.pk))
    return asked


def send(pk: int) -> None:
    """Tell a worker of an import. A broker that is down must not fail the request."""
    try:
        app.send_task(TASK, (pk,), retry=False)
    except Exception as lost:  # each transport raises errors of its own, and every one of them means the same here
        log.warning("The broker took no message (%s): import %s waits for the next sweep.", lost, pk)


@transaction.atomic
def drop(row: Import, *, by: User, at: datetime) -> bool:
    """Throw the file away: nothing is taken over. Not while it is being taken over."""
    dropped = move(
        one(row.pk, "columns", "checking", "ready", "failed"), "dropped", over_at=at, **preview.NOTHING, content=""
    )
    if dropped:
        audit.record("drop_import", by=by, at=at, school=row.school, about=about(row))
    return dropped


# -- the worker ---------------------------------------------------------------------------------------------------


class Claim:
    """A worker's hold on an import: each sign says how far it is."""

    def __init__(self, row: Import, now: Now) -> None:
        self.pk, self.asked, self.now = row.pk, row.state, now
        self.moment = row.claimed_at

    def held(self) -> "QuerySet[Import]":
        return Import.objects.filter(pk=self.pk, state=self.asked, claimed_at=self.moment)

    def seen(self, rows: int) -> None:
        self.sign(rows_seen=rows)

    def sign(self, **how_far: Any) -> None:
        """A sign of life, and how far it is. Raises TakenAway."""
        moment = self.now()
        if not self.held().update(claimed_at=moment, **how_far):
            raise TakenAway
        self.moment = moment


def work(pk: int, *, now: Now) -> str:
    """Do what was asked of an import, if nobody else does; the state in which it then is, or nothing."""
    state = ""
    while one(pk, *WORKING).filter(claimed_at=None).update(claimed_at=now()):
        state = step(Import.objects.select_related("school", "asked_by").get(pk=pk), now)
    return state


def step(row: Import, now: Now) -> str:
    """One step of an import that this worker has claimed; the state in which it then is, or nothing."""
    claim = Claim(row, now)
    try:
        steps = {"checking": check_now, "running": take_over_now, "indexing": index_now}
        steps[row.state](row, claim)
    except TakenAway:
        log.warning("Import %s was taken from this worker, which wrote nothing.", row.pk)
        return ""
    except Exception:
        log.exception("Import %s stopped while %s.", row.pk, row.state)
        if row.state in UNDONE:  # what is taken over stays claimed, and is tried again when that has grown old
            move(claim.held(), "failed", claimed_at=None)
    return str(Import.objects.values_list("state", flat=True).get(pk=row.pk))


def read(row: Import, claim: Claim) -> Prepared:
    return prepare(table_of(row.content), row.columns, claim.seen)


def check_now(row: Import, claim: Claim) -> None:
    """Work out what would change, for somebody to look at."""
    found = plan(row.school, read(row, claim), Register(row.school))
    if not move(claim.held(), "ready", claimed_at=None, **preview.of(found)):
        raise TakenAway


def take_over_now(row: Import, claim: Claim) -> None:
    """Read the file, then compare it with the register and write all of it in one transaction."""
    prepared = read(row, claim)
    with transaction.atomic():
        # The first statement takes the row: a second worker, or whoever takes this one for dead, waits for the end.
        at = claim.now()
        if not move(claim.held(), "indexing", over_at=at, claimed_at=None, content=""):
            raise TakenAway
        School.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.school_id)
        found = plan(row.school, prepared, Register(row.school, lock=True))
        assert row.asked_by is not None
        unfound = write(row.school, found, by=row.asked_by, at=at)
        finish(row, found, unfound, at)


def finish(row: Import, found: Plan, unfound: list[int], at: datetime) -> None:
    """What was taken over, in numbers; which rows were not, and why; and what is left to do for the search."""
    shown = preview.of(found)
    Import.objects.filter(pk=row.pk).update(unfound=unfound, **shown)
    audit.record("import_people", by=row.asked_by, at=at, school=row.school, about=about(row), changes=shown["counts"])


def index_now(row: Import, claim: Claim) -> None:
    """Bring the search up to date, some people at a time: in between, others can write. Begun again, it goes on."""
    left = row.unfound
    while left:
        some, left = left[:AT_ONCE], left[AT_ONCE:]
        with transaction.atomic():
            claim.sign(unfound=left)
            people = row.school.people.select_for_update(no_key=True, of=("self",))
            PersonKey.objects.renew(people.filter(pk__in=some).order_by("pk"))
    if not move(claim.held(), "done", claimed_at=None):
        raise TakenAway


# -- what was left lying ------------------------------------------------------------------------------------------


def stuck(row: Import, at: datetime) -> bool:
    """Whether the worker that had the import has been silent for so long that it must be dead."""
    return row.state in UNDONE and row.claimed_at is not None and row.claimed_at < at - SILENT_AFTER


def waiting(row: Import, at: datetime) -> bool:
    """Whether no worker has begun for so long that the message must have been lost, or none is running."""
    lost = row.asked_at is not None and row.asked_at < at - UNCLAIMED_AFTER
    return row.state in WORKING and row.claimed_at is None and lost


def fail_silent(imports: "QuerySet[Import]", at: datetime) -> int:
    """Imports whose worker died: nothing of them was taken over, and they can be begun again."""
    silent = imports.filter(state__in=UNDONE, claimed_at__lt=at - SILENT_AFTER)
    return sum(move(silent.filter(pk=pk), "failed", claimed_at=None) for pk in silent.values_list("pk", flat=True))


def left_lying(at: datetime) -> Iterable[int]:
    """Imports that no worker was told of: to be done by whoever finds them."""
    lying = Import.objects.filter(state__in=WORKING, claimed_at=None, asked_at__lt=at - UNCLAIMED_AFTER)
    return list(lying.order_by("asked_at", "pk").values_list("pk", flat=True))


def forget(at: datetime) -> None:
    """After a week, an import that nobody went on with is dropped, and one that is over keeps its numbers only."""
    long_ago = at - FORGOTTEN_AFTER
    idle = Import.objects.filter(state__in=["columns", "ready", "failed"], at__lt=long_ago)
    for pk in idle.values_list("pk", flat=True):
        move(idle.filter(pk=pk), "dropped", over_at=at, content="", **preview.NOTHING)
    over = Import.objects.filter(state="done", over_at__lt=long_ago)
    over.exclude(problems=[], examples={}).update(**preview.NOTHING)


def sweep(at: datetime, *, now: Now) -> int:
    """Look after imports that were left lying, whose worker died, or that nobody wants; how many were done."""
    fail_silent(Import.objects.all(), at)
    Import.objects.filter(state="indexing", claimed_at__lt=at - SILENT_AFTER).update(claimed_at=None)
    forget(at)
    return sum(bool(work(pk, now=now)) for pk in left_lying(at))
