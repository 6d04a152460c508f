"""The gate list: what applies today, from the dates alone."""

from datetime import date

import pytest

from sanctions import bans, diary, gate
from tests.factories import World, at

pytestmark = pytest.mark.usefixtures("quick_letters")


def shown(world: World, when: str) -> gate.Applies:
    return gate.applies_to([world.alex], world.school, at(when))[world.alex.pk]


@pytest.mark.parametrize(
    ("when", "word"),
    [
        ("2026-03-02 09:59", "clear"),
        ("2026-03-02 10:00", "banned"),
        ("2026-03-31 23:59", "banned"),
        ("2026-04-01 00:00", "ended_no_decision"),
        ("2026-04-16 23:59", "ended_no_decision"),  # ten school days, Easter between
        ("2026-04-17 00:00", "clear"),
    ],
)
@pytest.mark.parametrize("swept", [False, True])
def test_a_provisional_ban_at_the_gate(world, when, word, swept):
    world.opened()
    if swept:
        diary.sweep(at(when))
    assert shown(world, when).word == word


@pytest.mark.parametrize(
    ("when", "word"),
    [
        ("2026-05-22 23:59", "banned"),
        ("2026-05-23 00:00", "ended_no_decision"),
        ("2026-06-08 23:59", "ended_no_decision"),  # ten school days, a bank holiday between
        ("2026-06-09 00:00", "clear"),
    ],
)
def test_a_confirmed_ban_that_nobody_reviewed(world, when, word):
    world.confirmed()
    diary.sweep(at(when))
    assert shown(world, when).word == word


def test_a_ban_that_ends_before_its_provisional_days_were_over_is_notable_at_once(world):
    world.confirmed(terms=world.final_terms(ends=date(2026, 3, 27), review_on=date(2026, 3, 26)))
    assert shown(world, "2026-03-27 12:00").word == "banned"
    assert shown(world, "2026-03-28 12:00").word == "ended_no_decision"


def test_a_ban_kept_to_run_out_leaves_nothing_at_the_gate(world):
    ban = world.confirmed()
    bans.keep(ban, by=world.tess, at=at("2026-05-07 10:00"), reasons="To its end.", run_out=True)
    assert shown(world, "2026-05-22 12:00").word == "banned"
    assert shown(world, "2026-05-23 00:00").word == "clear"


def test_lifting_clears_the_gate_at_once(world):
    ban = world.confirmed()
    bans.lift(ban, by=world.hari, at=at("2026-05-07 10:05"), reasons="An apology.")
    assert shown(world, "2026-05-07 10:05").word == "clear"


def test_the_gate_shows_where_until_when_and_whom_to_call_and_nothing_else(world):
    world.confirmed(terms=world.final_terms(exceptions="Parents' evening"))
    found = shown(world, "2026-04-20 09:00")
    assert found == gate.Applies("banned", date(2026, 5, 22), "The whole site", "Parents' evening", "Olive Office")


def test_a_provisional_ban_is_shown_until_its_latest_decision_date(world):
    world.opened()
    assert shown(world, "2026-03-10 09:00").until == date(2026, 3, 31)


def test_the_list_holds_those_to_whom_something_applies(world):
    world.opened()
    world.person("Sam Marsh", pupils=["Robin Marsh"])
    assert [(p.name, a.word) for p, a in gate.listed(world.school, at("2026-03-10 09:00"))] == [
        ("Alex Marsh", "banned")
    ]
    assert gate.listed(world.school, at("2026-08-10 09:00")) == []


def test_the_list_of_another_school_is_its_own(world, make_world):
    world.opened()
    assert gate.listed(make_world("sholing").school, at("2026-03-10 09:00")) == []
