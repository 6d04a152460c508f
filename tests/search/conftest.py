"""Fixtures for the searches: letters without pages, since none of this asks how they look."""

import hashlib
import json
import os
import time

import pytest

from letters import press
from letters.look import PLAIN
from tests.search import profile, report
from tests.search.tally import TALLY


@pytest.fixture(autouse=True)
def quick_letters(monkeypatch):
    """Letters of a few bytes that follow from their facts."""

    def rendered(kind, facts, *, look=PLAIN, draft=False):
        digest = hashlib.sha256(json.dumps([kind, facts, draft], sort_keys=True).encode())
        return b"%PDF " + digest.hexdigest().encode()

    monkeypatch.setattr(press, "letter", rendered)


STARTED = time.monotonic()


def pytest_sessionfinish(session, exitstatus):
    """A large search that held is written down."""
    name = os.environ.get("CONDUCT_SEARCH")
    all_of_it = TALLY.runs and TALLY.ways and len(TALLY.refused) > 1000
    if name in {"large", "whole"} and exitstatus == 0 and all_of_it:
        took = round((time.monotonic() - STARTED) / 60)
        share = profile.PROFILES[name].scenarios
        looked_at = "every scenario" if share == 1 else f"one scenario in {share}"
        told = f"Run on {report.today()} in {took} minutes, with {looked_at} of a small school; everything held."
        report.put("search", ["", told, "", *TALLY.lines(), ""])
