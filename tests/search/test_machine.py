"""Proof by search: a machine drives the program's verbs at random, and after each step everything must hold.

How much is searched is told in profile.py; `make search` looks longest and writes down how far it came.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.search import machine, profile
from tests.search.tally import TALLY

pytestmark = pytest.mark.django_db


def test_whatever_anybody_tries_in_whatever_order_the_rules_hold():
    chosen = profile.chosen()
    run_state_machine_as_test(
        machine.SchoolAtWork,
        settings=settings(
            max_examples=chosen.runs,
            stateful_step_count=chosen.steps,
            derandomize=chosen.seeded,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
    assert TALLY.runs >= chosen.runs
    assert TALLY.by_verb
