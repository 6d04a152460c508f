"""Two people act at once on PostgreSQL: one of them wins, the other is told. Without the lock both would have won."""

import threading
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.db import connection, connections

from conduct.models import Adoption, AuditRow, Person
from incidents.models import Incident
from sanctions import adoptions, bans, diary, duties, measures, presence, standing
from sanctions.models import Case, Decision, Measure, Task
from sanctions.standing import Refused
from tests.factories import World, at

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick_letters"),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="row locks are PostgreSQL's"),
]


@pytest.fixture
def world() -> World:
    assert connection.vendor
    return World("sholing")


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Each deed in a thread of its own, begun together: "done", or the rules that refused it; sorted."""
    ready, told = threading.Barrier(len(deeds)), []

    def tried(deed: Callable[[], object]) -> None:
        try:
            ready.wait(timeout=10)
            deed()
            told.append("done")
        except Refused as refused:
            told.append(" ".join(r.rule for r in refused.refusals))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tried, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(told)


@pytest.fixture
def both_read_before_either_writes(monkeypatch) -> None:
    """Hold everybody who has read the situation until two have, or a second has gone by."""
    met, read = threading.Barrier(2), standing.read

    def read_and_wait(*args, **told):
        found = read(*args, **told)
        try:
            met.wait(timeout=1)
        except threading.BrokenBarrierError:
            met.reset()
        return found

    monkeypatch.setattr(standing, "read", read_and_wait)


@pytest.fixture
def no_lock(monkeypatch) -> None:
    """The control: the case is read without locking its row."""
    monkeypatch.setattr(
        standing, "locked", lambda case: Case.objects.select_related("school__trust", "person").get(pk=case.pk)
    )


def two_decisions(world: World) -> list[str]:
    """The head approves a ban and a second head declines it, at the same moment."""
    ban = world.proposed()
    measures.consult(ban, by=world.cora, at=at("2026-03-02 09:30"), consulted=world.cora, how="telephone", view="Yes.")
    other = world.hire("head", "Heather Head")

    def approve() -> None:
        measures.decide(Measure.objects.get(pk=ban.pk), by=world.hari, at=at("2026-03-02 09:40"), terms=world.terms())

    def decline() -> None:
        measures.decline(Measure.objects.get(pk=ban.pk), by=other, at=at("2026-03-02 09:40"), reason="No.")

    return at_once(approve, decline)


@pytest.mark.usefixtures("both_read_before_either_writes")
def test_of_two_people_who_decide_at_once_one_wins(world):
    assert two_decisions(world) == ["done", "wrong-state"]
    assert Decision.objects.count() == 1
    assert AuditRow.objects.filter(deed__in=["decide", "decline"]).count() == 1


@pytest.mark.usefixtures("both_read_before_either_writes", "no_lock")
def test_without_the_lock_both_would_have_decided(world):
    assert two_decisions(world) == ["done", "done"]
    assert Decision.objects.count() == 2


def two_liftings(world: World) -> list[str]:
    ban = world.confirmed()

    def lift(by) -> Callable[[], object]:
        return lambda: bans.lift(Measure.objects.get(pk=ban.pk), by=by, at=at("2026-05-07 10:00"), reasons="Enough.")

    return at_once(lift(world.hari), lift(world.tess))


@pytest.mark.usefixtures("both_read_before_either_writes")
def test_of_two_people_who_lift_at_once_one_wins(world):
    assert two_liftings(world) == ["done", "wrong-state"]


@pytest.mark.usefixtures("both_read_before_either_writes", "no_lock")
def test_without_the_lock_both_would_have_lifted(world):
    assert two_liftings(world) == ["done", "done"]


def test_two_schedulers_open_one_task(world):
    ban = world.opened()
    when = at("2026-03-20 08:00")
    assert at_once(*[lambda: diary.sweep_measure(ban.pk, at=when)] * 2) == ["done", "done"]
    assert Task.objects.filter(kind="decision_due").count() == 1
    assert AuditRow.objects.filter(deed="open_task", changes__task="decision_due").count() == 1


def test_two_incidents_of_a_new_person_open_one_case(world):
    def log(clauses: list[str]) -> Callable[[], object]:
        return lambda: world.incident(clauses=clauses)

    assert at_once(log(["U03"]), log(["U02"]), log(["U01"])) == ["done", "done", "done"]
    assert Case.objects.count() == 1
    assert Case.objects.get().incidents.count() == 3


def test_a_task_is_ticked_off_once(world):
    world.incident()
    case = world.alex.cases.get()

    def tick() -> None:
        duties.complete_task(Case.objects.get(pk=case.pk), "trust_notice", by=world.tess, at=at("2026-03-02 11:00"))

    assert at_once(tick, tick) == ["done", "wrong-state"]


def test_two_who_change_the_policy_at_once_do_not_undo_each_other(world):
    def adopt(pack: str, day: int) -> Callable[[], object]:
        told = {"by": world.tess, "at": at("2026-03-10 12:00"), "pack_key": pack, "follows": 1}
        return lambda: adoptions.adopt(world.school, starts_on=date(2026, 9, day), **told)

    assert at_once(adopt("oakmoor", 1), adopt("kingsley", 2)) == ["done", "wrong-state"]
    assert Adoption.objects.count() == 2


def pressed_twice(world: World) -> list[str]:
    """The same form of "They are here now", sent twice at once."""
    world.confirmed()
    token, gail = uuid4(), world.gail

    def press() -> None:
        alex = Person.objects.select_related("school").get(pk=world.alex.pk)
        presence.here_now(alex, by=gail, at=at("2026-04-20 15:30"), token=token)

    return at_once(press, press)


def test_they_are_here_now_pressed_twice_at_once_is_one_incident_and_no_error(world, monkeypatch):
    met, looked = threading.Barrier(2), presence.standing

    def look_and_wait(*args):
        """Whoever has looked waits until two have, or a second has gone by: behind the lock only one can."""
        found = looked(*args)
        try:
            met.wait(timeout=1)
        except threading.BrokenBarrierError:
            met.reset()
        return found

    monkeypatch.setattr(presence, "standing", look_and_wait)
    assert pressed_twice(world) == ["done", "done"]
    assert Incident.objects.filter(clauses__clause="U35").count() == 1
