"""How much is searched: a little with the other tests, more on PostgreSQL, as much as wanted by `make search`."""

import os
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Profile:
    name: str
    runs: int  # of the machine, on each kind of day that it starts on
    steps: int  # of a run
    every: int  # one in so many scenarios is searched for a way to its end
    seeded: bool  # the same every time


PROFILES = {
    "small": Profile("small", runs=20, steps=20, every=120, seeded=True),
    "moderate": Profile("moderate", runs=40, steps=25, every=40, seeded=True),
    "large": Profile("large", runs=1500, steps=40, every=1, seeded=False),
}


def chosen() -> Profile:
    """The profile that CONDUCT_SEARCH names; else small on SQLite and moderate on PostgreSQL."""
    usual = "moderate" if connection.vendor == "postgresql" else "small"
    return PROFILES[os.environ.get("CONDUCT_SEARCH") or usual]
