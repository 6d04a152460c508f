"""The course of an import: two clicks are one, a dead worker leaves nothing behind, what was left lying is found."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import TestCase

from conduct import health, people
from conduct.importing import columns, course, reading
from conduct.importing.sample import sample
from conduct.models import AuditRow, ColumnMap, Import, Person, Pupil
from sanctions import tasks
from tests.factories import at

NOW = at("2026-03-02 09:00")
LATER = NOW + timedelta(minutes=5)
NAMES = columns.guessed(reading.table_of(sample()).headings)


def now():
    return NOW


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """The numbers of the imports of which a worker was told."""
    told: list[int] = []
    monkeypatch.setattr(course.app, "send_task", lambda name, args, **options: told.append(args[0]))
    return told


@pytest.fixture
def begun(world) -> Import:
    return course.begin(world.school, name="people.csv", text=sample(), by=world.olive, at=NOW)


@pytest.fixture
def asked(world, begun) -> Import:
    """An import of which the check was asked, and that no worker has begun."""
    course.say_columns(begun, NAMES, by=world.olive, at=NOW)
    return begun


@pytest.fixture
def ready(asked) -> Import:
    course.work(asked.pk, now=now)
    return asked


def state(row: Import) -> str:
    row.refresh_from_db()
    return row.state


def registered() -> tuple[int, int]:
    return Person.objects.count(), Pupil.objects.count()


def test_the_way_of_an_import(world, begun):
    told = {"by": world.olive, "at": NOW}
    assert (begun.state, begun.rows) == ("columns", 5)
    assert course.say_columns(begun, NAMES, **told)
    assert state(begun) == "checking"
    assert course.work(begun.pk, now=now) == "ready"
    assert state(begun) == "ready"
    assert course.take_over(begun, by=world.sena, at=LATER)
    assert state(begun) == "running"
    assert course.work(begun.pk, now=lambda: LATER) == "done"
    assert (state(begun), begun.content, begun.over_at, begun.asked_by, begun.claimed_at) == (
        *("done", "", LATER, world.sena, None),
    )
    assert registered() == (5, 4)
    rows = AuditRow.objects.filter(about=f"import {begun.pk}").order_by("pk")
    assert [(row.deed, row.by, row.at) for row in rows] == [
        ("begin_import", world.olive, NOW),
        ("import_people", world.sena, LATER),
    ]
    assert rows[1].changes["people_new"] == 4


def test_the_next_file_of_this_shape_is_checked_at_once(world, ready, sent):
    with TestCase.captureOnCommitCallbacks(execute=True):
        second = course.begin(world.school, name="again.csv", text=sample(), by=world.olive, at=NOW)
    assert (second.state, second.columns, sent) == ("checking", NAMES, [second.pk])
    assert ColumnMap.objects.get().columns == NAMES


def test_a_worker_is_told_after_the_commit_and_never_before(world, begun, sent):
    with TestCase.captureOnCommitCallbacks(execute=True) as told:
        course.say_columns(begun, NAMES, by=world.olive, at=NOW)
        assert sent == []
    assert (len(told), sent) == (1, [begun.pk])


def test_a_broker_that_is_down_fails_no_request_and_the_sweep_finds_the_import(world, begun, monkeypatch):
    def down(*args, **options):
        raise ConnectionRefusedError

    monkeypatch.setattr(course.app, "send_task", down)
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert course.say_columns(begun, NAMES, by=world.olive, at=NOW)
    assert state(begun) == "checking"
    assert course.sweep(NOW + timedelta(seconds=59), now=now) == 0
    assert course.sweep(NOW + timedelta(seconds=61), now=now) == 1
    assert state(begun) == "ready"


def test_the_scheduled_sweep_looks_after_imports(world, asked):
    tasks.sweep()
    assert state(asked) == "ready"
    assert not health.scheduler_silent()


def test_of_two_clicks_one_counts(world, ready):
    assert course.take_over(ready, by=world.olive, at=NOW)
    assert not course.take_over(ready, by=world.sena, at=NOW)
    assert (state(ready), ready.asked_by) == ("running", world.olive)
    assert course.work(ready.pk, now=now) == "done"
    assert not course.take_over(ready, by=world.sena, at=NOW)
    assert not course.check(ready, by=world.sena, at=NOW)


def test_a_message_that_comes_twice_is_done_once(world, ready):
    course.take_over(ready, by=world.olive, at=NOW)
    assert [course.work(ready.pk, now=now) for _ in range(2)] == ["done", ""]
    assert AuditRow.objects.filter(deed="import_people").count() == 1


def test_a_message_of_an_import_that_is_not_there_does_nothing(db):
    assert course.work(999_999, now=now) == ""


def test_nothing_is_done_without_a_word(world, begun):
    assert course.work(begun.pk, now=now) == ""
    course.say_columns(begun, NAMES, by=world.olive, at=NOW)
    course.work(begun.pk, now=now)
    assert course.work(begun.pk, now=now) == ""
    assert registered() == (1, 1)


# --- nothing half-done


def test_whatever_goes_wrong_in_the_middle_leaves_nothing_behind_and_it_can_be_begun_again(world, ready, monkeypatch):
    def fails(*args, **told):
        assert Person.objects.count() == 5  # the people are written by then
        raise DatabaseError("the disk is full")

    course.take_over(ready, by=world.olive, at=NOW)
    with monkeypatch.context() as broken:
        broken.setattr("conduct.importing.writing.record", fails)
        assert course.work(ready.pk, now=now) == "failed"
    assert state(ready) == "failed"
    assert ready.content
    assert registered() == (1, 1)
    assert not AuditRow.objects.filter(deed__in=["import_people", "import_person"]).exists()
    assert course.check(ready, by=world.olive, at=NOW)
    assert course.work(ready.pk, now=now) == "ready"
    course.take_over(ready, by=world.olive, at=NOW)
    assert course.work(ready.pk, now=now) == "done"
    assert registered() == (5, 4)


def test_a_worker_that_is_silent_is_taken_for_dead(world, ready):
    course.take_over(ready, by=world.olive, at=NOW)
    Import.objects.update(claimed_at=NOW)  # by a worker that died
    assert course.sweep(NOW + timedelta(seconds=120), now=now) == 0
    assert (state(ready), course.stuck(ready, NOW + timedelta(seconds=120))) == ("running", False)
    assert course.stuck(ready, NOW + timedelta(seconds=121))
    course.sweep(NOW + timedelta(seconds=121), now=now)
    assert (state(ready), ready.claimed_at) == ("failed", None)
    assert course.check(ready, by=world.olive, at=LATER)


def test_whoever_sees_that_it_is_stuck_begins_again_without_waiting_for_the_sweep(world, ready):
    course.take_over(ready, by=world.olive, at=NOW)
    Import.objects.update(claimed_at=NOW)
    ready.refresh_from_db()
    assert course.check(ready, by=world.sena, at=LATER)
    assert (state(ready), ready.asked_by) == ("checking", world.sena)


def test_a_worker_that_dies_after_all_is_taken_over_leaves_it_so_and_the_next_sweep_finishes_the_search(
    world, ready, monkeypatch
):
    monkeypatch.setattr(course, "AT_ONCE", 2)
    renewed = []

    def fails(people):
        renewed.append(list(people))
        if len(renewed) == 2:
            raise DatabaseError("the disk is full")

    course.take_over(ready, by=world.olive, at=NOW)
    with monkeypatch.context() as broken:
        broken.setattr(course.PersonKey.objects, "renew", fails)
        course.work(ready.pk, now=now)
    assert (state(ready), len(ready.unfound), registered()) == ("indexing", 2, (5, 4))
    assert not course.drop(ready, by=world.olive, at=LATER)
    assert not course.check(ready, by=world.olive, at=LATER)
    assert course.sweep(NOW + timedelta(seconds=120), now=now) == 0
    assert course.sweep(NOW + timedelta(seconds=121), now=now) == 1
    assert (state(ready), ready.unfound, ready.over_at) == ("done", [], NOW)
    found = people.search(world.school, "okonjo")
    assert {person.pk for person in found} == {
        person.pk for person in Person.objects.filter(name__endswith="Okonjo")
    } - {person.pk for person in renewed[0]}


def test_a_worker_from_which_it_was_taken_writes_nothing(world, ready, monkeypatch):
    """It was taken for dead, slept on, and wakes up just before it would write."""
    course.take_over(ready, by=world.olive, at=NOW)
    really = course.prepare

    def slept(*args):
        prepared = really(*args)
        course.fail_silent(Import.objects.all(), LATER)
        return prepared

    monkeypatch.setattr(course, "prepare", slept)
    assert course.work(ready.pk, now=now) == ""
    assert state(ready) == "failed"
    assert registered() == (1, 1)


def test_a_worker_stops_when_the_file_was_dropped_meanwhile(world, asked, monkeypatch):
    really = course.table_of

    def dropped_meanwhile(text):
        course.drop(asked, by=world.sena, at=NOW)
        return really(text)

    monkeypatch.setattr(course, "table_of", dropped_meanwhile)
    assert course.work(asked.pk, now=now) == ""
    assert (state(asked), asked.counts) == ("dropped", {})


def test_the_register_as_it_is_when_the_word_is_given_counts_and_not_as_it_was_checked(world, ready):
    world.person("Jude Fielding", email="jude.fielding@example.org")
    course.take_over(ready, by=world.olive, at=NOW)
    course.work(ready.pk, now=now)
    ready.refresh_from_db()
    assert (ready.counts["people_new"], ready.counts["people_changed"]) == (3, 1)
    assert Person.objects.filter(name="Jude Fielding").count() == 1


# --- thrown away


def test_a_dropped_file_is_gone_and_cannot_be_taken_over(world, ready):
    assert course.drop(ready, by=world.sena, at=LATER)
    assert (state(ready), ready.content, ready.problems, ready.examples, ready.over_at) == (
        "dropped",
        "",
        [],
        {},
        LATER,
    )
    assert not course.take_over(ready, by=world.olive, at=LATER)
    assert AuditRow.objects.get(deed="drop_import").by == world.sena


def test_what_is_being_taken_over_cannot_be_dropped(world, ready):
    course.take_over(ready, by=world.olive, at=NOW)
    assert not course.drop(ready, by=world.olive, at=NOW)
    assert state(ready) == "running"


def test_after_a_week_what_nobody_went_on_with_is_dropped(world, ready):
    week = NOW + timedelta(days=7)
    course.sweep(week, now=now)
    assert state(ready) == "ready"
    course.sweep(week + timedelta(seconds=1), now=now)
    assert (state(ready), ready.content, ready.examples) == ("dropped", "", {})
    assert registered() == (1, 1)


def test_after_a_week_what_was_taken_over_keeps_its_numbers_only(world, ready):
    course.take_over(ready, by=world.olive, at=NOW)
    course.work(ready.pk, now=now)
    course.sweep(NOW + timedelta(days=7, seconds=-1), now=now)
    ready.refresh_from_db()
    assert ready.examples["new"]
    course.sweep(NOW + timedelta(days=7, seconds=1), now=now)
    assert (state(ready), ready.examples, ready.counts["people_new"]) == ("done", {}, 4)


def test_progress_is_told_while_the_rows_are_read(world, begun, monkeypatch):
    course.say_columns(begun, NAMES, by=world.olive, at=NOW)
    seen = []
    really = course.Claim.seen

    def noted(claim, rows):
        really(claim, rows)
        seen.append(Import.objects.values_list("rows_seen", "rows", "state").get(pk=begun.pk))

    monkeypatch.setattr(course.Claim, "seen", noted)
    course.work(begun.pk, now=now)
    assert seen == [(5, 5, "checking")]


def test_imports_of_a_school_do_not_touch_another(make_world):
    one, other = make_world(), make_world()
    for world in (one, other):
        row = course.begin(world.school, name="people.csv", text=sample(), by=world.olive, at=NOW)
        course.say_columns(row, NAMES, by=world.olive, at=NOW)
        course.work(row.pk, now=now)
        course.take_over(row, by=world.olive, at=NOW)
        course.work(row.pk, now=now)
    assert [w.school.people.count() for w in (one, other)] == [5, 5]
