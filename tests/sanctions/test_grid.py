"""Every state, every move, every role: who may try what, where. The table is written from the rules, not from the code."""

import pytest

from conduct.roles import Role
from sanctions import ladder
from sanctions.ladder import Attempt
from sanctions.states import State
from tests.sanctions.situations import CONFIRM, CORA, HARI, TESS, record, situation

STAFF, HEAD = "office senior head", "head"
ANY_OF_THREE = "head chair trust"
OPEN_BAN = "decided provisional intent"
FINAL_BAN = "confirmed varied extended"
ALL_BUT_WITHDRAWN = " ".join(s for s in State if s != "withdrawn")
ALL_WITH_A_DECISION = " ".join(s for s in State if s not in {"proposed", "declined"})

# verb, response: the roles that may try it (sholing, nobody barred), and the states that it leads from
GRID = {
    ("consult", "site_ban"): (ANY_OF_THREE, "proposed"),
    ("decide", "site_ban"): (HEAD, "proposed"),
    ("decline", "site_ban"): (HEAD, "proposed"),
    ("sign_off", "site_ban"): ("chair trust", f"proposed {OPEN_BAN} {FINAL_BAN}"),
    ("tell", "site_ban"): (STAFF, f"decided provisional {FINAL_BAN}"),
    ("represent", "site_ban"): (STAFF, OPEN_BAN),
    ("answer", "site_ban"): (ANY_OF_THREE, OPEN_BAN),
    ("confirm", "site_ban"): (ANY_OF_THREE, OPEN_BAN),
    ("vary", "site_ban"): (ANY_OF_THREE, OPEN_BAN),
    ("not_confirm", "site_ban"): (ANY_OF_THREE, OPEN_BAN),
    ("keep", "site_ban"): (ANY_OF_THREE, FINAL_BAN),
    ("extend", "site_ban"): (ANY_OF_THREE, FINAL_BAN),
    ("vary_on_review", "site_ban"): (ANY_OF_THREE, FINAL_BAN),
    ("lift", "site_ban"): (ANY_OF_THREE, FINAL_BAN),
    ("withdraw", "site_ban"): ("head trust", ALL_BUT_WITHDRAWN),
    ("issue_letter", "site_ban"): ("admin head", ALL_WITH_A_DECISION),
    ("consult", "meeting"): (ANY_OF_THREE, "proposed"),
    ("decide", "meeting"): (HEAD, "proposed"),
    ("decline", "meeting"): (HEAD, "proposed"),
    ("hold_meeting", "meeting"): ("senior head", "decided served"),
    ("withdraw", "meeting"): ("head trust", ALL_BUT_WITHDRAWN),
    ("issue_letter", "meeting"): ("admin head", ALL_WITH_A_DECISION),
    ("consult", "warning_letter"): (ANY_OF_THREE, "proposed"),
    ("decide", "warning_letter"): (HEAD, "proposed"),
    ("decline", "warning_letter"): (HEAD, "proposed"),
    ("withdraw", "warning_letter"): ("head trust", ALL_BUT_WITHDRAWN),
    ("issue_letter", "warning_letter"): ("admin head", ALL_WITH_A_DECISION),
}
FROM_PROPOSAL = {
    "consult": (ANY_OF_THREE, "proposed"),
    "decide": (HEAD, "proposed"),
    "decline": (HEAD, "proposed"),
    "withdraw": ("head trust", ALL_BUT_WITHDRAWN),
    "issue_letter": ("admin head", ALL_WITH_A_DECISION),
}
REVIEWED_BY = "senior head chair trust"
ON_REVIEW = dict.fromkeys(("keep", "vary_on_review", "end"), (REVIEWED_BY, "in_force"))
GOES_ON = (STAFF, "proposed decided served ended")
OTHERS = {
    "communication_plan": {**ON_REVIEW, "log_contact": (STAFF, "decided in_force")},
    "channel_block": ON_REVIEW,
    "vexatious_notice": ON_REVIEW,
    "post_removal": {"follow": GOES_ON, "settle": (STAFF, "decided")},
    "mediation": {"follow": GOES_ON},
    "no_further_action": {},
}
GRID |= {(verb, response): at for response, own in OTHERS.items() for verb, at in {**FROM_PROPOSAL, **own}.items()}
TARGET = {
    "decide": "decided",
    "decline": "declined",
    "hold_meeting": "held",
    "confirm": "confirmed",
    "vary": "varied",
    "not_confirm": "not_confirmed",
    "extend": "extended",
    "vary_on_review": "varied",
    "lift": "lifted",
    "end": "ended",
    "settle": "ended",
    "withdraw": "withdrawn",
}
ONCE_CONFIRMED = "chair trust"  # of sholing: they alone withdraw then
PEOPLE = {Role.HEAD: HARI, Role.CHAIR: CORA, Role.TRUST: TESS}
SQUARES = [(*key, state, role) for key in GRID for state in State for role in Role]


def expected(verb: str, response: str, state: State, role: Role) -> str:
    roles, states = GRID[verb, response]
    if (verb, response) == ("withdraw", "site_ban") and state in FINAL_BAN.split():
        roles = ONCE_CONFIRMED
    if role not in roles.split():
        return "not-permitted"
    return "may be tried" if state in states.split() else "wrong-state"


def found(verb: str, response: str, state: State, role: Role) -> str:
    confirmed = response == "site_ban" and state in FINAL_BAN.split()
    ban = record(state, CONFIRM) if confirmed else record(state)
    consulted = PEOPLE[role] if role in {Role.CHAIR, Role.TRUST} else CORA
    s = situation(
        response=response,
        state=state,
        actor=PEOPLE.get(role, 99),
        roles=frozenset({role}),
        decided_by=HARI,
        ban=ban,
        attempt=Attempt(consulted=consulted),
    )
    move = ladder.move(verb, response)
    assert move is not None
    told = [r.rule for r in ladder.standing(move, s)]
    return told[0] if told in (["not-permitted"], ["wrong-state"]) else "may be tried"


@pytest.mark.parametrize(("verb", "response", "state", "role"), SQUARES)
def test_who_may_try_what_where(verb, response, state, role):
    assert found(verb, response, state, role) == expected(verb, response, state, role)


def test_the_grid_holds_every_move_of_the_ladder():
    assert {(m.verb, r) for m in ladder.MOVES for r in m.responses} == set(GRID)


def test_each_verb_leads_where_the_rules_say():
    assert {m.verb: m.target.value for m in ladder.MOVES if m.target} == TARGET


def test_a_senior_reviews_a_plan_and_is_told_that_another_review_does_not_fit_it():
    senior = {"actor": 99, "roles": frozenset({Role.SENIOR}), "state": State.IN_FORCE}
    plan = situation(response="communication_plan", **senior)
    assert [r.rule for r in ladder.unknown_move("extend", plan)] == ["wrong-state"]
    ban = situation(response="site_ban", **senior)
    assert [r.rule for r in ladder.unknown_move("end", ban)] == ["not-permitted"]


@pytest.mark.parametrize("verb", ["confirm", "tell", "hold_meeting", "sign_off", "keep"])
def test_a_verb_of_one_response_is_no_move_of_another(verb):
    other = "meeting" if verb != "hold_meeting" else "site_ban"
    assert ladder.move(verb, other) is None
