"""The gate list: what applies today, from the dates alone."""

from datetime import date

import pytest

from conduct.models import AuditRow
from sanctions import bans, cases, correspondence, diary, duties, gate, measures
from tests.factories import World, at

pytestmark = pytest.mark.usefixtures("quick_letters")


def shown(world: World, when: str) -> gate.Applies:
    return gate.applies_to([world.alex], world.school, at(when))[world.alex.pk]


@pytest.mark.parametrize(
    ("when", "word"),
    [
        ("2026-03-02 09:59", "clear"),
        ("2026-03-02 10:00", "banned"),
        ("2026-03-31 23:59", "banned"),
        ("2026-04-01 00:00", "ended_no_decision"),
        ("2026-04-16 23:59", "ended_no_decision"),  # ten school days, Easter between
        ("2026-04-17 00:00", "clear"),
    ],
)
@pytest.mark.parametrize("swept", [False, True])
def test_a_provisional_ban_at_the_gate(world, when, word, swept):
    world.opened()
    if swept:
        diary.sweep(at(when))
    assert shown(world, when).word == word


@pytest.mark.parametrize(
    ("when", "word"),
    [
        ("2026-05-22 23:59", "banned"),
        ("2026-05-23 00:00", "ended_no_decision"),
        ("2026-06-08 23:59", "ended_no_decision"),  # ten school days, a bank holiday between
        ("2026-06-09 00:00", "clear"),
    ],
)
def test_a_confirmed_ban_that_nobody_reviewed(world, when, word):
    world.confirmed()
    diary.sweep(at(when))
    assert shown(world, when).word == word


def test_a_ban_that_ends_before_its_provisional_days_were_over_is_notable_at_once(world):
    world.confirmed(terms=world.final_terms(ends=date(2026, 3, 27), review_on=date(2026, 3, 26)))
    assert shown(world, "2026-03-27 12:00").word == "banned"
    assert shown(world, "2026-03-28 12:00").word == "ended_no_decision"


def test_a_ban_kept_to_run_out_leaves_nothing_at_the_gate(world):
    ban = world.confirmed()
    bans.keep(ban, by=world.tess, at=at("2026-05-07 10:00"), reasons="To its end.", run_out=True)
    assert shown(world, "2026-05-22 12:00").word == "banned"
    assert shown(world, "2026-05-23 00:00").word == "clear"


def test_lifting_clears_the_gate_at_once(world):
    ban = world.confirmed()
    bans.lift(ban, by=world.hari, at=at("2026-05-07 10:05"), reasons="An apology.")
    assert shown(world, "2026-05-07 10:05").word == "clear"


def test_the_gate_shows_where_until_when_and_whom_to_call_and_nothing_else(world):
    world.confirmed(terms=world.final_terms(exceptions="Parents' evening"))
    found = shown(world, "2026-04-20 09:00")
    assert found == gate.Applies("banned", date(2026, 5, 22), "The whole site", "Parents' evening", "Olive Office")


def test_a_provisional_ban_is_shown_until_its_latest_decision_date(world):
    world.opened()
    assert shown(world, "2026-03-10 09:00").until == date(2026, 3, 31)


def test_the_list_holds_those_to_whom_something_applies(world):
    world.opened()
    world.person("Sam Marsh", pupils=["Robin Marsh"])
    assert [(p.name, a.word) for p, a in gate.listed(world.school, at("2026-03-10 09:00"))] == [
        ("Alex Marsh", "banned")
    ]
    assert gate.listed(world.school, at("2026-08-10 09:00")) == []


def test_the_list_of_another_school_is_its_own(world, make_world):
    world.opened()
    assert gate.listed(make_world("sholing").school, at("2026-03-10 09:00")) == []


def intended(world: World) -> None:
    """A notice of intent of 11 March for a ban from 13 April, its letter handed over that day."""
    world.found(world.incident())
    ban = world.proposed("2026-03-11 08:00", opening="intent")
    measures.consult(ban, by=world.cora, at=at("2026-03-11 09:00"), consulted=world.cora, how="in person", view="Yes.")
    terms = world.final_terms(starts=date(2026, 4, 13))
    measures.decide(ban, by=world.hari, at=at("2026-03-11 10:00"), terms=terms)
    correspondence.issue_kind(
        ban, "intent_to_ban", by=world.adam, at=at("2026-03-11 11:00"), method="hand", signed_by=world.hari
    )
    bans.none_received(ban, by=world.hari, at=at("2026-04-10 09:00"))
    bans.confirm(ban, by=world.cora, at=at("2026-04-10 09:05"), reasons="Established.", equality="Asked.", terms=terms)
    correspondence.issue_kind(
        ban, "ban_confirmed", by=world.adam, at=at("2026-04-10 09:10"), method="hand", signed_by=world.cora
    )


@pytest.mark.parametrize(
    ("when", "word"),
    [
        ("2026-03-11 12:00", "clear"),  # given, not in force
        ("2026-04-10 09:11", "clear"),  # confirmed, its start still to come
        ("2026-04-12 23:59", "clear"),
        ("2026-04-13 00:00", "banned"),
        ("2026-05-22 23:59", "banned"),
        ("2026-05-23 00:00", "ended_no_decision"),
    ],
)
def test_a_notice_of_intent_is_nothing_at_the_gate_until_the_ban_has_begun(world, when, word):
    intended(world)
    assert shown(world, when).word == word


@pytest.mark.parametrize(
    ("when", "word", "undecided"),
    [
        ("2026-03-15 12:00", "banned", False),  # the plan begins tomorrow
        ("2026-03-31 23:59", "banned", False),  # both apply: the ban is shown
        ("2026-04-01 00:00", "plan", True),  # the ban has lapsed, the plan runs on
        ("2026-04-16 23:59", "plan", True),
        ("2026-04-17 00:00", "plan", False),
        ("2026-09-10 23:59", "plan", False),
        ("2026-09-11 00:00", "clear", False),
    ],
)
def test_a_ban_comes_before_a_plan_and_its_lapse_is_shown_beside_it(make_world, when, word, undecided):
    world = make_world("combined")
    world.found(world.opened().case.incidents.get())
    with_a_plan(world)
    found = shown(world, when)
    assert (found.word, found.undecided) == (word, undecided)


def with_a_plan(world: World) -> None:
    """A communication plan from 16 March to 10 September, its letter of 11 March."""
    told = {"severity_reason": "Forty messages in a week."}
    plan = measures.propose(
        world.alex, by=world.olive, at=at("2026-03-11 09:00"), response="communication_plan", **told
    )
    terms = world.terms(
        starts=date(2026, 3, 16), ends=date(2026, 9, 10), review_on=date(2026, 6, 8), latest_decision_on=None,
        ways=(("teacher", "email", "Sena Senior"),), deputy="Olive Office", cap="one email a week", reply_days=5,
    )  # fmt: skip
    measures.decide(plan, by=world.hari, at=at("2026-03-11 09:30"), terms=terms, equality="Asked.")
    correspondence.issue_kind(
        plan, "communication_plan", by=world.adam, at=at("2026-03-11 10:00"), method="post", signed_by=world.hari
    )


def test_a_closed_case_leaves_nothing_but_the_notice_of_a_lapse(make_world):
    world = make_world("burton_joyce")
    ban = world.opened()
    world.found(ban.case.incidents.get())
    closing = at("2026-04-02 09:00")
    diary.sweep(closing)
    duties.complete_task(ban.case, "decision_overdue", by=world.hari, at=closing, note="It lapsed; we let it rest.")
    cases.close_case(ban.case, by=world.hari, at=closing, reason="Settled.")
    assert shown(world, "2026-04-02 09:01").word == "ended_no_decision"
    assert shown(world, "2026-04-17 00:00") == gate.CLEAR


# -- several of one name --------------------------------------------------------------------------------------------


def told_apart(*people) -> list[str | None]:
    found = gate.told_apart(people)
    return [found.get(p.pk) for p in people]


def test_those_of_different_names_need_nothing_to_tell_them_apart(world):
    assert told_apart(world.alex, world.person("Alexa Marsh")) == [None, None]


def test_namesakes_are_told_apart_by_the_least_that_does_it(world):
    visitor = world.person("alex marsh", relation="visitor")
    assert told_apart(world.alex, visitor) == ["Parent", "Visitor"]
    parent = world.person("Álex Marsh")
    assert told_apart(world.alex, parent) == ["child in Year 4", "no child here"]
    assert told_apart(world.alex, parent, visitor) == [
        "Parent, child in Year 4", "Parent, no child here", "Visitor, no child here",
    ]  # fmt: skip


def test_namesakes_of_whom_nothing_differs_are_said_to_be_so(world):
    other = world.person("Alex Marsh", pupils=["Robin Marsh"])
    assert told_apart(world.alex, other) == [gate.NOTHING_TELLS] * 2


def test_those_known_by_a_description_alone_are_no_namesakes(world):
    one, other = (world.person("", description=text) for text in ("Tall man", "Red coat"))
    assert told_apart(one, other) == [None, None]


# -- who looked ----------------------------------------------------------------------------------------------------


def test_a_look_of_somebody_else_or_at_something_else_does_not_stand_for_ones_own(world):
    banned, now = gate.Applies("banned"), at("2026-03-10 09:00")
    gate.looked_up([(world.alex, banned)], by=world.olive, at=now, typing=True)
    AuditRow.objects.create(at=now, by=world.gail, school=world.school, deed="look", about=f"person {world.alex.pk}")
    gate.looked_up([(world.alex, banned), (world.person("Jo Brown"), gate.CLEAR)], by=world.gail, at=now, typing=True)
    rows = AuditRow.objects.filter(deed="gate_lookup").order_by("pk").values_list("by__name", "about")
    assert list(rows) == [("Olive Office", f"person {world.alex.pk}"), ("Gail Gate", f"person {world.alex.pk}")]


def test_the_look_up_asks_the_database_the_same_for_one_and_for_three(world, django_assert_num_queries):
    world.opened()
    now, alex = at("2026-03-10 09:00"), world.alex
    for _ in range(2):
        world.alex = world.person("Alex Marsh")
        world.opened()
    found = list(world.school.people.prefetch_related("pupils"))  # as the search gives them

    def look(people):
        seen = gate.applies_to(people, world.school, now)
        gate.told_apart(people)
        gate.looked_up([(p, seen[p.pk]) for p in people], by=world.gail, at=now, typing=True)
        return [a.word for a in seen.values()]

    look(found)
    with django_assert_num_queries(9):
        assert look([p for p in found if p == alex]) == ["banned"]
    with django_assert_num_queries(9):
        assert look(found) == ["banned"] * 3
