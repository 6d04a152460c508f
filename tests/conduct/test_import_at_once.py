"""Two at once on PostgreSQL: of two clicks and of two workers one counts, and a person is not changed under the import."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from conduct import clock, register
from conduct.importing import columns, course, reading
from conduct.importing.sample import sample
from conduct.models import AuditRow, Import, Person
from tests.factories import World

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="row locks are PostgreSQL's"),
]


@pytest.fixture
def world() -> World:
    assert connection.vendor
    return World()


@pytest.fixture
def ready(world) -> Import:
    told = {"by": world.olive, "at": clock.now()}
    row = course.begin(world.school, name="people.csv", text=sample(), **told)
    course.say_columns(row, columns.guessed(reading.table_of(sample()).headings), **told)
    assert course.work(row.pk, now=clock.now) == "ready"
    return row


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """What each deed gave, begun together in threads of their own."""
    begin, given = threading.Barrier(len(deeds)), []

    def tried(deed: Callable[[], object]) -> None:
        try:
            begin.wait(timeout=10)
            given.append(deed())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tried, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return given


def test_of_two_who_give_the_word_at_once_one_counts(world, ready):
    def give(by) -> Callable[[], object]:
        return lambda: course.take_over(Import.objects.get(pk=ready.pk), by=by, at=clock.now())

    assert sorted(at_once(give(world.olive), give(world.sena))) == [False, True]


def test_of_two_workers_at_once_one_takes_over(world, ready):
    course.take_over(ready, by=world.olive, at=clock.now())
    assert sorted(at_once(*[lambda: course.work(ready.pk, now=clock.now)] * 3)) == ["", "", "done"]
    assert Person.objects.count() == 5
    assert AuditRow.objects.filter(deed="import_people").count() == 1


def test_two_imports_of_the_same_people_at_once_make_nobody_twice(world, ready):
    second = course.begin(world.school, name="again.csv", text=sample(), by=world.sena, at=clock.now())
    course.work(second.pk, now=clock.now)
    for row in (ready, second):
        course.take_over(row, by=world.olive, at=clock.now())
    given = at_once(*[lambda pk=row.pk: course.work(pk, now=clock.now) for row in (ready, second)])
    assert given == ["done", "done"]
    assert Person.objects.count() == 5


def test_a_change_made_meanwhile_is_not_undone(world, ready, monkeypatch):
    """Somebody protects an address while the import has read the register and not yet written."""
    world.alex.external_id = "C2001"
    world.alex.save()
    changed = threading.Event()
    really = course.write

    def protect() -> None:
        told = {"by": world.sena, "at": clock.now()}
        register.change(world.alex, {"address": "Refuge", "address_protected": True}, **told)
        changed.set()
        connections.close_all()

    other = threading.Thread(target=protect)

    def slowly(*args, **told):
        other.start()
        assert not changed.wait(timeout=0.5), "the person was changed under the import"
        return really(*args, **told)

    monkeypatch.setattr(course, "write", slowly)
    course.take_over(ready, by=world.olive, at=clock.now())
    assert course.work(ready.pk, now=clock.now) == "done"
    other.join(timeout=30)
    world.alex.refresh_from_db()
    assert (world.alex.address, world.alex.address_protected) == ("Refuge", True)
