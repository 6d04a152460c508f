"""What is measured, and what each must come to."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from time import perf_counter

from django.db import connection
from django.test.utils import CaptureQueriesContext

FEW, MANY = 1_000, 100_000  # people; twice as many incidents


@dataclass(frozen=True)
class Result:
    """One line of the table: a ratio, what it was taken against, and whether it is good enough."""

    name: str
    value: float
    unit: str
    against: str
    goal: str
    holds: bool

    as_row = asdict


@dataclass(frozen=True)
class Taken:
    """How long something took (the sum over its questions of each one's median, in seconds), and its queries."""

    seconds: float
    queries: list[int]


def taken(ask: Callable[[object], object], questions: Iterable[object], times: int = 7) -> Taken:
    """Ask each question a few times; the first time, unmeasured, warms what there is to warm."""
    seconds, queries = 0.0, []
    for question in questions:
        with CaptureQueriesContext(connection) as captured:
            ask(question)
        queries.append(len(captured))
        seconds += statistics.median(timed(ask, question) for _ in range(times))
    return Taken(seconds, queries)


def timed(ask: Callable[[object], object], question: object) -> float:
    started = perf_counter()
    ask(question)
    return perf_counter() - started


def growth(name: str, few: Taken, many: Taken, most: float = 1.5) -> Result:
    """How much longer the same takes in the large town, and that it takes the same number of queries."""
    ratio = many.seconds / few.seconds
    same = few.queries == many.queries
    said = f"{max(few.queries)} queries at both sizes" if same else f"queries {few.queries} then {many.queries}"
    against = f"the same with {FEW:,} persons and {2 * FEW:,} incidents ({1000 * few.seconds:.0f} ms); {said}"
    return Result(name, round(ratio, 2), "times", against, f"at most {most}, same queries", ratio <= most and same)
