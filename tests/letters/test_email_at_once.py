"""Two workers take the same email at the same moment on PostgreSQL: it is sent once."""

import threading

import pytest
from django.core import mail
from django.db import connection, connections

from letters import press
from letters.models import Letter, Sending
from sanctions import outbox, serving
from tests.factories import World, at

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="row locks are PostgreSQL's"),
]
NOON = at("2026-03-02 12:00")


@pytest.fixture
def sending(monkeypatch) -> Sending:
    """An email that waits for a worker."""
    assert connection.vendor
    monkeypatch.setattr(press, "letter", lambda kind, facts, **more: f"%PDF {kind} {facts['reference']}".encode())
    monkeypatch.setattr(outbox, "tell", lambda pk: None)
    world = World("sholing")
    world.alex.email = "alex@home.example"
    world.alex.save()
    world.opened()
    return serving.email(Letter.objects.get(), by=world.adam, at=NOON, to="alex@home.example")


def at_once(workers: int, pk: int) -> list[str]:
    ready, told = threading.Barrier(workers), []

    def work() -> None:
        try:
            ready.wait(timeout=10)
            told.append(outbox.deliver(pk, now=lambda: NOON))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(told)


def test_of_eight_workers_one_sends_it(sending):
    assert at_once(8, sending.pk) == [""] * 7 + ["left"]
    assert len(mail.outbox) == 1
    assert Sending.objects.get().stage == "left"


def test_a_claim_that_only_looks_first_would_send_it_more_than_once(sending, monkeypatch):
    """The control: with a look before the write in place of one conditional update, more than one worker sends it."""
    met = threading.Barrier(2)

    class Looks:
        def __init__(self, found) -> None:
            self.found = found

        def filter(self, **wanted):
            there = list(self.found.filter(**wanted))
            met.wait(timeout=10)
            self.found = Sending.objects.filter(pk__in=[s.pk for s in there])
            return self.found

    due = outbox.due
    monkeypatch.setattr(outbox, "due", lambda moment: Looks(due(moment)))
    assert at_once(2, sending.pk) == ["left", "left"]
    assert len(mail.outbox) == 2
