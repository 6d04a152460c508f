"""Letters are numbered by their school's own series: each number once, none left out, also when fifty are issued at once."""

import threading
import time

import pytest
from django.db import IntegrityError, connection, connections

from conduct.models import Counter, next_reference
from letters import press, service
from letters.models import Letter
from sanctions import correspondence, measures
from sanctions.models import CaseLetter
from tests.factories import World, at, signed

NOON = at("2026-03-02 12:00")


def drafts(world: World, number: int) -> list[CaseLetter]:
    """Warnings to as many people, each approved and not yet issued."""
    found = []
    for n in range(number):
        person = world.person(f"Person {n:02}")
        world.found(world.incident(subject=person))
        warning = measures.propose(person, by=world.olive, at=at("2026-03-11 09:00"), response="warning_letter")
        measures.decide(warning, by=world.hari, at=at("2026-03-11 09:10"))
        found.append(signed(CaseLetter.objects.get(measure=warning), "2026-03-11 09:20"))
    return found


def issue(draft: CaseLetter, world: World) -> Letter:
    moment = at("2026-03-11 10:00")
    return correspondence.issue(draft, by=world.adam, at=moment, method="post", signed_by=world.hari)


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_letters")
def test_each_school_and_each_year_begins_at_one(world, make_world):
    other = make_world("oakmoor")
    numbers = [next_reference(world.school, "L", NOON) for _ in range(2)]
    numbers += [next_reference(other.school, "L", NOON), next_reference(world.school, "L", at("2027-01-01 00:00"))]
    assert numbers == ["L-2026-0001", "L-2026-0002", "L-2026-0001", "L-2027-0001"]


@pytest.mark.django_db
def test_a_letter_that_cannot_be_made_takes_no_number(world, monkeypatch, quick_letters):
    first, second = drafts(world, 2)

    def broken(*args, **told):
        raise RuntimeError("The press broke down.")

    with monkeypatch.context() as patch:
        patch.setattr(press, "letter", broken)
        with pytest.raises(RuntimeError):
            issue(first, world)
    first.letter.refresh_from_db()
    assert (first.letter.reference, Counter.objects.filter(series="L").count()) == ("", 0)
    assert issue(second, world).reference == "L-2026-0001"


# -- at once ------------------------------------------------------------------------------------------------------


def all_at_once(world: World, waiting: list[CaseLetter]) -> list[type[Exception]]:
    """Issue each in a thread of its own, begun together; what went wrong."""
    ready, wrong = threading.Barrier(len(waiting)), []

    def tried(draft: CaseLetter) -> None:
        try:
            ready.wait(timeout=30)
            issue(draft, world)
        except IntegrityError as problem:
            wrong.append(type(problem))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tried, args=(draft,)) for draft in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return wrong


ON_POSTGRESQL = connection.vendor == "postgresql"
FIFTY = [f"L-2026-{n:04}" for n in range(1, 51)]


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not ON_POSTGRESQL, reason="row locks are PostgreSQL's")
@pytest.mark.usefixtures("quick_letters")
class TestFiftyAtOnce:
    def test_fifty_letters_issued_at_once_have_fifty_numbers_without_a_gap(self):
        world = World("sholing")
        assert all_at_once(world, drafts(world, 50)) == []
        assert sorted(Letter.objects.values_list("reference", flat=True)) == FIFTY

    def test_control_without_the_locked_row_they_take_the_same_numbers(self, monkeypatch):
        def counted(school, series, moment):
            """The number after the last one, read without a lock."""
            last = Letter.objects.filter(school=school).exclude(reference="").count()
            time.sleep(0.05)  # as long as a page takes to be set
            return f"{series}-2026-{last + 1:04}"

        monkeypatch.setattr(service, "next_reference", counted)
        world = World("sholing")
        assert all_at_once(world, drafts(world, 8)) != []
