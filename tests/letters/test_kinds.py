"""Which facts a letter needs, how they are kept, and what its texts may never say."""

import json
from dataclasses import FrozenInstanceError, fields
from datetime import date

import pytest

from letters import samples, starters
from letters.facts import PLACES, FactError, needed
from letters.kinds import KINDS, Missing, from_json, missing, plain_text, recipient_gap, to_json

EMPTY = {"text": "", "lines": [], "day": None, "items": []}

# Section 6 of the rules, kind by kind, in the names of the facts. A fact dropped from a kind fails here.
EVERY_PAPER = {"school_name", "date", "reference", "recipient_name", "method"}
EVERY_LETTER = EVERY_PAPER | {
    *("school_address", "school_phone", "school_email", "trust_name"),
    *("policy_title", "policy_version", "signatory_name", "signatory_role"),
    *("ask_name", "ask_phone", "ask_email", "complaints", "formats", "privacy"),
}
NO_LETTER = {"gate_notice"}  # for the desk: nothing of the letterhead, nobody signs it, nobody is told how to complain
DECIDED = (
    "how_decided main_points reasons scope starts ends review_on reviewer contact_who contact_methods reports handover "
    "early_review always_open law"
)
RESTRICTION = "incidents clauses reasons always_open starts ends review_on reviewer challenge reply_how"
BY_KIND = {
    "account_request": "not_found incidents reply_by reply_how hearing_help readers",
    "review_notice": "review_on ends reviewer looked_at send_views reply_by reply_how until_then",
    "ban_breach_notice": "incidents clauses changes scope starts ends challenge reply_how law",
    "gate_notice": "name what_applies what_to_do valid_until",
    "meeting_invitation": "purpose incidents meeting_when meeting_where attends companion interpreter rearrange "
    "recording_rule",
    "warning": "incidents clauses expected what_may_follow right_to_reply reply_by reply_how",
    "intent_to_ban": "incidents clauses lesser_options proposed_scope proposed_start proposed_end reply_by reply_how "
    "hearing_help decider decide_by what_happens_next",
    "provisional_ban": "incidents clauses lesser_options in_force_from latest_decision_on scope contact_who "
    "contact_methods always_open handover reply_by reply_how hearing_help decider decide_by what_happens_next law",
    "ban_confirmed": DECIDED,
    "ban_varied": DECIDED,
    "ban_not_confirmed": "decision access_from",
    "ban_withdrawn": "decision access_from",
    "ban_lifted": "reasons since views access_from",
    "ban_extended": "reasons since views ends review_on reviewer contact_who contact_methods always_open handover "
    "reports early_review law reply_by reply_how reply_promise",
    "ban_kept": "reasons since views ends review_on reviewer early_review",
    "communication_plan": f"{RESTRICTION} ways_are ways deputy handover",
    "plan_outcome": "measure_name outcome reasons since views ends review_on reviewer challenge reply_how",
    "channel_block": f"{RESTRICTION} changes",
    "vexatious_notice": f"{RESTRICTION} changes",
    "post_removal_request": "incidents clauses changes take_down_by what_may_follow challenge reply_how",
}


def required(kind):
    """The names of the facts that the sample letter of that kind needs."""
    facts = from_json(kind, samples.facts(kind))
    return {field.name for field in fields(facts) if needed(field, facts)}


@pytest.mark.parametrize("kind", samples.ALL)
def test_a_letter_needs_what_section_6_of_the_rules_asks_of_its_kind(kind):
    every = EVERY_PAPER if kind in NO_LETTER else EVERY_LETTER
    assert required(kind) == every | set(BY_KIND[kind].split())


def test_the_notice_for_the_desk_holds_what_the_desk_must_know_and_nothing_else():
    held = {field.name for field in fields(KINDS["gate_notice"].facts)}
    of_the_paper = EVERY_PAPER | {
        "recipient_address",
        "recipient_email",
        "pupils",
        "supersedes",
        "large_print",
        "language",
        *("head_title", "chair_title", "recording", "worded"),  # with which its texts are filled in
    }
    assert held - of_the_paper == {
        *(
            "name",
            "banned",
            "what_applies",
            "scope",
            "exceptions",
            "what_to_do",
            "what_to_do_plan",
            "call",
            "valid_until",
        )
    }


def test_every_kind_named_in_this_test_is_a_kind_and_the_other_way_round():
    assert set(samples.ALL) == set(BY_KIND)


@pytest.mark.parametrize("kind", samples.ALL)
def test_nothing_is_missing_from_a_whole_letter(kind):
    assert missing(kind, samples.facts(kind)) == []


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in samples.ALL for name in sorted(required(kind))])
def test_taking_a_required_fact_out_is_reported_with_its_label_and_its_place(kind, name):
    field = next(field for field in fields(KINDS[kind].facts) if field.name == name)
    gap = Missing(name, field.metadata["label"], field.metadata["where"])
    emptied = samples.facts(kind, **{name: EMPTY[field.metadata["shape"]]})
    left_out = {key: value for key, value in samples.facts(kind).items() if key != name}
    assert missing(kind, emptied) == [gap]
    assert missing(kind, left_out) == [gap]


@pytest.mark.parametrize("kind", samples.ALL)
def test_every_fact_says_what_it_is_called_and_where_it_is_filled_in(kind):
    for field in fields(KINDS[kind].facts):
        assert field.metadata["label"], field.name
        assert field.metadata["where"] in PLACES, field.name


def test_spaces_are_not_a_fact():
    assert [gap.field for gap in missing("ban_lifted", samples.facts("ban_lifted", reasons=" \n "))] == ["reasons"]


def test_an_incident_without_its_date_is_missing():
    facts = samples.facts("warning", incidents=[{"on": None, "text": "Shouted."}])
    assert [gap.field for gap in missing("warning", facts)] == ["incidents"]


def test_each_child_of_the_person_needs_an_arrangement():
    facts = samples.facts("provisional_ban", pupils=["Robin", "Sam"])
    assert missing("provisional_ban", facts) == [Missing("handover", "Bringing and collecting Sam", "terms")]


def test_a_visitor_without_children_needs_no_handover_and_no_reports():
    facts = samples.facts("ban_confirmed", pupils=[], handover=[], reports="")
    assert missing("ban_confirmed", facts) == []


def test_an_answer_to_each_point_is_not_needed_when_no_reply_was_received():
    assert missing("ban_confirmed", samples.facts("ban_confirmed", main_points=[], none_received=True)) == []


def test_a_point_without_an_answer_is_missing():
    facts = samples.facts("ban_confirmed", main_points=[{"point": "You were provoked.", "answer": ""}])
    assert [gap.field for gap in missing("ban_confirmed", facts)] == ["main_points"]


def test_a_variation_on_review_gives_a_fresh_chance_to_respond():
    facts = samples.on_review()
    assert missing("ban_varied", facts) == []
    facts |= {"reply_by": None, "reply_how": [], "since": "", "views": "", "reply_promise": ""}
    gaps = ["since", "views", "reply_by", "reply_how", "reply_promise"]
    assert [gap.field for gap in missing("ban_varied", facts)] == gaps


def test_a_ban_that_is_kept_to_run_out_needs_no_further_review():
    facts = samples.facts("ban_kept", run_out=True, review_on=None, reviewer="")
    assert missing("ban_kept", facts) == []


def test_a_plan_names_purpose_method_and_member_of_staff_of_each_way():
    facts = samples.facts("communication_plan", ways=[{"purpose": "Trips", "method": "by email", "staff": " "}])
    assert [gap.field for gap in missing("communication_plan", facts)] == ["ways"]


def test_a_plan_for_a_person_without_children_needs_no_handover():
    assert missing("communication_plan", samples.facts("communication_plan", pupils=[], handover=[])) == []
    facts = samples.facts("communication_plan", pupils=["Robin", "Sam"])
    assert missing("communication_plan", facts) == [Missing("handover", "Bringing and collecting Sam", "terms")]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("communication_plan", "scope cap reply_days closes"),
        ("channel_block", "channel closes"),
        ("vexatious_notice", "closes"),
        ("post_removal_request", "posts"),
    ],
)
def test_what_a_plan_block_notice_or_request_may_leave_out_is_not_missing(kind, names):
    left_out = {key: value for key, value in samples.facts(kind).items() if key not in names.split()}
    assert missing(kind, left_out) == []


@pytest.mark.parametrize(
    ("outcome", "names"),
    [
        ("varied", "since views ends review_on reviewer"),
        ("ended", "since views ended_on"),
        ("withdrawn", "ended_on"),
    ],
)
def test_each_outcome_of_a_plan_needs_its_own_facts(outcome, names):
    facts = samples.plan_outcome(outcome)
    assert missing("plan_outcome", facts) == []
    always = {"measure_name", "outcome", "reasons", "challenge", "reply_how"}
    bare = {key: value for key, value in facts.items() if key in EVERY_LETTER | always}
    assert [gap.field for gap in missing("plan_outcome", bare)] == names.split()


def test_a_plan_that_is_kept_to_run_out_needs_no_further_review():
    facts = samples.facts("plan_outcome", run_out=True, review_on=None, reviewer="")
    assert missing("plan_outcome", facts) == []


def test_an_outcome_that_the_letter_has_no_words_for_is_refused():
    with pytest.raises(FactError) as error:
        from_json("plan_outcome", samples.facts("plan_outcome", outcome="lifted"))
    assert error.value.field == "outcome"


@pytest.mark.parametrize("kind", ["communication_plan", "channel_block", "vexatious_notice"])
def test_the_reasons_have_a_starter_text_though_the_decision_may_give_others(kind):
    field = next(field for field in fields(KINDS[kind].facts) if field.name == "reasons")
    assert field.metadata["where"] == "decision"
    assert missing(kind, samples.facts(kind, reasons=samples.default_reasons(kind))) == []


@pytest.mark.parametrize(
    ("method", "changed", "gap"),
    [
        ("post", {}, None),
        ("post", {"recipient_address": []}, "recipient_address"),
        ("email", {"recipient_address": []}, None),
        ("email", {"recipient_email": ""}, "recipient_email"),
        ("hand", {"recipient_address": [], "recipient_email": ""}, None),
        ("hand", {"recipient_name": " "}, "recipient_name"),
        ("pigeon", {}, "method"),
    ],
)
def test_the_method_of_sending_says_what_it_needs_from_the_person(method, changed, gap):
    found = recipient_gap(samples.facts("warning", method=method, **changed))
    assert (found.field if found else None) == gap


def test_an_address_that_the_method_needs_is_left_to_the_rule_for_the_recipient():
    assert missing("warning", samples.facts("warning", method="email", recipient_email="")) == []


@pytest.mark.parametrize("kind", samples.ALL)
def test_facts_come_back_from_json_as_they_went_in(kind):
    facts = from_json(kind, samples.facts(kind))
    assert from_json(kind, json.loads(json.dumps(to_json(facts)))) == facts


def test_facts_cannot_be_changed_once_they_are_made():
    facts = from_json("warning", samples.facts("warning"))
    assert facts.date == date(2026, 3, 2)
    with pytest.raises(FrozenInstanceError):
        facts.reference = "another"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("reference", 7),
        ("date", "2 March"),
        ("pupils", "Robin"),
        ("pupils", [1]),
        ("large_print", "yes"),
        ("incidents", ["Shouted"]),
        ("incidents", [{"when": "now"}]),
        ("incidents", "Shouted"),
    ],
)
def test_an_unknown_or_ill_typed_fact_is_refused_by_name(name, value):
    with pytest.raises(FactError) as error:
        from_json("warning", samples.facts("warning", **{name: value}))
    assert error.value.field in {name, "when"}


def test_plain_text_holds_every_word_of_the_facts_and_finds_a_name_over_two_lines():
    facts = samples.facts(
        "provisional_ban", extra="Seen by Pat\n  Green.", handover=[{"pupil": "Robin", "arrangement": "Gran"}]
    )
    text = plain_text("provisional_ban", facts)
    assert "Seen by Pat Green." in text
    for words in (
        "Robin Gran",
        "Alex Marlow",
        "would be waiting for her outside",
        "U05 Threatening",
        KINDS["provisional_ban"].title,
    ):
        assert words in text


# --- the starter texts


def test_every_fact_that_starts_from_a_text_has_one():
    for kind in samples.ALL:
        facts = fields(KINDS[kind].facts)
        wanted = {field.name for field in facts if field.metadata["where"] == "starter"}
        # The reasons of a decision stand in it; where nobody wrote any, a few kinds have words of their own.
        wanted |= {field.name for field in facts if f"{kind}.{field.name}" in starters.texts()}
        assert set(starters.texts_of(kind)) == wanted


def test_every_starter_text_is_used_by_some_kind():
    facts = {field.name for kind in KINDS.values() for field in fields(kind.facts)}
    assert {name.rpartition(".")[2] for name in starters.texts()} <= facts


def test_the_law_is_told_in_the_careful_form():
    law = starters.texts()["law"]
    assert "civil" in law
    assert "may be an offence under section 547 of the Education Act 1996" in law
    assert "nuisance or disturbance" in law
