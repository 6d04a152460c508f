"""The ladder at its edges: the day itself, the moment itself, and those for whom a rule is not meant."""

from dataclasses import replace
from datetime import date

import pytest

from conduct.roles import Role
from sanctions import ladder
from sanctions.ladder import Attempt
from sanctions.states import State
from tests.factories import at
from tests.sanctions.situations import (
    CONFIRM,
    CORA,
    FINAL,
    HARI,
    INCIDENT,
    OLIVE,
    PROPOSED,
    RENEWED,
    TESS,
    confirming,
    of_ban,
    opened,
    record,
    reviewing,
)


def rules(verb: str, s) -> list[str]:
    return [r.rule for r in ladder.standing(of_ban(verb), s)]


def test_where_every_head_was_harmed_the_office_does_not_answer_in_their_place():
    harmed = {"harmed": frozenset({HARI}), "replies": 1, "unanswered": 1}
    assert rules("answer", opened(OLIVE, **harmed)) == ["not-permitted"]
    assert rules("answer", opened(CORA, **harmed)) == []


def test_an_incident_logged_at_the_moment_of_the_proposal_is_one_of_those_it_rests_on():
    found_before = replace(INCIDENT, found_at=(at("2026-03-02 08:55"),))
    same_moment = replace(INCIDENT, id=2, logged_at=PROPOSED, found_at=(), upheld=False)
    assert rules("confirm", confirming(incidents=(found_before, same_moment))) == ["nothing-upheld"]


@pytest.mark.parametrize(
    ("ends", "told"), [(date(2026, 5, 29), []), (date(2026, 5, 30), []), (date(2026, 5, 31), ["first-ban-limited"])]
)
def test_a_first_ban_runs_at_most_ninety_days_and_may_be_shorter(ends, told):
    terms = replace(FINAL, ends=ends)
    signed = {"sign_offs": ((TESS, date(2026, 12, 31)),)}
    assert rules("confirm", confirming(pack="combined", terms=terms, **signed)) == told


@pytest.mark.parametrize(("until", "told"), [(30, ["long-ban-sign-off"]), (31, [])])
def test_a_length_is_signed_off_up_to_that_day_or_a_later_one(until, told):
    later = {"sign_offs": ((TESS, date(2026, 7, until)),), "terms": replace(FINAL, ends=date(2026, 7, 31))}
    assert rules("confirm", confirming(**later)) == told
    assert rules("confirm", confirming(**{**later, "sign_offs": ((TESS, date(2027, 1, 1)),)})) == []


def test_what_a_provisional_ban_proposed_does_not_bind_its_confirmation_as_a_notice_does():
    opening = replace(FINAL, latest_decision_on=date(2026, 3, 31), ends=date(2026, 4, 30))
    ban = record(State.PROVISIONAL, terms=opening)
    assert rules("confirm", confirming(ban=ban, terms=replace(FINAL, starts=date(2026, 3, 1)))) == []


def test_how_early_a_review_is_hangs_on_the_terms_that_count_and_not_on_those_that_wait_for_their_letter():
    untold = replace(CONFIRM, verb="extend", by=HARI, at=at("2026-05-06 10:00"), letter_at=None,
                     terms=replace(RENEWED, review_on=date(2026, 8, 1), ends=date(2026, 8, 20)))  # fmt: skip
    soon = reviewing(ban=record(State.EXTENDED, CONFIRM, untold), state=State.EXTENDED)
    assert "review-in-time" not in rules("extend", soon)
    early = reviewing(at=at("2026-03-20 10:00"))
    assert "review-in-time" in rules("extend", early)


@pytest.mark.parametrize(
    ("response", "verb", "opening", "kind"),
    [
        ("site_ban", "decide", "provisional", "provisional_ban"),
        ("site_ban", "decide", "intent", "intent_to_ban"),
        ("site_ban", "confirm", "intent", "ban_confirmed"),
        ("site_ban", "vary_on_review", "provisional", "ban_varied"),
        ("site_ban", "extend", "provisional", "ban_extended"),
        ("meeting", "decide", "", "meeting_invitation"),
        ("channel_block", "decide", "", "channel_block"),
        ("communication_plan", "end", "", "plan_outcome"),
        ("warning_letter", "decide", "", "warning"),
        ("warning_letter", "withdraw", "", None),
        ("mediation", "decide", "", None),
    ],
)
def test_each_decision_is_told_by_its_own_kind_of_letter(response, verb, opening, kind):
    assert ladder.letter_kind(response, verb, opening) == kind


def test_a_verb_that_no_response_of_its_sort_has_is_judged_by_whoever_may_try_that_very_verb():
    gate = replace(opened(OLIVE), roles=frozenset({Role.GATE}), response="meeting", attempt=Attempt())
    assert [r.rule for r in ladder.unknown_move("tell", gate)] == ["not-permitted"]
    senior = replace(gate, roles=frozenset({Role.SENIOR}))
    assert [r.rule for r in ladder.unknown_move("sign_off", senior)] == ["not-permitted"]
    assert [r.rule for r in ladder.unknown_move("tell", senior)] == ["wrong-state"]
