"""What a refusal says: what stands in the way, in plain words, and what to do next, by whom, with the policy's titles."""

import re
from dataclasses import replace
from datetime import date

import pytest

from conduct import code
from conduct.code import pack
from conduct.roles import Role
from conduct.titles import whom
from sanctions import ladder
from sanctions.ladder import Attempt, Officer
from sanctions.states import State
from tests.factories import at
from tests.sanctions.situations import (
    CORA,
    FINAL,
    HARI,
    INCIDENT,
    OFFICERS,
    OLIVE,
    OPENING,
    PLAN,
    SENA,
    TESS,
    confirming,
    deciding,
    deciding_a_plan,
    deciding_a_warning,
    issuing,
    opened,
    proposing,
    record,
    reviewing,
    reviewing_a_plan,
    situation,
)
from tests.sanctions.test_ladder import ALL_WELL, SPOILT

SECOND_HEAD, SECOND_CHAIR = 17, 18
TWO_HEADS = (*OFFICERS, Officer(SECOND_HEAD, frozenset({Role.HEAD})))
TWO_CHAIRS = (*OFFICERS, Officer(SECOND_CHAIR, frozenset({Role.CHAIR})))


def told(verb: str, s) -> str:
    """What the ladder says to whoever tries a verb."""
    move = ladder.move(verb, s.response)
    found = ladder.standing(move, s) if move else ladder.unknown_move(verb, s)
    return " ".join(r.text for r in found)


@pytest.fixture
def texts(monkeypatch):
    """Everything that refuses while the one thing amiss of each line of the big table is tried, with what was tried."""
    heard, refusals = [], ladder.refusals

    def listening(guards, s):
        found = refusals(guards, s)
        heard.extend((s.response or s.attempt.response, r.rule, r.text) for r in found)
        return found

    monkeypatch.setattr(ladder, "refusals", listening)
    for tried, _, spoilt in SPOILT:
        ALL_WELL[tried](**spoilt)
    return heard


def test_every_refusal_is_a_sentence_of_plain_words(texts):
    assert len(texts) >= len(SPOILT)
    for _, rule, text in texts:
        assert re.fullmatch(r"[A-Z][^<>{}_]+\.", text), (rule, text)
        assert not re.search(r"\b(None|State|Role|measure|subject)\b", text), (rule, text)


def test_nothing_that_is_said_of_a_plan_a_block_or_a_notice_speaks_of_a_ban(texts):
    of_plans = [(rule, text) for response, rule, text in texts if response in ladder.PLANS and rule != "not-offered"]
    assert len({rule for rule, _ in of_plans}) > 10
    assert [text for _, text in of_plans if re.search(r"\bban", text, re.I)] == []


@pytest.mark.parametrize("key", code.pack_keys())
def test_nobody_is_called_by_another_policy_s_title(key):
    own = " ".join(pack(key).titles.values())
    strange = {t for other in code.pack_keys() for t in pack(other).titles.values() if t not in own}
    s = confirming(HARI, pack=key, harmed=frozenset({HARI}), equality="", replies=0, last_reply_complete=False)
    said = told("confirm", s) + told("decide", deciding(CORA, pack=key)) + told("keep", reviewing(CORA, pack=key))
    assert [title for title in strange if re.search(rf"\b{title}\b", said)] == []


# -- whose it is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "s", "said"),
    [
        ("decide", deciding(OLIVE), "Ask the school leader."),
        ("decide", deciding(CORA, pack="kingsley"), "Ask the Headteacher."),
        ("sign_off", confirming(HARI), "Ask the Chair of Governors or HET."),
        ("confirm", confirming(SENA, pack="all_saints"),
         "Ask the Head of School, the Chair of the Local Academy Board or the Chair of Trustees."),
        ("hold_meeting", situation(CORA, response="meeting", state=State.SERVED),
         "Ask the school leader or a senior member of staff."),
        ("issue_letter", issuing(OLIVE), "Ask the school leader or whoever looks after letters and addresses."),
        ("end", situation(SENA, response="site_ban", state=State.CONFIRMED, ban=record(State.CONFIRMED)),
         "Ask the school leader, the Chair of Governors or HET."),
    ],
)  # fmt: skip
def test_whoever_may_not_do_it_is_told_whom_to_ask(verb, s, said):
    assert told(verb, s) == f"Your role at this school does not allow this. {said}"


def test_whoever_may_not_do_it_is_not_told_who_was_harmed():
    clear = deciding(OLIVE)
    assert told("decide", replace(clear, harmed=frozenset({HARI}))) == told("decide", clear)


def test_only_chair_and_trust_are_consulted():
    s = deciding(HARI, attempt=Attempt(consulted=SENA))
    assert told("consult", s) == "Only the Chair of Governors or HET is consulted: choose one of them."


@pytest.mark.parametrize(
    ("verb", "s", "stands"),
    [
        ("decide", deciding(state=State.DECIDED), "“Ban from the site” stands at “Decided, letter not issued” now"),
        ("confirm", confirming(state=State.LIFTED), "“Ban from the site” stands at “Lifted” now"),
        ("keep", reviewing_a_plan(state=State.ENDED), "“Restricted communication plan” stands at “Ended” now"),
        ("extend", reviewing_a_plan(), "“Restricted communication plan” stands at “In force” now"),
    ],
)
def test_what_does_not_fit_says_where_the_measure_stands_now(verb, s, stands):
    assert told(verb, s) == f"This can no longer be done, or not yet. {stands}: see in the case what comes next."


# -- who does it instead ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "s", "said"),
    [
        ("decide", deciding(harmed=frozenset({HARI}), officers=TWO_HEADS), "it is for another school leader."),
        ("decide", deciding(harmed=frozenset({HARI})), "it is for the Chair of Governors or HET."),
        ("decide", deciding(harmed=frozenset({HARI, CORA})), "it is for HET."),
        ("decide", deciding(harmed=frozenset({HARI, CORA, TESS})),
         "nobody else in office is free, so the trust names somebody."),
        ("confirm", confirming(harmed=frozenset({CORA}), officers=TWO_CHAIRS), "it is for another Chair of Governors or HET."),
        ("keep", reviewing_a_plan(harmed=frozenset({SENA})), "it is for the school leader, the Chair of Governors or HET."),
        ("sign_off", confirming(TESS, harmed=frozenset({TESS})), "it is for the Chair of Governors."),
    ],
)  # fmt: skip
def test_whoever_was_harmed_is_told_for_whom_it_is(verb, s, said):
    assert f"You were harmed in an incident of this case. Somebody else must do this: {said}" in told(verb, s)


def test_facts_are_found_by_somebody_else_who_may_find_them():
    s = situation(HARI, attempt=Attempt(incident=1), harmed=frozenset({HARI}))
    [refusal] = ladder.refusals(ladder.FIND, s)
    assert refusal.text.endswith("it is for a senior member of staff.")


def test_the_only_witness_is_told_that_another_account_will_do():
    text = told("decide", deciding(sole_reporters=frozenset({HARI})))
    assert "Let somebody else who saw it record theirs first" in text


@pytest.mark.parametrize(
    ("told_of", "said"),
    [
        ({}, "Under this policy the Chair of Governors is consulted"),
        ({"harmed": frozenset({CORA})}, "Under this policy InMAT is consulted"),
        ({"officers": tuple(o for o in OFFICERS if o.id != CORA)}, "Under this policy InMAT is consulted"),
        ({"harmed": frozenset({CORA}), "officers": TWO_CHAIRS},
         "Under this policy the Chair of Governors or InMAT is consulted"),
    ],
)  # fmt: skip
def test_it_says_who_is_consulted_where_the_chair_cannot_be(told_of, said):
    assert told("decide", deciding_a_warning(consultations=(), **told_of)).startswith(said)


def test_whoever_proposed_a_ban_is_told_who_else_puts_their_name_to_it():
    s = deciding(proposed_by=HARI, consultations=(), pack="burton_joyce")
    assert "the Chair of Governors or the trust board signs in" in told("decide", s)


@pytest.mark.parametrize(
    ("who", "s", "said"),
    [
        (CORA, reviewing(CORA), "somebody else must review it: HET."),
        (HARI, reviewing(HARI), "somebody else must review it: HET."),
        (HARI, reviewing_a_plan(HARI), "somebody else reviews it: the Chair of Governors, HET or a senior member of staff."),
    ],
)  # fmt: skip
def test_it_says_who_reviews_in_the_place_of_whoever_decided(who, s, said):
    assert told("keep", s).endswith(said)


# -- days and names -----------------------------------------------------------------------------------------------

CRIMINAL = replace(INCIDENT, severity="criminal")
SECOND_CRIME = replace(CRIMINAL, id=2, logged_at=at("2026-03-04 09:00"))


@pytest.mark.parametrize(
    ("tried", "spoilt", "said"),
    [
        ("propose", {"incidents": (CRIMINAL, SECOND_CRIME)}, "on Monday 2 March 2026 and Wednesday 4 March 2026 may be"),
        ("propose", {"incidents": (CRIMINAL,)}, "or the school leader writes down why"),
        ("represent", {"none_received": True}, "until the end of Wednesday 18 March 2026. Record it after that day"),
        ("confirm", {"replies": 0, "last_reply_complete": False}, "they had until the end of Wednesday 18 March 2026"),
        ("confirm", {"replies": 0, "last_reply_complete": False, "at": at("2026-03-18 10:00")},
         "may until the end of Wednesday 18 March 2026"),
        ("confirm", {"last_reply_complete": False, "at": at("2026-03-18 10:00")},
         "may add to their reply until the end of Wednesday 18 March 2026"),
        ("confirm", {"unanswered": 1}, "the school leader, the Chair of Governors or HET writes the answer first"),
        ("decide", {"terms": replace(OPENING, latest_decision_on=date(2026, 4, 17))}, "choose Thursday 16 April 2026"),
        ("decide", {"terms": replace(OPENING, latest_decision_on=date(2026, 3, 1))}, "before the start, Monday 2 March"),
        ("confirm", {"terms": replace(FINAL, ends=date(2026, 12, 22), review_on=date(2026, 6, 18))},
         "choose Wednesday 17 June 2026 or an earlier day"),
        ("confirm", {"terms": replace(FINAL, ends=date(2026, 3, 1))}, "The last day, Sunday 1 March 2026, is before"),
        ("confirm", {"terms": replace(FINAL, ends=date(2026, 5, 31))}, "or choose Saturday 30 May 2026"),
        ("confirm", {"terms": replace(FINAL, ends=date(2026, 5, 31)), "pack": "combined"},
         "choose Saturday 30 May 2026 or an earlier day as its end"),
        ("extend", {"at": at("2026-04-08 10:00")}, "do it from Thursday 9 April 2026 on"),
        ("decide a plan", {"terms": replace(PLAN, ends=date(2026, 9, 24))}, "choose Wednesday 23 September 2026"),
        ("decide a plan", {"terms": replace(PLAN, review_on=date(2026, 6, 24))}, "choose Tuesday 23 June 2026"),
        ("change a plan", {"terms": replace(PLAN, ends=date(2026, 9, 20), review_on=date(2026, 9, 2))},
         "within 3 months of today: choose Tuesday 1 September 2026"),
        ("decide a plan", {"terms": replace(PLAN, closes=("absence_reporting", "send"))},
         "never be closed: reporting an absence and special educational needs."),
        ("decide", {"children": ((11, "Robin"), (12, "Wren"))}, "Wren will be brought"),
        ("issue_letter", {"recipient_lacks": "a postal address"}, "or send it another way"),
        ("issue_letter", {"signer_roles": frozenset()}, "the school leader, the Chair of Governors or HET does"),
        ("close", {"live_measures": 1, "running": ("warning letter, proposed",)}, "to its end: warning letter, proposed."),
        ("close", {"open_tasks": 2}, "Tasks that are still open: 2."),
    ],
)  # fmt: skip
def test_a_refusal_names_the_day_or_the_name_concerned(monkeypatch, tried, spoilt, said):
    heard, refusals = [], ladder.refusals
    monkeypatch.setattr(ladder, "refusals", lambda guards, s: heard.extend(refusals(guards, s)) or heard)
    ALL_WELL[tried](**spoilt)
    assert any(said in r.text for r in heard), [r.text for r in heard]


def test_a_step_that_is_skipped_is_named_with_the_months_of_the_policy():
    made = pack("oakmoor")
    months = replace(made, timers=replace(made.timers, history_months=6))
    s = replace(proposing(response="communication_plan", opening="", severity_reason=""), pack=months)
    [refusal] = ladder.refusals((ladder.GUARDS["skip_needs_reason"],), s)
    assert refusal.text.startswith("No warning letter or meeting was put to this person in the last 6 months.")


def test_a_response_that_is_not_offered_comes_with_those_that_are():
    s = proposing(response="channel_block", opening="", pack="all_saints")
    [refusal] = [r for r in ladder.refusals(ladder.PROPOSE, s) if r.rule == "not-offered"]
    assert refusal.text.endswith("Choose one that it has: meeting, warning letter or ban from the site.")


def test_a_letter_that_comes_first_says_who_issues_it():
    text = told("represent", opened(OLIVE, state=State.DECIDED))
    assert text == (
        "Its letter has not been issued yet: the school leader or whoever looks after letters and addresses issues it first."
    )


def test_a_plan_on_which_nothing_is_upheld_says_who_finds():
    text = told("decide", deciding_a_plan(incidents=(replace(INCIDENT, upheld=False),)))
    assert "the Headteacher or a senior member of staff records the facts as found first" in text


# -- titles in running text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "roles", "besides", "said"),
    [
        ("sholing", "head", "", "the school leader"),
        ("sholing", "trust chair", "", "the Chair of Governors or HET"),
        ("sholing", "trust", "trust", "somebody else at HET"),
        ("combined", "trust head", "head", "another headteacher or the trust"),
        ("sholing", "office senior", "senior", "another senior member of staff or the office"),
        (None, "sysadmin", "", "a system administrator"),
        (None, "sysadmin", "sysadmin", "another system administrator"),
        (None, "admin", "admin", "somebody else who looks after letters and addresses"),
        ("sholing", "", "", ""),
    ],
)
def test_holders_of_roles_are_named_as_the_policy_calls_them(key, roles, besides, said):
    assert whom(key and pack(key), roles.split(), besides=besides.split()) == said
