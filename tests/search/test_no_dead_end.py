"""No dead end: a small school can take every case to its end, whoever of it was harmed, found by search.

One head, one chair, one clerk and one officer of the trust, and nobody else. For every policy, every one of them harmed
or nobody, every one of them who may log it, a serious and a criminal incident, and every way in which a measure can come
to its end, there is a way from the log to the closed case by the program's own verbs.
"""

import itertools

import pytest
from django.db import transaction

from conduct import code
from sanctions import ladder
from tests.factories import World, at
from tests.search import profile
from tests.search.deeds import perform
from tests.search.finder import CLOSED, ENDED, ISSUED, LAPSED, RUN_OUT, Finder, Goal, decided, followed, met, proposed
from tests.search.plain import LADDERS, PLANS, SIDE_BRANCHES, Deed
from tests.search.tally import TALLY

pytestmark = pytest.mark.django_db

SMALL_SCHOOL = {"clerk": "office", "head": "head", "chair": "chair", "trust": "trust"}
HARMED = ("nobody", *SMALL_SCHOOL)
LOGGED_BY = ("clerk", "head")
SEVERITIES = ("serious", "criminal")

Way = tuple[Goal, ...]
OPENED = (decided("decide"), ISSUED)
CONFIRMED, VARIED = (*OPENED, decided("confirm"), ISSUED), (*OPENED, decided("vary"), ISSUED)
BAN_WAYS: dict[str, Way] = {
    "declined": (decided("decline"),),
    "withdrawn while proposed": (decided("withdraw"),),
    "withdrawn before its letter": (decided("decide"), decided("withdraw")),
    "withdrawn after its letter": (*OPENED, decided("withdraw"), ISSUED),
    "not confirmed": (*OPENED, decided("not_confirm"), ISSUED),
    "lapsed undecided": (*OPENED, LAPSED),
    "lifted before the confirmation's letter": (*OPENED, decided("confirm"), decided("lift"), ISSUED),
    "lifted": (*CONFIRMED, decided("lift"), ISSUED),
    "lapsed unreviewed": (*CONFIRMED, LAPSED),
    "kept, then lifted": (*CONFIRMED, decided("keep"), ISSUED, decided("lift"), ISSUED),
    "kept to run out": (*CONFIRMED, RUN_OUT, ISSUED, ENDED),
    "extended, then kept, then lapsed": (*CONFIRMED, decided("extend"), ISSUED, decided("keep"), ISSUED, LAPSED),
    "varied, changed on review, then lifted": (*VARIED, decided("vary_on_review"), ISSUED, decided("lift"), ISSUED),
    "withdrawn once confirmed": (*CONFIRMED, decided("withdraw"), ISSUED),
}
MEETING_WAYS: dict[str, Way] = {
    "declined": (decided("decline"),),
    "withdrawn": (*OPENED, decided("withdraw")),
    **{outcome: (*OPENED, met(outcome)) for outcome in ("held", "missed", "turned_down")},
}
WARNING_WAYS: dict[str, Way] = {
    "declined": (decided("decline"),),
    "sent": OPENED,
    "sent, then withdrawn": (*OPENED, decided("withdraw")),
}
KEPT = (decided("keep"), ISSUED)
PLAN_WAYS: dict[str, Way] = {
    "declined": (decided("decline"),),
    "withdrawn": (*OPENED, decided("withdraw"), ISSUED),
    "ended on review": (*OPENED, decided("end"), ISSUED),
    "kept, then run to its end": (*OPENED, *KEPT, ENDED),
    "never reviewed": (*OPENED, ENDED),
    "changed on review, then ended": (*OPENED, decided("vary_on_review"), ISSUED, decided("end"), ISSUED),
    "kept to run out": (*OPENED, RUN_OUT, ISSUED, ENDED),
}
POST_WAYS: dict[str, Way] = {
    "declined": (decided("decline"),),
    "asked for by letter": OPENED,
    "asked for, then removed": (*OPENED, followed("removed")),
    "reported without a letter": (decided("decide"), followed("captured"), followed("reported")),
    "withdrawn": (decided("decide"), decided("withdraw")),
}
MEDIATION_WAYS: dict[str, Way] = {
    "declined": (decided("decline"),),
    "decided": (decided("decide"),),
    "agreed": (decided("decide"), followed("offered"), followed("accepted"), followed("agreed")),
    "withdrawn": (decided("decide"), decided("withdraw")),
}
NOTHING_WAYS: dict[str, Way] = {"declined": (decided("decline"),), "decided": (decided("decide"),)}
WAYS: dict[str, Way] = {
    f"{' '.join(filter(None, (opening, response)))}, {name}": (proposed(response, opening), *way, CLOSED)
    for response, openings, ways in (
        ("site_ban", ("provisional", "intent"), BAN_WAYS),
        ("meeting", ("",), MEETING_WAYS),
        ("warning_letter", ("",), WARNING_WAYS),
        *((plan, ("",), PLAN_WAYS) for plan in sorted(PLANS)),
        ("post_removal", ("",), POST_WAYS),
        ("mediation", ("",), MEDIATION_WAYS),
        ("no_further_action", ("",), NOTHING_WAYS),
    )
    for opening in openings
    for name, way in ways.items()
}


def school_with_a_case(pack: str, harmed: str, logged_by: str, severity: str) -> Finder:
    """A small school in which one of its people has just logged an incident."""
    world = World(pack, staff={})
    people = {name: world.hire(role, name.capitalize()) for name, role in SMALL_SCHOOL.items()}
    told = {
        "clauses": ["U03", "U05"],
        "place": "site",
        "narrative": "Shouted, and threatened them.",
        "severity": severity,
        "harmed": [people[harmed].pk] if harmed in people else [],
    }
    logged_at = at("2026-03-02 08:50")
    perform(Deed("log_incident", people[logged_by].pk, person=world.alex.pk, told=told), logged_at)
    return Finder(world.alex.pk, logged_at)


def not_found(search: Finder, ways: dict[str, Way]) -> dict[str, str]:
    """The ways that the search does not find from here, and what stood in each. Ways that begin alike begin once."""
    lost: dict[str, str] = {}
    for _, group in itertools.groupby(
        sorted(ways, key=lambda name: str(ways[name][0])), lambda name: str(ways[name][0])
    ):
        names = list(group)
        mark, started, length = transaction.savepoint(), search.at, len(search.path)
        search.tried, search.seen, search.nearest = 0, set(), (99, 99, "")
        came = search.reach(ways[names[0]][:1])
        TALLY.searched += search.tried
        further = {name: ways[name][1:] for name in names if ways[name][1:]}
        if came:
            TALLY.ways += len(names) - len(further)
            TALLY.longest_way = max(TALLY.longest_way, len(search.path))
            lost |= not_found(search, further)
        else:
            lost |= {name: f"{ways[name][0]}: {search.stuck}" for name in names}
        transaction.savepoint_rollback(mark)
        search.at = started
        del search.path[length:]
    return lost


def still_not_found(search: Finder, ways: dict[str, Way]) -> dict[str, str]:
    """The same, each way looked for by itself, so that how it begins is not decided before its end is known."""
    lost = not_found(search, ways)
    for name in list(lost):
        alone = Finder(search.person, search.at)
        mark = transaction.savepoint()
        if alone.reach(ways[name]):
            TALLY.ways += 1
            del lost[name]
        transaction.savepoint_rollback(mark)
    return lost


ROOTS = list(itertools.product(code.pack_keys(), HARMED))


@pytest.mark.parametrize(("pack", "harmed"), ROOTS)
def test_a_small_school_takes_every_case_to_its_end(pack, harmed):
    every, start = profile.chosen().scenarios, ROOTS.index((pack, harmed))
    rungs = set().union(*LADDERS[pack], SIDE_BRANCHES)
    offered = [name for name, (start_by, *_) in WAYS.items() if str(start_by).split()[0] in rungs]
    scenarios = list(itertools.product(LOGGED_BY, SEVERITIES, offered))
    # Which of them are looked at moves on from root to root, so that a small search sees each way somewhere.
    picked = scenarios[start * 7 % every :: every]
    lost = {}
    for logged_by, severity in sorted({(by, how) for by, how, _ in picked}):
        ways = {name: WAYS[name] for by, how, name in picked if (by, how) == (logged_by, severity)}
        with transaction.atomic():
            search = school_with_a_case(pack, harmed, logged_by, severity)
            found = still_not_found(search, ways)
            lost |= {f"logged by {logged_by}, {severity}: {name}": why for name, why in found.items()}
            transaction.set_rollback(True)
    assert lost == {}


def test_the_ways_hold_every_move_that_ends_or_changes_a_measure():
    goals = {str(goal) for way in WAYS.values() for goal in way}
    verbs = {m.verb for m in ladder.MOVES if m.target} - {"hold_meeting", "settle"}
    assert verbs <= goals
    assert {"held", "missed", "turned_down", "lapsed", "ended"} <= goals
