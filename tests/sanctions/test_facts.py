"""What the rules look at: plain values that nobody changes, and in which nothing is taken for granted."""

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from conduct import code
from sanctions.dates import Step, TermsFacts
from sanctions.ladder import (
    GUARDS,
    MOVES,
    Attempt,
    ConsultationFacts,
    EarlierBan,
    IncidentFacts,
    LetterFacts,
    Officer,
    Refusal,
    Served,
    Situation,
)
from sanctions.states import State
from tests.sanctions.situations import DECIDE, LOGGED, record, situation

WHOLE = [
    Officer(1, frozenset()),
    IncidentFacts(1, "minor", LOGGED),
    ConsultationFacts(1, frozenset(), in_person=True),
    Served("meeting", LOGGED),
    EarlierBan(State.LAPSED),
    LetterFacts("warning"),
    Attempt(),
    situation(),
    GUARDS["own_cause"],
    Refusal("dated", "Give the day."),
    MOVES[0],
    TermsFacts(),
    DECIDE,
    record(State.PROVISIONAL),
]


@pytest.mark.parametrize("kept", WHOLE, ids=lambda kept: type(kept).__name__)
def test_facts_are_not_changed_by_whoever_reads_them(kept):
    with pytest.raises(FrozenInstanceError):
        setattr(kept, next(iter(vars(kept))), None)


def test_an_incident_just_logged_has_been_neither_heard_nor_found():
    just_logged = IncidentFacts(1, "minor", LOGGED)
    assert just_logged == IncidentFacts(1, "minor", LOGGED, (), False, False, False)


def test_a_ban_of_which_nothing_is_known_was_neither_told_nor_confirmed():
    assert EarlierBan(State.PROPOSED) == EarlierBan(State.PROPOSED, None, False, False)


def test_an_attempt_says_nothing_that_was_not_said():
    attempt = Attempt()
    assert (attempt.run_out, attempt.none_received, attempt.terms, attempt.letter) == (False, False, None, None)
    assert Step("keep", LOGGED, 1).run_out is False


def test_in_a_situation_of_which_nothing_is_known_nothing_has_happened():
    nothing = Situation(at=LOGGED, pack=code.pack("sholing"), actor=1, roles=frozenset())
    counted = (nothing.open_tasks, nothing.live_measures, nothing.replies, nothing.unanswered)
    said = (nothing.in_force_letter_issued, nothing.last_reply_complete, nothing.none_received_stands)
    assert (counted, said) == ((0, 0, 0, 0), (False, False, False))


def test_a_letter_is_signed_by_whoever_decided_unless_it_is_said_otherwise():
    assert LetterFacts("warning").signer_decided is True


def test_a_finding_made_at_the_very_moment_counts_as_made_by_then():
    found = IncidentFacts(1, "minor", LOGGED, found_at=(LOGGED,))
    assert found.had_finding(LOGGED) is True
    assert IncidentFacts(1, "minor", LOGGED).had_finding(LOGGED) is False


def test_the_terms_of_an_attempt_start_when_the_last_ones_did_unless_it_says_another_day():
    given = situation(ban=record(State.PROVISIONAL), attempt=Attempt(terms=TermsFacts(ends=date(2026, 5, 1))))
    assert given.terms == TermsFacts(starts=date(2026, 3, 2), ends=date(2026, 5, 1))
