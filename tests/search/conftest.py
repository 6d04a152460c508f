"""Fixtures for the searches: letters without pages, since none of this asks how they look."""

import hashlib
import json
import os
import time

import pytest

from letters import rendering
from tests.search import report
from tests.search.tally import TALLY


@pytest.fixture(autouse=True)
def quick_letters(monkeypatch):
    """Letters of a few bytes that follow from their facts."""

    def rendered(kind, facts, *, draft=False):
        digest = hashlib.sha256(json.dumps([kind, facts, draft], sort_keys=True).encode())
        return b"%PDF " + digest.hexdigest().encode()

    monkeypatch.setattr(rendering, "render", rendered)


STARTED = time.monotonic()


def pytest_sessionfinish(session, exitstatus):
    """A large search that held is written down."""
    whole = TALLY.runs and TALLY.ways and len(TALLY.refused) > 1000
    if os.environ.get("CONDUCT_SEARCH") == "large" and exitstatus == 0 and whole:
        took = round((time.monotonic() - STARTED) / 60)
        told = f"Run on {report.today()} on SQLite, in {took} minutes; everything held."
        report.put("search", ["", told, "", *TALLY.lines(), ""])
