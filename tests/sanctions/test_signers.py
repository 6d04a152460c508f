"""As shipped, every policy lets whoever may take a decision sign the letter that tells it."""

from dataclasses import replace

import pytest

from conduct import code
from conduct.roles import MAY, Role
from sanctions import ladder
from sanctions.states import State
from tests.sanctions.situations import (
    CONFIRM,
    CORA,
    DECIDE,
    HARI,
    ROLE_OF,
    TESS,
    record,
    situation,
)

# Whom their own cause bars: nobody; every head; every head and the chair; every head and the trust.
BARRED = {
    "nobody": frozenset(),
    "the head": frozenset({HARI}),
    "head and chair": frozenset({HARI, CORA}),
    "head and trust": frozenset({HARI, TESS}),
}
# Of another decision about the same measure: who took part in it must not do so again, and need not sign.
SOMEBODY_ELSE = 99
WHOSE_IT_IS = {"right-decider", "own-cause", "reviewer-differs"}
TOLD = [
    (kind, verb, response)
    for kind, tells in ladder.LETTER_KINDS.items()
    for verb in tells.verbs
    for response in sorted(tells.responses)
    if ladder.letter_kind(response, verb, "intent" if kind == "intent_to_ban" else "provisional") == kind
]
STATE_BEFORE = {
    "decide": State.PROPOSED,
    **dict.fromkeys(("confirm", "vary", "not_confirm", "withdraw"), State.PROVISIONAL),
    **dict.fromkeys(("keep", "extend", "vary_on_review", "lift"), State.CONFIRMED),
}


def before(verb: str, response: str, **told):
    """The measure as it stands when that decision is about to be taken; by `who`, of whichever role."""
    if response != "site_ban":
        state = State.PROPOSED if verb == "decide" else State.IN_FORCE
        return situation(response=response, state=state, decided_by=SOMEBODY_ELSE, **told)
    state = STATE_BEFORE[verb]
    later = (replace(CONFIRM, by=SOMEBODY_ELSE),) if state is State.CONFIRMED else ()
    ban = record(state, *later, steps=(replace(DECIDE, by=SOMEBODY_ELSE), *later))
    return situation(response=response, state=state, decided_by=SOMEBODY_ELSE, ban=ban, **told)


def may_take(verb: str, response: str, pack: code.Pack, harmed: frozenset[int]) -> set[Role]:
    """The roles of those who, by the ladder itself, may take a decision."""
    move, found = ladder.move(verb, response), set()
    assert move is not None
    for who, role in ROLE_OF.items():
        s = before(verb, response, who=who, pack=pack.key, harmed=harmed)
        whose = [g for g in move.guards if g.rule in WHOSE_IT_IS]
        if move.permitted(s) and not ladder.refusals(tuple(whose), s):
            found.add(role)
    return found


@pytest.mark.parametrize("bars", BARRED)
@pytest.mark.parametrize(("kind", "verb", "response"), TOLD)
@pytest.mark.parametrize("key", code.pack_keys())
def test_whoever_may_take_a_decision_may_sign_its_letter(key, kind, verb, response, bars):
    pack = code.pack(key)
    deciding = may_take(verb, response, pack, BARRED[bars])
    assert deciding or not pack.offers(response)
    assert deciding <= set(pack.signers_of(kind))


@pytest.mark.parametrize("verb", ["decide", "confirm", "vary", "not_confirm", "withdraw"])
@pytest.mark.parametrize("key", code.pack_keys())
def test_chair_and_trust_take_and_sign_what_every_head_is_barred_from(key, verb):
    above = {Role.CHAIR, Role.TRUST}
    assert above <= may_take(verb, "site_ban", code.pack(key), BARRED["the head"])


@pytest.mark.parametrize("verb", ["keep", "vary_on_review", "end"])
def test_senior_staff_take_and_sign_the_review_of_a_plan(verb):
    for response in sorted(ladder.PLANS):
        assert Role.SENIOR in may_take(verb, response, code.pack("combined"), BARRED["nobody"])
        assert all("senior" in code.pack(key).signers_of("plan_outcome") for key in code.pack_keys())


@pytest.mark.parametrize("key", code.pack_keys())
def test_whoever_may_refer_a_case_may_sign_its_referral(key):
    for kind in ("police_referral", "trust_referral", "legal_referral"):
        assert set(MAY["refer"]) <= set(code.pack(key).signers_of(kind))


def test_every_kind_that_tells_a_decision_is_tried_above():
    assert {kind for kind, _, _ in TOLD} == set(ladder.LETTER_KINDS)
    assert set(ladder.LETTER_KINDS) <= set(code.LETTER_KINDS)
    told = {(verb, r) for _, verb, r in TOLD}
    made = {"consult", "decline", "sign_off", "hold_meeting", "follow", "settle", "log_contact", "tell", "represent"}
    untold = {(m.verb, r) for m in ladder.MOVES for r in m.responses} - told
    quiet = {(v, r) for v, r in untold if v in made | {"answer", "issue_letter"}}
    assert untold - quiet == {
        *(("decide", r) for r in ladder.LETTERLESS),
        *(("withdraw", r) for r in (*ladder.LETTERLESS, "meeting", "warning_letter", "post_removal")),
    }
