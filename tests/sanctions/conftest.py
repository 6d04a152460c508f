"""Fixtures for the tests of the rules."""

import json

import pytest

from letters import press
from letters.look import PLAIN


@pytest.fixture
def quick_letters(monkeypatch):
    """Letters of plain bytes that hold their facts: a test that asks nothing of the page need not wait for one."""

    def rendered(kind, facts, *, look=PLAIN, draft=False):
        return b"%PDF " + json.dumps([kind, facts, draft], sort_keys=True).encode()

    monkeypatch.setattr(press, "letter", rendered)
