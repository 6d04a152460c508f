"""The grid of states, verbs and roles as a single test: what mutation testing runs a thousand times.

It takes one square in eleven, so that each verb, state and role is looked at somewhere; test_grid.py takes all of them.
"""

from tests.sanctions.test_grid import GRID, SQUARES, TARGET, expected, found, ladder


def test_the_whole_grid_at_once():
    assert [square for square in SQUARES[::11] if found(*square) != expected(*square)] == []


def test_the_moves_and_where_they_lead():
    assert {(m.verb, r) for m in ladder.MOVES for r in m.responses} == set(GRID)
    assert {m.verb: m.target.value for m in ladder.MOVES if m.target} == TARGET
