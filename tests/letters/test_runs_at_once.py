"""Two clerks, two workers, a killed one, on PostgreSQL: each letter is in one hand, and is issued or printed once."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, connections

from conduct.models import AuditRow
from letters import runs as mechanics
from letters.models import Letter, Run, RunLetter
from sanctions import runs
from sanctions.models import CaseLetter
from tests.factories import World, at, signed
from tests.letters.test_post_room_pages import extra_ban

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick_letters"),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite lets one write at a time"),
]
MORNING = at("2026-03-02 10:30")
LATER = MORNING + timedelta(minutes=31)
LETTERS = 4


@pytest.fixture
def world(monkeypatch) -> World:
    """A school in which every run waits for the worker."""
    assert connection.vendor
    monkeypatch.setattr(runs, "AT_ONCE", {"print": 0, "issue": 0})
    monkeypatch.setattr(runs, "send", lambda pk: None)
    return World("sholing")


@pytest.fixture
def letters(world) -> list[Letter]:
    return [extra_ban(world, f"Person {n}", f"{n} Low Road, Townham TW1 9ZZ") for n in range(LETTERS)]


@pytest.fixture
def second_clerk(world):
    return world.hire("admin", "Ada Second")


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Each deed in a thread of its own, begun together; what each gave, or its error."""
    ready, told = threading.Barrier(len(deeds)), [None] * len(deeds)

    def tried(number: int, deed: Callable[[], object]) -> None:
        try:
            ready.wait(timeout=10)
            told[number] = deed()
        except Exception as error:  # noqa: BLE001 (it is what the test looks at)
            told[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tried, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return told


@pytest.fixture
def both_look_before_either_takes(monkeypatch) -> None:
    """Whoever has seen which letters are free waits until two have, or a second has gone by."""
    met, really = threading.Barrier(2), mechanics.release

    def look_and_wait(moment):
        found = really(moment)
        try:
            met.wait(timeout=1)
        except threading.BrokenBarrierError:
            met.reset()
        return found

    monkeypatch.setattr(mechanics, "release", look_and_wait)


@pytest.fixture
def no_constraint():
    """The control: the database does not refuse a second hand."""
    constraint = next(c for c in RunLetter._meta.constraints if c.name == "letter_in_one_hand")
    with connection.schema_editor() as editor:
        editor.remove_constraint(RunLetter, constraint)
    yield
    RunLetter.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(RunLetter, constraint)


def two_clerks(world: World, letters: list[Letter], other) -> list[mechanics.Taken]:
    ids = [letter.pk for letter in letters]

    def press(by, numbers) -> Callable[[], object]:
        return lambda: runs.begin_printing(world.school, numbers, by=by, at=MORNING)

    return at_once(press(world.adam, ids), press(other, ids[::-1]))


@pytest.mark.usefixtures("both_look_before_either_takes")
def test_of_two_clerks_who_press_at_once_each_letter_goes_to_one(world, letters, second_clerk):
    told = two_clerks(world, letters, second_clerk)
    mine = [{part.letter_id for part in taken.run.parts.all()} if taken.run else set() for taken in told]
    assert mine[0].isdisjoint(mine[1])
    assert mine[0] | mine[1] == {letter.pk for letter in letters}
    assert sum(len(taken.held) for taken in told) == LETTERS  # and the other is told who has it
    assert RunLetter.objects.filter(fate="held").count() == LETTERS


@pytest.mark.usefixtures("both_look_before_either_takes", "no_constraint")
def test_without_the_constraint_both_would_have_had_all(world, letters, second_clerk):
    two_clerks(world, letters, second_clerk)
    assert RunLetter.objects.filter(fate="held").count() == 2 * LETTERS


def test_stale_letters_come_back_exactly_once(world, letters):
    runs.begin_printing(world.school, [letter.pk for letter in letters], by=world.adam, at=MORNING)
    assert sum(at_once(*[lambda: mechanics.release(LATER)] * 3)) == LETTERS


def test_a_run_is_closed_by_one_of_two(world, letters):
    runs.begin_printing(world.school, [letter.pk for letter in letters], by=world.adam, at=MORNING)
    Run.objects.update(stage="ready")
    told = at_once(*[lambda: runs.close(Run.objects.get(), by=world.adam, at=MORNING)] * 2)
    assert [each.printed for each in told if each] == [LETTERS]
    assert AuditRow.objects.filter(deed="close_run").count() == 1


def test_a_late_yes_and_another_clerk_s_grasp_do_not_both_get_a_letter(world, letters, second_clerk):
    ids = [letter.pk for letter in letters]
    late = runs.begin_printing(world.school, ids, by=world.adam, at=MORNING).run
    Run.objects.update(stage="ready")
    closed, taken = at_once(
        lambda: runs.close(late, by=world.adam, at=LATER),
        lambda: runs.begin_printing(world.school, ids, by=second_clerk, at=LATER),
    )
    theirs = {part.letter_id for part in taken.run.parts.all()} if taken.run else set()
    printed = set(Letter.objects.filter(printed_at__isnull=False).values_list("pk", flat=True))
    assert printed.isdisjoint(theirs)
    assert printed | theirs == set(ids)
    assert closed.printed == len(printed)
    assert {part.letter_id for part in closed.gone} == theirs


def test_of_two_workers_one_issues_and_no_letter_twice(world):
    drafts = [extra_ban(world, f"Person {n}", f"{n} Low Road, Townham TW1 9ZZ", issue=False) for n in range(LETTERS)]
    for draft in drafts:
        signed(CaseLetter.objects.get(letter=draft))
    run = runs.begin_issuing(world.school, by=world.adam, at=MORNING).run
    assert sorted(at_once(*[lambda: runs.work(run.pk, now=lambda: MORNING)] * 2)) == ["", "closed"]
    assert sorted(Letter.objects.values_list("reference", flat=True)) == [
        f"L-2026-000{n}" for n in range(1, LETTERS + 1)
    ]
    assert AuditRow.objects.filter(deed="issue_letter").count() == LETTERS


KILLED = """
import os, signal, django
django.setup()
from datetime import datetime
from letters import press
from letters.models import Run
from sanctions import runs
press.letter = lambda *args, **told: b"%PDF"
really, done = runs.issue_part, []
def killed(*args, **told):
    if len(done) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(really(*args, **told))
runs.issue_part = killed
runs.work(Run.objects.get().pk, now=lambda: datetime.fromisoformat("2026-03-02T10:30:00+00:00"))
"""


def test_the_run_of_a_killed_worker_is_finished_by_the_sweep(world):
    for n in range(LETTERS):
        draft = extra_ban(world, f"Person {n}", f"{n} Low Road, Townham TW1 9ZZ", issue=False)
        signed(CaseLetter.objects.get(letter=draft))
    run = runs.begin_issuing(world.school, by=world.adam, at=MORNING).run
    told = connection.settings_dict
    where = quote(told["HOST"], safe="") + (f":{told['PORT']}" if told["PORT"] else "")
    database = f"postgres://{told['USER']}:{told['PASSWORD']}@{where}/{told['NAME']}"
    env = {**os.environ, "DATABASE_URL": database, "CONDUCT_TESTING": "1", "CONDUCT_VAR": str(settings.VAR)}
    env |= {"DJANGO_SETTINGS_MODULE": "conduct.settings"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", KILLED], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list(run.parts.values_list("fate", flat=True)) == ["done"] * 2 + ["held"] * 2
    assert runs.sweep(MORNING + timedelta(seconds=119), now=lambda: LATER) == 0
    assert runs.sweep(MORNING + timedelta(seconds=121), now=lambda: LATER) == 1
    assert list(run.parts.values_list("fate", flat=True)) == ["done"] * 4
    assert sorted(Letter.objects.values_list("reference", flat=True)) == [f"L-2026-000{n}" for n in range(1, 5)]
