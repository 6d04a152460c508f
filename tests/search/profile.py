"""How much is searched: a little with the other tests, more on PostgreSQL, as much as wanted by `make search`."""

import os
from dataclasses import dataclass, replace

from django.db import connection


@dataclass(frozen=True)
class Profile:
    name: str
    runs: int  # of the machine
    steps: int  # of a run
    scenarios: int  # one in so many of a small school's scenarios is searched for a way to its end
    walks: int  # one in so many states of the cube is walked to
    cells: int  # and one in so many of its cells is tried there
    seeded: bool  # the same every time


PROFILES = {
    "small": Profile("small", runs=10, steps=15, scenarios=180, walks=6, cells=4, seeded=True),
    "moderate": Profile("moderate", runs=40, steps=25, scenarios=60, walks=2, cells=3, seeded=True),
    "large": Profile("large", runs=60, steps=35, scenarios=10, walks=1, cells=1, seeded=False),
    "whole": Profile("whole", runs=600, steps=40, scenarios=1, walks=1, cells=1, seeded=False),
}


def chosen() -> Profile:
    """The profile that CONDUCT_SEARCH names; else small on SQLite and moderate on PostgreSQL.

    CONDUCT_SEARCH_RUNS sets how often the machine runs, for a search that goes on over night.
    """
    usual = "moderate" if connection.vendor == "postgresql" else "small"
    named = PROFILES[os.environ.get("CONDUCT_SEARCH") or usual]
    return replace(named, runs=int(os.environ.get("CONDUCT_SEARCH_RUNS") or named.runs))
