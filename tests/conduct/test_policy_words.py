"""How two policies differ, in words; and that every setting of one can be said."""

import dataclasses

import pytest

from conduct import code
from conduct.code import Pack, Timers, build_pack
from conduct.policy_words import TIMERS, TOLD, Difference, differences, settings_of, timers_of

DRONE = {
    "id": "S01",
    "kind": "unacceptable",
    "group": "Recording",
    "wording": "Flying a drone",
    "usual_severity": "criminal",
    "routes": ["legal_advice", "site_ban"],
}
GREETING = {
    "id": "S02",
    "kind": "expectation",
    "group": "Ours",
    "wording": "Greet us",
    "usual_severity": "",
    "routes": [],
}


def changed(**places: object) -> Pack:
    """Sholing with some places changed: policy__title="…"."""
    tables = code.shipped("sholing")
    for place, value in places.items():
        table = tables
        *path, last = place.split("__")
        for part in path:
            table = table[part]
        table[last] = value
    return build_pack("sholing", tables, file="changed")


SHOLING = code.pack("sholing")


def told(was: Pack, now: Pack) -> list[tuple[str, str, str]]:
    return [dataclasses.astuple(d) for d in differences(was, now)]


@pytest.mark.parametrize("key", code.pack_keys())
def test_a_policy_does_not_differ_from_itself(key):
    assert differences(code.pack(key), code.pack(key)) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"policy__title": "Our Code"}, ("Title of the policy", SHOLING.title, "Our Code")),
        ({"policy__version": "2026"}, ("Version", SHOLING.version, "2026")),
        ({"policy__titles__head": "Rector"}, ("The head is called", "school leader", "Rector")),
        ({"policy__police_force": "Dorset Police"}, ("Police force", "–", "Dorset Police")),
        ({"reach__reply_promise": "In two days."}, ("When staff reply", "–", "In two days.")),
        ({"reach__concern_route": ["A", "B"]}, ("Where a concern goes", ", then ".join(SHOLING.concern_route), "A, then B")),
        ({"decision__first_ban_limit_days": 60}, ("Longest first ban", "No limit", "60 days")),
        ({"timers__decision_school_days": 1}, ("Time to decide", "5 school days", "1 school day")),
        (
            {"timers__review_reminders": [10, 1]},
            ("Reminders of a review", "20, 10, 5, 1 school days", "10, 1 school days"),
        ),
        (
            {"code__own_clauses": [DRONE]},
            (
                "Own clause S01",
                "–",
                "Flying a drone (usually possibly criminal; Recording; may lead to: referral for legal advice, "
                "ban from the site)",
            ),
        ),
        ({"code__own_clauses": [GREETING]}, ("Own clause S02", "–", "Greet us (expected; Ours)")),
        ({"reach__binds": ["everybody"]}, ("Whom it binds, its flowchart, its own rules", "As before", f"As in {SHOLING.title}")),
    ],
)  # fmt: skip
def test_one_change_is_one_line(change, expected):
    assert told(SHOLING, changed(**change)) == [expected]


def test_an_own_clause_taken_out_is_told():
    assert told(changed(code__own_clauses=[GREETING]), SHOLING) == [
        ("Own clause S02", "Greet us (expected; Ours)", "–")
    ]


def test_another_policy_tells_its_ladder_who_decides_and_who_is_consulted():
    found = {d.what: d for d in differences(SHOLING, code.pack("kingsley"))}
    assert found["Ladder, level 2"] == Difference(
        "Ladder, level 2", "Restricted communication plan", "Block from the school app or social media"
    )
    assert found["Consulted before another formal response"].now == "Chair of Governors"
    assert found["Confirms a ban once the person was heard"].now == "Headteacher"
    assert found["Told of significant incidents"].now == "Nobody"
    assert "U14" in found["New in the policy"].now
    assert "Time to decide" not in found


def test_a_shorter_ladder_leaves_levels_empty():
    found = {d.what: d.now for d in differences(SHOLING, code.pack("all_saints"))}
    assert found["Ladder, level 3"] == "–"


def test_every_timer_has_its_words():
    assert list(TIMERS) == [field.name for field in dataclasses.fields(Timers)]
    assert len(timers_of(SHOLING)) == len(TIMERS)


def test_what_is_told_of_a_policy_are_its_fields():
    assert {field.name for field in dataclasses.fields(Pack)} >= TOLD


def test_a_policy_by_itself_is_told_line_by_line():
    lines = dict(settings_of(code.pack("all_saints")))
    assert lines["Decides"] == "Head of School"
    assert lines["Ladder, level 1"] == "Meeting or warning letter"
    assert lines["Told of significant incidents"] == "Nobody"
