"""Every state of every response × every verb that it has × every role: each cell tried, for real.

A case walks to the state by whatever way the finder finds; there somebody of each role, and of no other, tries each verb
with the right answers. What the plain rules foresee must be what happens: refused by role or state, refused by a rule,
or gone through, with everything in `watch` held afterwards.
"""

import pytest
from django.db import transaction

from conduct.code import pack
from tests.factories import World, at
from tests.search import deeds, finder, profile
from tests.search.finder import ENDED, ISSUED, LAPSED, RUN_OUT, Goal, decided, followed, met, proposed
from tests.search.plain import LADDERS, MOVES, PLANS, RUNGS, Deed, Plain
from tests.search.tally import ROLES, cube, states_of
from tests.search.trying import Trying

pytestmark = pytest.mark.django_db

OPENED = (decided("decide"), ISSUED)
CONFIRMED = (*OPENED, decided("confirm"), ISSUED)
SIGNED = finder.Goal("signed off", lambda search, plain: bool(plain.rows["signoff"]), ("sign_off",))
BAN: dict[str, tuple[Goal, ...]] = {
    "proposed": (),
    "decided": (decided("decide"),),
    "declined": (decided("decline"),),
    "provisional": OPENED,
    "intent": OPENED,
    "confirmed": CONFIRMED,
    "varied": (*OPENED, decided("vary"), ISSUED),
    "extended": (SIGNED, *CONFIRMED, decided("extend")),
    "not_confirmed": (*OPENED, decided("not_confirm")),
    "lifted": (*CONFIRMED, decided("lift")),
    "lapsed": (*OPENED, LAPSED),
    "ended": (*CONFIRMED, RUN_OUT, ENDED),
    "withdrawn": (*OPENED, decided("withdraw")),
}
PLAN: dict[str, tuple[Goal, ...]] = {
    **{state: BAN[state] for state in ("proposed", "decided", "declined")},
    "in_force": OPENED,
    "ended": (*OPENED, ENDED),
    "withdrawn": (*OPENED, decided("withdraw")),
}
OTHERS: dict[str, tuple[Goal, ...]] = {
    **{state: BAN[state] for state in ("proposed", "decided", "declined")},
    "served": OPENED,
    "withdrawn": (decided("decide"), decided("withdraw")),
    "ended": (decided("decide"), followed("captured"), followed("reported")),
    **{outcome: (*OPENED, met(outcome)) for outcome in ("held", "missed", "turned_down")},
}
WALKS = [(response, state) for response in sorted(MOVES) for state in sorted(states_of(response))]


def come_to(response: str, state: str, pack_key: str) -> tuple[Trying, World]:
    """A case whose measure has come to that state, in a school with one holder of every role."""
    world, stage = World(pack_key, staff={role: role for role in ROLES}), Trying()
    stage.begin(at("2026-03-02 08:40"))
    told = {"clauses": ["U03", "U05"], "place": "site", "narrative": "Shouted at the office.", "harmed": []}
    stage.attempt(Deed("log_incident", world.office.pk, person=world.alex.pk, told=told))
    search = finder.Finder(world.alex.pk, stage.at)
    opening = {"site_ban": "intent" if state == "intent" else "provisional"}.get(response, "")
    ways = BAN if response == "site_ban" else PLAN if response in PLANS else OTHERS
    assert search.reach((proposed(response, opening), *ways[state])), f"{response} never {state}: {search.stuck}"
    stage.elapse(search.at)
    return stage, world


@pytest.mark.parametrize(("response", "state"), WALKS[:: profile.chosen().walks])
def test_everybody_tries_every_verb_in_every_state(response, state):
    number, chosen = WALKS.index((response, state)), profile.chosen()
    keys = [key for key in sorted(LADDERS) if response not in RUNGS or response in pack(key).rungs]
    stage, world = come_to(response, state, keys[number % len(keys)])
    plain = Plain(stage.rows, stage.at)
    (m,) = plain.measures()
    assert plain.state(m) == state
    cells = [(verb, role) for verb in (*MOVES[response], "issue_letter") for role in ROLES]
    for verb, role in cells[number % chosen.cells :: chosen.cells]:
        by = getattr(world, role).pk
        mark, now, rows = transaction.savepoint(), stage.at, stage.rows
        stage.attempt(Deed(verb, by, m["id"], told=deeds.first_answer(plain, m, verb, by)))
        transaction.savepoint_rollback(mark)
        stage.at, stage.rows = now, rows


def test_the_cube_has_a_walk_to_each_of_its_states():
    assert {(response, state) for response, state, _, _ in cube()} == set(WALKS)
