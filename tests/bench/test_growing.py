"""The measures measure what they say: the same questions among few and among many, with the same number of queries."""

import pytest

from tests.bench import growing
from tests.bench.measures import Taken, growth


def test_finding_looking_up_and_saving_take_as_many_queries_among_many_as_among_few(db, monkeypatch):
    monkeypatch.setattr(growing, "FEW", 200)
    monkeypatch.setattr(growing, "MANY", 400)
    results = growing.measure(list(growing.NAMES))
    assert [r.name for r in results] == list(growing.NAMES)
    assert [r.against.rpartition("; ")[2] for r in results if "at both sizes" not in r.against] == []


@pytest.mark.parametrize(
    ("many", "holds"),
    [
        (Taken(1.5, [3, 2]), True),
        (Taken(1.51, [3, 2]), False),
        (Taken(1.0, [3, 3]), False),
    ],
)
def test_a_measure_holds_within_its_ratio_and_with_the_same_queries(many, holds):
    assert growth("gate-growth", Taken(1.0, [3, 2]), many).holds is holds
