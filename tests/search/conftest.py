"""Fixtures for the searches: letters without pages, since none of this asks how they look."""

import hashlib
import json

import pytest

from letters import rendering


@pytest.fixture(autouse=True)
def quick_letters(monkeypatch):
    """Letters of a few bytes that follow from their facts."""

    def rendered(kind, facts, *, draft=False):
        digest = hashlib.sha256(json.dumps([kind, facts, draft], sort_keys=True).encode())
        return b"%PDF " + digest.hexdigest().encode()

    monkeypatch.setattr(rendering, "render", rendered)
