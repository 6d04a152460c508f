"""The same form sent twice at one moment, on PostgreSQL: one of them saves it, the other is led to what that made."""

import threading
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections
from django.urls import reverse

from conduct.models import Person
from incidents import drafts
from incidents.models import Draft, Incident
from sanctions import inquiry
from sanctions.inquiry import Part
from sanctions.views import log
from tests.factories import World, at

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="row locks are PostgreSQL's"),
]


@pytest.fixture
def world() -> World:
    assert connection.vendor
    return World("sholing")


def at_once(*deeds) -> list[object]:
    """What each deed gave, in a thread of its own, begun together."""
    ready, told = threading.Barrier(len(deeds)), []

    def tried(deed) -> None:
        try:
            ready.wait(timeout=10)
            told.append(deed())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tried, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return told


def report(world: World) -> dict[str, object]:
    return {
        "token": str(uuid4()),
        "person": world.alex.pk,
        "also-1-person": "new",
        "also-1-new_name": "Jo Brown",
        "also-2-who": "not known: tall man, red coat",
        "narrative": "All three shouted.",
        "clauses": ["U03"],
        "place": "site",
        "occurred_on": "2026-03-02",
        "occurred_time": "08:50",
    }


def sent_twice(world: World, client_of) -> list[str]:
    told = report(world)
    clients = [client_of(world.olive), client_of(world.olive)]
    return at_once(*[lambda c=c: c.post(reverse("log"), told).url for c in clients])


def test_sent_twice_at_once_it_makes_each_incident_and_each_person_once(world, client_of):
    one, other = sent_twice(world, client_of)
    assert one == other
    assert (Incident.objects.count(), Person.objects.count(), Draft.objects.count()) == (3, 3, 0)


def test_without_the_draft_s_row_the_mark_of_the_form_still_stands_in_the_way(world, client_of, monkeypatch):
    """The control: nobody waits, and the database itself refuses the second incident of a token."""
    monkeypatch.setattr(
        drafts, "claimed", lambda token, *, by, at, school: Draft(school=school, by=by, token=token, pk=0)
    )
    met = threading.Barrier(2)
    monkeypatch.setattr(log, "logged", waiting(log.logged, met))
    one, other = sent_twice(world, client_of)
    assert one == other
    assert Incident.objects.count() == 3


def waiting(really, met: threading.Barrier):
    """The same function, held until both have come this far or a second has gone by."""

    def held(*args, **told):
        with suppress(threading.BrokenBarrierError):
            met.wait(timeout=1)
        return really(*args, **told)

    return held


def test_a_draft_that_comes_while_the_incident_is_saved_does_not_outlive_it(world, client_of):
    told = report(world)
    saving, typing = client_of(world.olive), client_of(world.olive)
    at_once(lambda: saving.post(reverse("log"), told), lambda: typing.post(reverse("log_draft"), told))
    assert (Incident.objects.filter(token=UUID(str(told["token"]))).count(), Draft.objects.count()) == (1, 0)


def test_two_reports_of_the_same_people_in_another_order_do_not_wait_for_each_other(world, monkeypatch):
    """Each is held once it has the first of its people, until the other has one too, or a second has gone by."""
    jo, met = world.person("Jo Brown"), threading.Barrier(2)
    goes_on = waiting(lambda case: case, met)
    really = inquiry.cases.opened_case
    monkeypatch.setattr(inquiry.cases, "opened_case", lambda *args, **told: goes_on(really(*args, **told)))

    def log_both(*people: Person):
        parts = [Part(person, ("U03",)) for person in people]
        told = {"place": "site", "narrative": "Both shouted."}
        return lambda: len(inquiry.log_event(by=world.olive, at=at("2026-03-02 09:00"), parts=parts, **told))

    assert at_once(log_both(world.alex, jo), log_both(jo, world.alex)) == [2, 2]
    assert Incident.objects.count() == 4
