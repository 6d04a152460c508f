"""Each rule refuses in one small situation, alone, and is met in the same one with that one thing put right."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from conduct.roles import Role
from sanctions import ladder
from sanctions.dates import Step, TermsFacts
from sanctions.ladder import Attempt, ConsultationFacts, EarlierBan, IncidentFacts, Officer, Served
from sanctions.states import State
from tests.factories import at
from tests.sanctions.situations import (
    ADAM,
    CHANGED_PLAN,
    CONFIRM,
    CONFIRMED,
    CORA,
    FINAL,
    FOUND,
    HARI,
    IN_PERSON,
    INCIDENT,
    ISSUED,
    LAPSED,
    LOGGED,
    OFFICERS,
    OLIVE,
    OPENING,
    PLAN,
    PROPOSED,
    RENEWED,
    SENA,
    TESS,
    UNHEARD,
    confirming,
    deciding,
    deciding_a_plan,
    deciding_a_warning,
    issuing,
    of_ban,
    of_warning,
    opened,
    proposing,
    record,
    reviewing,
    reviewing_a_plan,
    situation,
)

CRIMINAL = replace(INCIDENT, severity="criminal")
DISMISSED = replace(INCIDENT, upheld=False)
LONG = replace(FINAL, ends=date(2026, 5, 31))  # 91 days from 2 March, both counted
NINETY = replace(FINAL, ends=date(2026, 5, 30))
HEADS = frozenset({Role.HEAD})


def rules(refusals) -> list[str]:
    return [r.rule for r in refusals]


def standing(verb: str, s) -> list[str]:
    return rules(ladder.standing(of_ban(verb), s))


def tried(verb: str, s) -> list[str]:
    move = ladder.move(verb, s.response)
    assert move is not None
    return rules(ladder.standing(move, s))


def meeting(**told):
    usual = {"response": "meeting", "state": State.SERVED}
    return situation(SENA, **{**usual, **told})


def proposed_first(response: str, **told):
    """A response other than a ban about to be proposed."""
    return proposing(response=response, opening="", **told)


# What is tried: the name of the move, all well; the rule, what spoils it. Every rule of the table "verbs, fields, and
# the rules that each one checks" stands here once for every verb that checks it.
ALL_WELL = {
    "propose": lambda **t: rules(ladder.refusals(ladder.PROPOSE, proposing(**t))),
    "propose a warning": lambda **t: rules(ladder.refusals(ladder.PROPOSE, proposed_first("warning_letter", **t))),
    "find": lambda **t: rules(ladder.refusals(ladder.FIND, situation(SENA, attempt=Attempt(incident=1), **t))),
    "close": lambda **t: rules(
        ladder.refusals(ladder.CLOSE, situation(attempt=Attempt(reasons=t.pop("reasons", "Quiet since.")), **t))
    ),
    "consult": lambda **t: standing(
        "consult", deciding(CORA, **{"attempt": Attempt(consulted=CORA), "consultations": (), **t})
    ),
    "decide": lambda **t: standing("decide", deciding(**t)),
    "decide a warning": lambda **t: rules(ladder.standing(of_warning("decide"), deciding_a_warning(**t))),
    "decline": lambda **t: standing("decline", deciding(**t)),
    "sign_off": lambda **t: standing("sign_off", confirming(TESS, **t)),
    "hold_meeting": lambda **t: rules(ladder.standing(ladder.move("hold_meeting", "meeting"), meeting(**t))),
    "tell": lambda **t: standing("tell", opened(OLIVE, **t)),
    "represent": lambda **t: standing("represent", opened(OLIVE, **t)),
    "answer": lambda **t: standing("answer", opened(HARI, **t)),
    "confirm": lambda **t: standing("confirm", confirming(**t)),
    "vary": lambda **t: standing("vary", confirming(**t)),
    "not_confirm": lambda **t: standing("not_confirm", confirming(**t)),
    "keep": lambda **t: standing("keep", reviewing(**{"terms": replace(FINAL, review_on=date(2026, 5, 20)), **t})),
    "extend": lambda **t: standing("extend", reviewing(**t)),
    "vary_on_review": lambda **t: standing("vary_on_review", reviewing(**t)),
    "lift": lambda **t: standing("lift", reviewing(**t)),
    "withdraw": lambda **t: standing("withdraw", opened(HARI, **t)),
    "issue_letter": lambda **t: standing("issue_letter", issuing(**t)),
    "propose a plan": lambda **t: rules(
        ladder.refusals(ladder.PROPOSE, proposed_first("communication_plan", lesser_options="", **t))
    ),
    "propose mediation": lambda **t: rules(
        ladder.refusals(ladder.PROPOSE, proposed_first("mediation", severity_reason="", lesser_options="", **t))
    ),
    "decide a plan": lambda **t: tried("decide", deciding_a_plan(**t)),
    "decide a block": lambda **t: tried(
        "decide", deciding_a_plan(**{"response": "channel_block", "equality": "", **t})
    ),
    "decide mediation": lambda **t: tried("decide", deciding_a_plan(**{"response": "mediation", "terms": None, **t})),
    "keep a plan": lambda **t: tried("keep", reviewing_a_plan(**t)),
    "change a plan": lambda **t: tried("vary_on_review", reviewing_a_plan(**t)),
    "change a block": lambda **t: tried("vary_on_review", reviewing_a_plan(**{"response": "channel_block", **t})),
    "end a plan": lambda **t: tried("end", reviewing_a_plan(**t)),
    "log_contact": lambda **t: tried("log_contact", reviewing_a_plan(OLIVE, **t)),
    "follow": lambda **t: tried("follow", deciding_a_plan(OLIVE, response="post_removal", **t)),
    "settle": lambda **t: tried("settle", deciding_a_plan(OLIVE, response="post_removal", state=State.DECIDED, **t)),
}

FORMAL = [
    ("police-first", {"incidents": (CRIMINAL,)}),
    ("own-cause", {"harmed": frozenset({HARI})}),
    ("consult-first", {"consultations": ()}),
    ("nothing-upheld", {"incidents": (DISMISSED,)}),
]
LIMITED = [
    ("never-cut-off", {"terms": replace(PLAN, closes=("telephone", "medical"))}),
    ("dated", {"terms": replace(PLAN, starts=None)}),
    ("dated", {"terms": replace(PLAN, ends=None)}),
    ("dated", {"terms": replace(PLAN, ends=date(2026, 9, 24))}),  # six months and a day
    ("dated", {"terms": replace(PLAN, ends=date(2026, 3, 22))}),
    ("dated", {"terms": replace(PLAN, review_on=None)}),
    ("dated", {"terms": replace(PLAN, review_on=date(2026, 6, 24))}),  # three months and a day
    ("dated", {"terms": replace(PLAN, review_on=date(2026, 3, 22))}),
    ("dated", {"terms": replace(PLAN, ends=date(2026, 6, 1), review_on=date(2026, 6, 1))}),
]
PLANNED = [
    ("contact-route", {"terms": replace(PLAN, contact_who="")}),
    ("contact-route", {"terms": replace(PLAN, contact_methods=())}),
    ("child-plan", {"terms": replace(PLAN, handover=())}),
    ("equality-considered", {"equality": " "}),
]
PLAN_REVIEWED = [
    ("reviewer-differs", {"who": HARI}),
    ("own-cause", {"harmed": frozenset({SENA})}),
]
PLAN_CHANGED = [
    *PLAN_REVIEWED,
    ("never-cut-off", {"terms": replace(CHANGED_PLAN, closes=("send",))}),
    ("dated", {"terms": replace(CHANGED_PLAN, ends=None)}),
    ("dated", {"terms": replace(CHANGED_PLAN, ends=date(2026, 9, 24))}),
    ("dated", {"terms": replace(CHANGED_PLAN, review_on=date(2026, 6, 1))}),  # that day
    ("dated", {"terms": replace(CHANGED_PLAN, review_on=date(2026, 9, 2))}),  # three months and a day away
    ("dated", {"terms": replace(CHANGED_PLAN, review_on=date(2026, 8, 30))}),
]
DECIDING = [
    ("police-first", {"incidents": (CRIMINAL,)}),
    ("own-cause", {"harmed": frozenset({HARI})}),
    ("own-cause", {"sole_reporters": frozenset({HARI})}),
    ("consult-first", {"consultations": ()}),
    ("two-people", {"proposed_by": HARI, "consultations": (replace(IN_PERSON, in_person=False),)}),
    ("contact-route", {"terms": replace(OPENING, contact_who=" ")}),
    ("contact-route", {"terms": replace(OPENING, contact_methods=())}),
    ("child-plan", {"terms": replace(OPENING, handover=())}),
    ("child-plan", {"terms": replace(OPENING, handover=((11, " "),))}),
    ("child-plan", {"children": ((11, "Robin"), (12, "Wren"))}),
    ("never-cut-off", {"terms": replace(OPENING, closes=("telephone", "absence_reporting"))}),
    ("dated", {"terms": replace(OPENING, starts=None)}),
    ("dated", {"terms": replace(OPENING, latest_decision_on=None)}),
    ("dated", {"terms": replace(OPENING, latest_decision_on=date(2026, 4, 17))}),  # 46 days after the start
]
CONFIRMING = [
    ("right-decider", {"who": HARI}),
    ("letter-first", {"in_force_letter_issued": False}),
    ("letter-first", {"state": State.DECIDED}),
    ("own-cause", {"harmed": frozenset({CORA})}),
    ("own-cause", {"sole_reporters": frozenset({CORA})}),
    ("hear-first", {"replies": 0, "last_reply_complete": False}),
    ("hear-first", {"unanswered": 1}),
    ("hear-first", {"last_reply_complete": False, "at": at("2026-03-18 23:59")}),
    ("nothing-upheld", {"incidents": (DISMISSED,)}),
    ("dated", {"terms": replace(FINAL, ends=None)}),
    ("dated", {"terms": replace(FINAL, review_on=None)}),
    ("dated", {"terms": replace(FINAL, review_on=date(2026, 3, 19))}),
    ("dated", {"terms": replace(FINAL, review_on=date(2026, 5, 22))}),
    (
        "dated",
        {
            "terms": replace(FINAL, ends=date(2026, 12, 22), review_on=date(2026, 6, 18)),
            "sign_offs": ((TESS, date(2026, 12, 22)),),
        },
    ),
    ("first-ban-limited", {"pack": "combined", "terms": LONG, "sign_offs": ((TESS, date(2026, 5, 31)),)}),
    ("long-ban-sign-off", {"terms": LONG}),
    ("long-ban-sign-off", {"terms": LONG, "sign_offs": ((CORA, date(2026, 12, 1)),)}),
    ("long-ban-sign-off", {"terms": LONG, "sign_offs": ((TESS, date(2026, 5, 30)),)}),
    ("contact-route", {"terms": replace(FINAL, contact_methods=())}),
    ("never-cut-off", {"terms": replace(FINAL, closes=("complaints",))}),
    ("child-plan", {"terms": replace(FINAL, handover=())}),
    ("equality-considered", {"equality": " "}),
]
RENEWING = [
    ("reviewer-differs", {"who": CORA}),
    ("own-cause", {"harmed": frozenset({TESS})}),
    ("review-in-time", {"at": at("2026-04-08 10:00")}),  # 21 school days before 8 May
    ("extension-reasons", {"reasons": " "}),
    ("dated", {"terms": replace(RENEWED, review_on=date(2026, 5, 7))}),
    ("long-ban-sign-off", {"terms": replace(RENEWED, ends=date(2026, 5, 31))}),
    ("contact-route", {"terms": replace(RENEWED, contact_who="")}),
    ("never-cut-off", {"terms": replace(RENEWED, closes=("subject_access",))}),
    ("child-plan", {"terms": replace(RENEWED, handover=())}),
    ("equality-considered", {"equality": ""}),
]
SPOILT = [
    ("propose", "not-offered", {"response": "channel_block", "opening": "", "lesser_options": "x"}),
    ("propose", "police-first", {"incidents": (CRIMINAL,)}),
    ("propose", "police-first", {"incidents": (CRIMINAL,), "police_told_at": (LOGGED - timedelta(minutes=1),)}),
    ("propose", "facts-first", {"opening": "intent", "incidents": (UNHEARD,)}),
    ("propose a warning", "facts-first", {"incidents": (UNHEARD,)}),
    (
        "propose a warning",
        "facts-first",
        {"incidents": (replace(UNHEARD, subject_heard=True, staff_or_witness_account=False),)},
    ),
    ("propose", "skip-needs-reason", {"severity_reason": " "}),
    ("propose", "lesser-options", {"lesser_options": " "}),
    ("propose", "one-live-ban", {"bans": (EarlierBan(State.INTENT, letter_issued=True),)}),
    ("propose", "no-second-provisional", {"bans": (replace(LAPSED, over_at=at("2026-03-02 09:00")),)}),
    ("find", "facts-first", {"incidents": (UNHEARD,)}),
    ("find", "facts-first", {"incidents": (replace(INCIDENT, staff_or_witness_account=False),)}),
    ("find", "own-cause", {"harmed": frozenset({SENA})}),
    ("close", "close-needs-end", {"live_measures": 1}),
    ("close", "close-needs-end", {"open_tasks": 1}),
    ("close", "close-needs-end", {"reasons": " "}),
    ("consult", "own-cause", {"harmed": frozenset({CORA})}),
    *(("decide", rule, spoilt) for rule, spoilt in DECIDING),
    ("decide a warning", "police-first", {"incidents": (CRIMINAL,)}),
    ("decide a warning", "own-cause", {"harmed": frozenset({HARI})}),
    ("decide a warning", "consult-first", {"consultations": ()}),
    ("decide a warning", "nothing-upheld", {"incidents": (DISMISSED,)}),
    ("decline", "own-cause", {"harmed": frozenset({HARI})}),
    ("sign_off", "own-cause", {"harmed": frozenset({TESS})}),
    ("hold_meeting", "letter-first", {"state": State.DECIDED}),
    ("tell", "letter-first", {"state": State.DECIDED}),
    ("tell", "letter-first", {"state": State.CONFIRMED, "in_force_letter_issued": False}),
    ("represent", "letter-first", {"state": State.DECIDED}),
    ("represent", "hear-first", {"none_received": True}),
    ("answer", "letter-first", {"state": State.DECIDED}),
    ("answer", "own-cause", {"harmed": frozenset({HARI})}),
    *(("confirm", rule, spoilt) for rule, spoilt in CONFIRMING),
    *(("vary", rule, spoilt) for rule, spoilt in CONFIRMING),
    ("not_confirm", "right-decider", {"who": HARI}),
    ("not_confirm", "letter-first", {"state": State.DECIDED}),
    ("not_confirm", "own-cause", {"harmed": frozenset({CORA})}),
    ("not_confirm", "own-cause", {"sole_reporters": frozenset({CORA})}),
    ("keep", "reviewer-differs", {"who": CORA}),
    ("keep", "own-cause", {"harmed": frozenset({TESS})}),
    ("keep", "dated", {"terms": replace(FINAL, review_on=None)}),
    *(("extend", rule, spoilt) for rule, spoilt in RENEWING),
    *(("vary_on_review", rule, spoilt) for rule, spoilt in RENEWING),
    ("issue_letter", "letter-complete", {"missing": ("Whom to ask",)}),
    ("issue_letter", "one-recipient", {"recipient_lacks": "a postal address"}),
    ("issue_letter", "no-third-parties", {"named": ("Pat Green",)}),
    ("issue_letter", "signer-allowed", {"signer_decided": False}),
    ("issue_letter", "signer-allowed", {"signer_roles": frozenset({Role.SENIOR})}),
    ("issue_letter", "approved-as-it-stands", {"approved": False}),
    ("issue_letter", "issued-is-final", {"issued_before": "L-2026-0001"}),
    ("issue_letter", "dated", {"window_closes_on": date(2026, 4, 1)}),
    ("propose a plan", "facts-first", {"incidents": (UNHEARD,)}),
    ("propose a plan", "not-offered", {"pack": "kingsley"}),
    ("propose a plan", "skip-needs-reason", {"severity_reason": ""}),
    ("propose mediation", "police-first", {"incidents": (CRIMINAL,)}),
    *(("decide a plan", rule, spoilt) for rule, spoilt in (*FORMAL, *LIMITED, *PLANNED)),
    *(("decide a block", rule, spoilt) for rule, spoilt in (*FORMAL, *LIMITED)),
    ("decide mediation", "police-first", {"incidents": (CRIMINAL,)}),
    ("decide mediation", "own-cause", {"harmed": frozenset({HARI})}),
    *(("keep a plan", rule, spoilt) for rule, spoilt in PLAN_REVIEWED),
    ("keep a plan", "dated", {"terms": replace(PLAN, review_on=None)}),
    ("keep a plan", "dated", {"terms": replace(PLAN, review_on=date(2026, 9, 2))}),
    *(("change a plan", rule, spoilt) for rule, spoilt in PLAN_CHANGED),
    ("change a plan", "contact-route", {"terms": replace(CHANGED_PLAN, contact_who="")}),
    ("change a plan", "child-plan", {"terms": replace(CHANGED_PLAN, handover=())}),
    ("change a plan", "equality-considered", {"equality": ""}),
    *(("change a block", rule, spoilt) for rule, spoilt in PLAN_CHANGED),
    *(("end a plan", rule, spoilt) for rule, spoilt in PLAN_REVIEWED),
    ("log_contact", "letter-first", {"state": State.DECIDED}),
]


@pytest.mark.parametrize("tried", ALL_WELL)
def test_nothing_refuses_when_all_is_well(tried):
    assert ALL_WELL[tried]() == []


@pytest.mark.parametrize(
    ("tried", "rule", "spoilt"), SPOILT, ids=[f"{t}-{r}-{n}" for n, (t, r, _) in enumerate(SPOILT)]
)
def test_one_thing_amiss_is_refused_by_its_rule_alone(tried, rule, spoilt):
    assert ALL_WELL[tried](**spoilt) == [rule]


def test_every_rule_of_the_ladder_refuses_somewhere_above():
    assert {rule for _, rule, _ in SPOILT} == {g.rule for g in ladder.GUARDS.values()}


# The column "rules checked" of the table of verbs, for what the program offers now.
CHECKED = {
    ("consult", "site_ban"): "own-cause",
    (
        "decide",
        "site_ban",
    ): "police-first own-cause consult-first two-people contact-route child-plan never-cut-off dated",
    ("decide", "meeting"): "police-first own-cause consult-first nothing-upheld",
    ("decide", "warning_letter"): "police-first own-cause consult-first nothing-upheld",
    ("decline", "site_ban"): "own-cause",
    ("sign_off", "site_ban"): "own-cause",
    ("issue_letter", "site_ban"): "letter-complete one-recipient no-third-parties signer-allowed "
    "approved-as-it-stands issued-is-final dated",
    ("tell", "site_ban"): "letter-first",
    ("represent", "site_ban"): "letter-first hear-first",
    ("answer", "site_ban"): "letter-first own-cause",
    ("confirm", "site_ban"): (
        "right-decider letter-first own-cause hear-first nothing-upheld dated first-ban-limited long-ban-sign-off "
        "contact-route never-cut-off child-plan equality-considered"
    ),
    ("not_confirm", "site_ban"): "right-decider letter-first own-cause",
    ("keep", "site_ban"): "reviewer-differs own-cause dated",
    ("extend", "site_ban"): (
        "reviewer-differs own-cause dated never-cut-off review-in-time extension-reasons long-ban-sign-off contact-route "
        "child-plan equality-considered"
    ),
    ("lift", "site_ban"): "",
    ("withdraw", "site_ban"): "",
    ("hold_meeting", "meeting"): "letter-first",
    ("decide", "communication_plan"): (
        "police-first own-cause consult-first nothing-upheld contact-route child-plan never-cut-off dated "
        "equality-considered"
    ),
    ("decide", "channel_block"): "police-first own-cause consult-first nothing-upheld never-cut-off dated",
    ("decide", "vexatious_notice"): "police-first own-cause consult-first nothing-upheld never-cut-off dated",
    ("decide", "post_removal"): "police-first own-cause",
    ("decide", "mediation"): "police-first own-cause",
    ("decide", "no_further_action"): "police-first own-cause",
    ("keep", "communication_plan"): "reviewer-differs own-cause dated",
    ("vary_on_review", "communication_plan"): (
        "reviewer-differs own-cause dated never-cut-off contact-route child-plan equality-considered"
    ),
    ("vary_on_review", "channel_block"): "reviewer-differs own-cause dated never-cut-off",
    ("vary_on_review", "vexatious_notice"): "reviewer-differs own-cause dated never-cut-off",
    ("end", "vexatious_notice"): "reviewer-differs own-cause",
    ("log_contact", "communication_plan"): "letter-first",
    ("follow", "mediation"): "",
    ("settle", "post_removal"): "",
}
CHECKED[("vary", "site_ban")] = CHECKED[("confirm", "site_ban")]
CHECKED[("vary_on_review", "site_ban")] = CHECKED[("extend", "site_ban")]


@pytest.mark.parametrize(("verb", "response"), CHECKED)
def test_each_verb_checks_the_rules_of_the_written_table_and_no_others(verb, response):
    found = ladder.move(verb, response)
    assert found is not None
    assert sorted({g.rule for g in found.guards}) == sorted(CHECKED[verb, response].split())


def test_every_move_stands_in_that_table():
    assert {m.verb for m in ladder.MOVES} == {verb for verb, _ in CHECKED}


def test_refusals_come_sorted_and_each_rule_once():
    s = deciding(terms=None, consultations=(), harmed=frozenset({HARI}), sole_reporters=frozenset({HARI}))
    assert standing("decide", s) == ["child-plan", "consult-first", "contact-route", "dated", "own-cause"]


def test_not_permitted_stands_alone():
    assert standing("decide", deciding(OLIVE, terms=None, consultations=())) == ["not-permitted"]


def test_wrong_state_stands_alone():
    assert standing("decide", deciding(terms=None, consultations=(), state=State.DECIDED)) == ["wrong-state"]


def test_not_permitted_comes_before_wrong_state():
    assert standing("decide", deciding(OLIVE, state=State.DECIDED)) == ["not-permitted"]


# -- police-first, facts-first ------------------------------------------------------------------------------------


def test_a_referral_made_after_the_crime_was_logged_meets_police_first():
    assert ALL_WELL["propose"](incidents=(CRIMINAL,), police_told_at=(LOGGED,)) == []


def test_a_second_crime_wants_a_second_referral():
    later = replace(CRIMINAL, id=2, logged_at=LOGGED + timedelta(days=2))
    assert ALL_WELL["propose"](incidents=(CRIMINAL, later), police_told_at=(LOGGED,)) == ["police-first"]


def test_declining_asks_for_nothing_but_a_clean_hand():
    assert ALL_WELL["decline"](incidents=(replace(CRIMINAL, upheld=False),), consultations=(), terms=None) == []


def test_a_provisional_ban_may_be_proposed_before_anybody_is_heard():
    assert ALL_WELL["propose"](incidents=(UNHEARD,)) == []


def test_an_incident_already_found_does_not_hold_up_a_proposal():
    assert ALL_WELL["propose a warning"](incidents=(replace(UNHEARD, found_at=(FOUND,)),)) == []


def test_a_finding_looks_at_its_own_incident_alone():
    assert ALL_WELL["find"](incidents=(INCIDENT, replace(UNHEARD, id=2))) == []


# -- the way up ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("served", "refused"),
    [
        (("meeting", "2025-03-19 09:00"), []),  # a year ago to the day
        (("meeting", "2025-03-18 09:00"), ["skip-needs-reason"]),
        (("warning_letter", "2026-01-12 09:00"), []),
        (("site_ban", "2026-01-12 09:00"), ["skip-needs-reason"]),  # not the level below
    ],
)
def test_the_level_below_counts_for_twelve_months(served, refused):
    response, when = served
    tried = proposed_first("communication_plan", severity_reason="", served=(Served(response, at(when)),))
    assert rules(ladder.refusals((ladder.GUARDS["skip_needs_reason"],), tried)) == refused


def test_level_one_needs_no_reason():
    assert ALL_WELL["propose a warning"](severity_reason="") == []


@pytest.mark.parametrize(
    ("pack", "served", "next_rung"),
    [
        ("sholing", (), ("meeting", "warning_letter")),
        ("sholing", (Served("meeting", at("2026-01-12 09:00")),), ("communication_plan",)),
        ("sholing", (Served("site_ban", at("2026-01-12 09:00")),), ("site_ban",)),
        ("sholing", (Served("site_ban", at("2025-03-18 09:00")),), ("meeting", "warning_letter")),
        ("burton_joyce", (Served("meeting", at("2026-01-12 09:00")),), ("warning_letter",)),
        ("all_saints", (Served("warning_letter", at("2026-01-12 09:00")),), ("site_ban",)),
        (
            "combined",
            (Served("meeting", at("2026-01-12 09:00")),),
            ("channel_block", "communication_plan", "vexatious_notice"),
        ),
    ],
)
def test_the_next_rung_is_the_level_above_the_highest_served(pack, served, next_rung):
    assert ladder.suggested(situation(pack=pack, served=served)) == next_rung


@pytest.mark.parametrize("state", [State.DECLINED, State.LIFTED, State.ENDED, State.NOT_CONFIRMED, State.WITHDRAWN])
def test_a_ban_that_is_over_makes_room_for_another(state):
    over = EarlierBan(state, over_at=at("2026-03-01 00:00"), letter_issued=True)
    assert ALL_WELL["propose"](bans=(over,)) == []


@pytest.mark.parametrize(
    "state",
    [
        State.PROPOSED,
        State.DECIDED,
        State.PROVISIONAL,
        State.INTENT,
        State.CONFIRMED,
        State.VARIED,
        State.EXTENDED,
    ],
)
def test_one_ban_at_a_time(state):
    assert ALL_WELL["propose"](bans=(EarlierBan(state),)) == ["one-live-ban"]


def test_a_running_ban_does_not_stop_a_warning():
    assert ALL_WELL["propose a warning"](bans=(EarlierBan(State.CONFIRMED),)) == []


AFTER = at("2026-03-02 09:00")  # after the only incident was logged


@pytest.mark.parametrize(
    ("bans", "refused"),
    [
        ((EarlierBan(State.LAPSED, AFTER, True),), ["no-second-provisional"]),
        ((EarlierBan(State.NOT_CONFIRMED, AFTER, True),), ["no-second-provisional"]),
        ((EarlierBan(State.WITHDRAWN, AFTER, True),), ["no-second-provisional"]),
        ((EarlierBan(State.WITHDRAWN, AFTER, False),), []),
        ((EarlierBan(State.LIFTED, AFTER, True),), []),
        ((EarlierBan(State.ENDED, AFTER, True),), []),
        # what was never served was no ban: it does not make the one before it forgotten
        ((EarlierBan(State.LAPSED, AFTER, True), EarlierBan(State.DECLINED, AFTER)), ["no-second-provisional"]),
        ((EarlierBan(State.LAPSED, AFTER, True), EarlierBan(State.WITHDRAWN, AFTER)), ["no-second-provisional"]),
        ((EarlierBan(State.LAPSED, AFTER, True), EarlierBan(State.LIFTED, AFTER, True)), []),
    ],
)
def test_no_second_provisional_ban_for_the_same_incidents(bans, refused):
    assert ALL_WELL["propose"](bans=bans) == refused


def test_a_notice_of_intent_is_open_where_a_second_provisional_ban_is_not():
    assert ALL_WELL["propose"](bans=(EarlierBan(State.LAPSED, AFTER, True),), opening="intent") == []


# -- consultation, two people -------------------------------------------------------------------------------------


def by_trust(**told):
    return replace(IN_PERSON, consulted=TESS, roles=frozenset({Role.TRUST}), **told)


WITHOUT_CHAIR = tuple(o for o in OFFICERS if o.id != CORA)


@pytest.mark.parametrize(
    ("pack", "told", "refused"),
    [
        ("sholing", {"consultations": (by_trust(),)}, []),
        ("all_saints", {"consultations": (by_trust(),)}, ["consult-first"]),
        ("all_saints", {"consultations": (by_trust(),), "officers": WITHOUT_CHAIR}, []),
        ("all_saints", {"consultations": (by_trust(),), "harmed": frozenset({CORA})}, []),
        ("all_saints", {"harmed": frozenset({CORA})}, ["consult-first"]),  # the chair harmed was consulted
        ("burton_joyce", {"consultations": ()}, []),
        ("oakmoor", {"consultations": ()}, []),
        ("combined", {"consultations": ()}, ["consult-first"]),
    ],
)
def test_whom_the_policy_wants_consulted_before_a_ban(pack, told, refused):
    assert ALL_WELL["decide"](pack=pack, **told) == refused


def test_a_vice_chair_or_the_trust_takes_the_place_of_a_chair_who_was_harmed():
    vice = Officer(7, frozenset({Role.CHAIR}))
    told = {"pack": "all_saints", "officers": (*OFFICERS, vice), "harmed": frozenset({CORA})}
    assert ALL_WELL["decide"](**told, consultations=(replace(IN_PERSON, consulted=7),)) == []
    assert ALL_WELL["decide"](**told, consultations=(by_trust(),)) == []


def test_a_warning_needs_no_consultation_outside_kingsley():
    assert ALL_WELL["decide a warning"](pack="sholing", consultations=()) == []


@pytest.mark.parametrize(
    ("proposed_by", "consulted", "refused"),
    [
        (OLIVE, replace(IN_PERSON, in_person=False), []),
        (HARI, IN_PERSON, []),
        (HARI, replace(IN_PERSON, in_person=False), ["two-people"]),
    ],
)
def test_a_ban_carries_two_names(proposed_by, consulted, refused):
    assert ALL_WELL["decide"](proposed_by=proposed_by, consultations=(consulted,)) == refused


def test_the_decider_who_was_consulted_is_still_one_person():
    s = deciding(CORA, pack="all_saints", harmed=frozenset({HARI}), proposed_by=CORA, consultations=(IN_PERSON,))
    assert standing("decide", s) == ["two-people"]


# -- own cause: who is barred, and who steps in -------------------------------------------------------------------


@pytest.mark.parametrize("barred", [{"harmed": frozenset({HARI})}, {"sole_reporters": frozenset({HARI})}])
def test_chair_or_trust_decides_a_ban_where_every_head_is_barred(barred):
    assert standing("decide", deciding(TESS, **barred)) == []
    assert standing("decide", deciding(TESS)) == ["not-permitted"]


def test_a_second_head_decides_before_chair_or_trust_may():
    told = {"harmed": frozenset({HARI}), "officers": (*OFFICERS, Officer(7, HEADS))}
    assert standing("decide", deciding(TESS, **told)) == ["not-permitted"]
    assert standing("decide", replace(deciding(**told), actor=7)) == []


def test_a_reporter_may_decide_a_warning():
    assert ALL_WELL["decide a warning"](sole_reporters=frozenset({HARI})) == []


def test_its_only_reporter_may_decline_a_warning():
    assert rules(ladder.standing(of_warning("decline"), deciding_a_warning(sole_reporters=frozenset({HARI})))) == []


def test_chair_or_trust_does_not_decide_a_warning_that_its_only_reporter_may():
    told = {"sole_reporters": frozenset({HARI})}
    assert rules(ladder.standing(of_warning("decide"), deciding_a_warning(CORA, **told))) == ["not-permitted"]


def test_the_trust_answers_where_every_head_was_harmed_though_the_chair_alone_confirms():
    made = replace(opened(TESS).pack, confirmers=("chair",))
    assert standing("answer", replace(opened(TESS, harmed=frozenset({HARI})), pack=made)) == []
    assert standing("answer", replace(opened(TESS), pack=made)) == ["not-permitted"]


def test_the_chair_confirms_a_ban_where_the_only_head_is_its_only_reporter():
    told = {"pack": "all_saints", "sole_reporters": frozenset({HARI})}
    assert standing("confirm", confirming(CORA, **told)) == []
    assert standing("confirm", confirming(HARI, **told)) == ["own-cause", "right-decider"]


def test_the_chair_confirms_a_ban_where_the_only_head_was_harmed():
    told = {"pack": "all_saints", "harmed": frozenset({HARI})}
    assert standing("confirm", confirming(CORA, **told)) == []
    assert standing("confirm", confirming(TESS, **told)) == []
    assert standing("confirm", confirming(HARI, **told)) == ["own-cause", "right-decider"]
    assert standing("confirm", confirming(CORA, pack="all_saints")) == ["right-decider"]


def test_the_trust_finds_where_every_head_and_senior_was_harmed():
    attempt = Attempt(incident=1)
    assert ladder.finding(situation(TESS, attempt=attempt, harmed=frozenset({HARI, SENA}))) is True
    assert ladder.finding(situation(TESS, attempt=attempt, harmed=frozenset({HARI}))) is False
    assert ladder.finding(situation(SENA, attempt=attempt)) is True


@pytest.mark.parametrize(
    ("who", "pack", "told", "refused"),
    [
        (CORA, "sholing", {}, []),  # where they confirm
        (TESS, "sholing", {}, []),
        (CORA, "all_saints", {}, ["not-permitted"]),
        (CORA, "all_saints", {"harmed": frozenset({HARI})}, []),
        (HARI, "all_saints", {}, []),
        (SENA, "all_saints", {}, ["not-permitted"]),
        (SENA, "all_saints", {"harmed": frozenset({HARI})}, ["not-permitted"]),
    ],
)
def test_who_answers_in_writing(who, pack, told, refused):
    assert standing("answer", opened(who, pack=pack, **told)) == refused


@pytest.mark.parametrize(
    ("who", "pack", "confirmed", "told", "refused"),
    [
        (HARI, "sholing", False, {}, []),
        (TESS, "sholing", False, {}, []),
        (CORA, "sholing", False, {}, ["not-permitted"]),
        (CORA, "sholing", False, {"harmed": frozenset({HARI})}, []),
        (HARI, "sholing", True, {}, ["not-permitted"]),
        (CORA, "sholing", True, {}, []),
        (HARI, "all_saints", True, {}, []),
        (TESS, "all_saints", True, {}, ["not-permitted"]),
        (TESS, "all_saints", True, {"harmed": frozenset({HARI})}, []),
    ],
)
def test_once_confirmed_only_whoever_may_confirm_withdraws(who, pack, confirmed, told, refused):
    state = State.CONFIRMED if confirmed else State.PROVISIONAL
    ban = record(state, CONFIRM) if confirmed else record(state)
    assert standing("withdraw", reviewing(who, pack=pack, state=state, ban=ban, **told)) == refused


@pytest.mark.parametrize(
    ("who", "consulted", "refused"),
    [
        (CORA, CORA, []),
        (HARI, CORA, []),
        (TESS, CORA, ["not-permitted"]),
        (OLIVE, CORA, ["not-permitted"]),
        (HARI, SENA, ["not-permitted"]),
        (HARI, HARI, ["not-permitted"]),
    ],
)
def test_a_view_is_entered_by_the_one_consulted_or_by_the_head_on_their_word(who, consulted, refused):
    assert standing("consult", deciding(who, attempt=Attempt(consulted=consulted))) == refused


# -- what a ban rests on ------------------------------------------------------------------------------------------

OLD = replace(INCIDENT, found_at=(PROPOSED - timedelta(days=1),), logged_at=PROPOSED - timedelta(days=9))
NEW = IncidentFacts(id=2, severity="serious", logged_at=LOGGED)


@pytest.mark.parametrize(
    ("incidents", "refused"),
    [
        ((OLD, NEW), ["nothing-upheld"]),  # the ban rests on the new one, which is not found yet
        ((OLD, replace(NEW, logged_at=PROPOSED)), ["nothing-upheld"]),  # logged as it was proposed
        ((OLD, replace(NEW, found_at=(FOUND,), upheld=False)), ["nothing-upheld"]),
        ((OLD, replace(NEW, found_at=(FOUND,), upheld=True)), []),
        ((OLD,), []),  # all of them had been found when it was proposed
        ((replace(OLD, upheld=False),), ["nothing-upheld"]),
        ((replace(OLD, found_at=(PROPOSED,)),), []),
    ],
)
def test_a_ban_is_confirmed_on_what_led_to_it(incidents, refused):
    assert ALL_WELL["confirm"](incidents=incidents) == refused


# -- heard first --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "told", "refused"),
    [
        ("2026-03-10 10:00", {}, []),  # said to be complete and answered
        ("2026-03-18 23:59", {"last_reply_complete": False}, ["hear-first"]),
        ("2026-03-19 00:00", {"last_reply_complete": False}, []),
        ("2026-03-19 00:00", {"replies": 0, "none_received_stands": True, "last_reply_complete": False}, []),
        ("2026-03-19 00:00", {"replies": 0, "last_reply_complete": False}, ["hear-first"]),
        ("2026-03-19 00:00", {"unanswered": 1, "none_received_stands": True}, ["hear-first"]),
        # the letter was sent again: the window runs anew, and what was recorded at the end of the old one does not count
        (
            "2026-03-18 10:00",
            {"replies": 0, "none_received_stands": True, "last_reply_complete": False},
            ["hear-first"],
        ),
    ],
)
def test_the_person_is_heard_before_a_ban_is_confirmed(when, told, refused):
    assert ALL_WELL["confirm"](at=at(when), **told) == refused


def test_not_confirming_needs_no_waiting():
    assert ALL_WELL["not_confirm"](replies=0, at=at("2026-03-03 09:00"), terms=None, equality="") == []


@pytest.mark.parametrize(("when", "refused"), [("2026-03-18 23:59", ["hear-first"]), ("2026-03-19 00:00", [])])
def test_none_received_is_recorded_once_the_deadline_day_is_over(when, refused):
    assert ALL_WELL["represent"](none_received=True, at=at(when)) == refused


NOTICE = replace(OPENING, starts=date(2026, 4, 13), ends=date(2026, 5, 22), latest_decision_on=None)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, []),
        ({"starts": date(2026, 4, 12)}, ["hear-first"]),
        ({"starts": date(2026, 4, 14)}, []),
        ({"ends": date(2026, 5, 23)}, ["hear-first"]),
        ({"ends": date(2026, 5, 21)}, []),
        ({"starts": None}, []),
    ],
)
def test_an_intent_is_confirmed_within_what_its_letter_proposed(changes, refused):
    terms = replace(NOTICE, **{"review_on": date(2026, 5, 8), **changes})
    ban = record(State.INTENT, opening="intent", terms=NOTICE)
    assert ALL_WELL["confirm"](terms=terms, ban=ban, state=State.INTENT) == refused


# -- dates and lengths --------------------------------------------------------------------------------------------


def test_a_provisional_ban_may_last_forty_five_days():
    assert ALL_WELL["decide"](terms=replace(OPENING, latest_decision_on=date(2026, 4, 16))) == []


def test_a_notice_of_intent_has_no_latest_decision_date():
    assert ALL_WELL["decide"](terms=replace(NOTICE), opening="intent") == []


def test_the_latest_decision_date_may_be_the_day_on_which_the_window_closes():
    assert ALL_WELL["issue_letter"](window_closes_on=date(2026, 3, 31)) == []


def test_a_review_may_be_ninety_days_away():
    terms = replace(FINAL, ends=date(2026, 12, 22), review_on=date(2026, 6, 17))
    assert ALL_WELL["confirm"](terms=terms, sign_offs=((TESS, date(2026, 12, 22)),)) == []


def test_a_ban_kept_to_run_out_needs_no_review_date():
    assert ALL_WELL["keep"](terms=replace(FINAL, review_on=None), run_out=True) == []


def test_ninety_days_both_counted_are_a_short_ban():
    assert ALL_WELL["confirm"](terms=NINETY, pack="combined") == []
    assert ALL_WELL["confirm"](pack="combined") == []


def test_a_length_may_be_signed_off_beyond_the_end():
    assert ALL_WELL["confirm"](terms=LONG, sign_offs=((TESS, date(2026, 12, 31)),)) == []


@pytest.mark.parametrize(
    ("pack", "who", "refused"),
    [
        ("burton_joyce", HARI, ["first-ban-limited"]),
        ("oakmoor", HARI, ["first-ban-limited"]),
        ("combined", CORA, ["first-ban-limited"]),
        ("sholing", CORA, []),
        ("kingsley", HARI, []),
        ("all_saints", HARI, []),
    ],
)
def test_three_policies_limit_a_first_ban(pack, who, refused):
    assert ALL_WELL["confirm"](pack=pack, who=who, terms=LONG, sign_offs=((TESS, date(2026, 5, 31)),)) == refused


@pytest.mark.parametrize(("was_confirmed", "refused"), [(True, []), (False, ["first-ban-limited"])])
def test_a_second_ban_is_not_a_first_one(was_confirmed, refused):
    earlier = EarlierBan(State.ENDED, at("2025-12-01 00:00"), True, was_confirmed)
    told = {"terms": LONG, "sign_offs": ((TESS, date(2026, 5, 31)),), "bans": (earlier,)}
    assert ALL_WELL["confirm"](pack="combined", **told) == refused


def test_an_extension_of_a_first_ban_is_not_limited():
    told = {"terms": replace(RENEWED, ends=date(2026, 5, 31)), "sign_offs": ((CORA, date(2026, 5, 31)),)}
    assert ALL_WELL["extend"](pack="combined", **told) == []


def test_the_length_of_a_ban_after_an_intent_counts_from_its_start():
    notice = replace(NOTICE, ends=date(2026, 7, 11))  # ninety days from 13 April, both counted
    ban = record(State.INTENT, opening="intent", terms=notice)
    terms = replace(notice, review_on=date(2026, 6, 15))
    assert ALL_WELL["confirm"](terms=terms, ban=ban, state=State.INTENT) == []
    assert ALL_WELL["confirm"](terms=replace(terms, starts=None), ban=ban, state=State.INTENT) == []
    later = replace(notice, ends=date(2026, 7, 12))
    ban = record(State.INTENT, opening="intent", terms=later)
    assert ALL_WELL["confirm"](terms=replace(terms, ends=later.ends), ban=ban, state=State.INTENT) == [
        "long-ban-sign-off"
    ]


def test_a_ban_may_be_extended_from_twenty_school_days_before_its_review():
    assert ALL_WELL["extend"](at=at("2026-04-09 10:00")) == []


@pytest.mark.parametrize("missing", ["ends", "review_on"])
def test_an_extension_names_its_end_and_its_review_afresh(missing):
    assert "extension-reasons" in ALL_WELL["extend"](terms=replace(RENEWED, **{missing: None}))


def test_an_extension_without_terms_is_no_extension():
    assert "extension-reasons" in ALL_WELL["extend"](terms=None)


# -- whoever reviews ----------------------------------------------------------------------------------------------


def kept(by: int, when: str = "2026-05-01 10:00") -> Step:
    return Step("keep", at(when), by, FINAL)


ONLY_THE_HEAD = (Officer(HARI, HEADS),)
HEAD_AND_CHAIR = tuple(o for o in OFFICERS if o.id in {HARI, CORA})


@pytest.mark.parametrize(
    ("who", "later", "told", "refused"),
    [
        (TESS, (), {}, []),
        (HARI, (), {}, ["reviewer-differs"]),  # opened it, and the trust made none of it
        (HARI, (), {"officers": HEAD_AND_CHAIR}, []),  # nobody is left who made none of it
        (CORA, (), {"officers": HEAD_AND_CHAIR}, ["reviewer-differs"]),  # made the last
        (HARI, (), {"harmed": frozenset({TESS})}, []),  # the trust is barred
        (TESS, (kept(TESS),), {}, ["reviewer-differs"]),
        (CORA, (kept(TESS),), {}, []),  # confirmed it, but somebody else reviewed since, and nobody is fresh
        (CORA, (kept(TESS), kept(HARI, "2026-05-02 10:00")), {}, ["reviewer-differs"]),  # the trust made not the last
    ],
)
def test_somebody_else_reviews(who, later, told, refused):
    ban = record(State.CONFIRMED, CONFIRM, *later)
    for verb in ("keep", "extend", "vary_on_review"):
        assert ALL_WELL[verb](who=who, ban=ban, **told) == refused


@pytest.mark.parametrize("who", [HARI, CORA, TESS])
def test_lifting_is_open_to_head_chair_and_trust_alike(who):
    assert standing("lift", reviewing(who, harmed=frozenset({who}))) == []


def test_the_one_head_who_did_everything_may_not_extend_the_ban():
    ban = record(State.CONFIRMED, replace(CONFIRM, by=HARI))
    assert ALL_WELL["extend"](who=HARI, pack="burton_joyce", ban=ban, officers=ONLY_THE_HEAD) == ["reviewer-differs"]


# -- plans, blocks and notices ------------------------------------------------------------------------------------


def test_a_plan_may_run_six_months_with_its_review_after_three():
    longest = replace(PLAN, ends=date(2026, 9, 23), review_on=date(2026, 6, 23))
    assert ALL_WELL["decide a plan"](terms=longest) == []
    assert ALL_WELL["keep a plan"](terms=replace(PLAN, ends=date(2026, 9, 2), review_on=date(2026, 9, 1))) == []


def test_a_plan_kept_to_run_out_needs_no_review_date():
    assert ALL_WELL["keep a plan"](terms=replace(PLAN, review_on=None), run_out=True) == []


def test_a_block_asks_for_neither_contact_route_nor_handover():
    bare = replace(PLAN, contact_who="", contact_methods=(), handover=())
    assert ALL_WELL["decide a block"](terms=bare) == []


@pytest.mark.parametrize("who", [SENA, CORA, TESS])
def test_whoever_did_not_decide_a_plan_reviews_it(who):
    assert ALL_WELL["end a plan"](who=who) == []


def test_a_side_branch_needs_neither_facts_nor_a_level_below():
    assert ALL_WELL["propose mediation"](incidents=(UNHEARD,)) == []
    assert ALL_WELL["decide mediation"](incidents=(UNHEARD,), consultations=(), pack="kingsley") == []


# -- letters ------------------------------------------------------------------------------------------------------


def test_a_letter_sent_again_is_not_dated_anew():
    assert ladder.GUARDS["dated_letter"].check(issuing(kind="intent_to_ban", window_closes_on=date(2026, 9, 1))) is None


KIND_FITS = {
    "meeting_invitation": "decided served",
    "warning": "decided served",
    "provisional_ban": "decided provisional",
    "intent_to_ban": "decided intent",
    "ban_confirmed": "confirmed varied extended",
    "ban_varied": "confirmed varied extended",
    "ban_not_confirmed": "not_confirmed",
    "ban_withdrawn": "withdrawn",
    "ban_lifted": "lifted",
    "ban_extended": "confirmed varied extended",
    "ban_kept": "confirmed varied extended",
    "communication_plan": "decided in_force",
    "channel_block": "decided in_force",
    "vexatious_notice": "decided in_force",
    "plan_outcome": "in_force ended withdrawn",
    "post_removal_request": "decided served",
}


@pytest.mark.parametrize("kind", KIND_FITS)
def test_a_letter_kind_fits_these_states_and_no_others(kind):
    assert sorted(ladder.LETTER_KINDS[kind].states) == sorted(KIND_FITS[kind].split())


@pytest.mark.parametrize(
    ("verb", "states"),
    [("keep", "in_force"), ("vary_on_review", "in_force"), ("end", "ended"), ("withdraw", "withdrawn")],
)
def test_the_outcome_of_a_plan_is_told_where_its_decision_left_it(verb, states):
    assert sorted(ladder.LETTER_KINDS["plan_outcome"].verbs[verb]) == [states]


def test_those_are_all_the_kinds():
    assert set(ladder.LETTER_KINDS) == set(KIND_FITS)


def test_the_moves_on_the_page_are_those_that_the_role_may_try_here():
    found = {m.verb for m in ladder.moves_from(confirming(CORA))}
    assert found == {"sign_off", "answer", "confirm", "vary", "not_confirm"}


def test_no_move_leads_on_for_somebody_without_a_role():
    assert list(ladder.moves_from(replace(confirming(), roles=frozenset()))) == []


def test_terms_left_out_are_those_last_set():
    s = confirming(terms=None)
    assert s.terms == OPENING
    assert reviewing(terms=None).terms == FINAL
    assert deciding(terms=None).terms == TermsFacts()


def test_the_names_used_here_are_people_in_office():
    assert {o.id for o in OFFICERS} == {SENA, HARI, CORA, TESS}
    assert ADAM not in {o.id for o in OFFICERS}
    assert ISSUED < CONFIRMED
    assert ConsultationFacts(CORA, frozenset({Role.CHAIR}), True) == IN_PERSON
