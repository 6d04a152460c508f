"""The diary: one look after silent days leaves what daily looks would have left, and a second look changes nothing."""

from datetime import date, timedelta

import pytest

from conduct.models import AuditRow
from sanctions import bans, correspondence, diary, duties, measures
from sanctions.models import Measure, Task
from sanctions.standing import Refused
from tests.factories import World, at

pytestmark = pytest.mark.usefixtures("quick_letters")


def left(world) -> tuple:
    """What the diary left: each task, whether it is open, when it is due; and the measure's state and next day."""
    tasks = world.alex.cases.get().tasks.order_by("kind", "opened_at")
    measure = Measure.objects.get(person=world.alex)
    return [(t.kind, t.closed_at is None, t.due_on) for t in tasks], measure.state, measure.due_on


def open_tasks(world) -> list[str]:
    return sorted(world.alex.cases.get().tasks.filter(closed_at=None).values_list("kind", flat=True))


def look(world, when) -> None:
    diary.sweep_measure(Measure.objects.get(person=world.alex).pk, at=when)


OPENED = {
    "provisional": lambda w: w.opened(),
    "confirmed": lambda w: w.confirmed(),
    "confirmed, not told": lambda w: w.confirmed(issue=False),
}


@pytest.mark.parametrize("reached", OPENED)
@pytest.mark.parametrize(
    "until", ["2026-03-19", "2026-03-22", "2026-03-26", "2026-04-01", "2026-04-09", "2026-05-09", "2026-06-01"]
)
def test_one_look_leaves_what_daily_looks_would_have_left(db, reached, until):
    daily, late = World(), World()
    begun = max(OPENED[reached](world).state_at for world in (daily, late)).date()
    for n in range(1, (date.fromisoformat(until) - begun).days + 1):
        look(daily, at(f"{begun + timedelta(days=n)} 08:00"))
    look(late, at(f"{until} 08:00"))
    assert left(late) == left(daily)


def test_a_second_look_changes_nothing(world):
    world.opened()
    diary.sweep(at("2026-03-27 08:00"))
    before, rows = left(world), AuditRow.objects.count()
    diary.sweep(at("2026-03-27 08:00"))
    diary.sweep(at("2026-03-27 08:05"))
    assert (left(world), AuditRow.objects.count()) == (before, rows)


@pytest.mark.parametrize(
    ("when", "tasks"),
    [
        ("2026-03-18 23:00", []),
        ("2026-03-19 00:10", ["decision_due"]),
        ("2026-03-22 08:00", ["decision_due", "provisional_alert"]),
        ("2026-03-25 23:00", ["decision_due", "provisional_alert"]),
        ("2026-03-26 00:10", ["decision_overdue", "provisional_alert"]),
        ("2026-04-01 00:10", ["decision_overdue"]),
        ("2026-06-01 08:00", ["decision_overdue"]),
    ],
)
def test_what_is_due_while_a_provisional_ban_is_undecided(world, when, tasks):
    world.opened()
    diary.sweep(at(when))
    assert open_tasks(world) == sorted([*tasks, "chair_notice", "trust_notice"])


def test_a_task_says_by_when(world):
    world.opened()
    diary.sweep(at("2026-03-20 08:00"))
    assert Task.objects.get(kind="decision_due").due_on == date(2026, 3, 25)


def test_a_lapse_turns_the_task_into_its_overdue_form(make_world):
    world = make_world("sholing")
    world.opened(terms=world.terms(latest_decision_on=date(2026, 3, 20)))
    diary.sweep(at("2026-03-19 08:00"))
    assert "decision_due" in open_tasks(world)
    diary.sweep(at("2026-03-21 08:00"))
    assert open_tasks(world) == ["chair_notice", "decision_overdue", "trust_notice"]
    assert Measure.objects.get().state == "lapsed"


def test_a_lapse_before_the_review_turns_the_review_into_its_overdue_form(world):
    ban = world.confirmed(terms=world.final_terms(ends=date(2026, 5, 9), review_on=date(2026, 5, 8)))
    diary.sweep(at("2026-05-08 08:00"))
    assert "review_due" in open_tasks(world)
    diary.sweep(at("2026-05-10 08:00"))
    assert "review_overdue" in open_tasks(world)
    assert "review_due" not in open_tasks(world)
    ban.refresh_from_db()
    assert ban.state == "lapsed"


def test_the_overdue_task_of_a_lapsed_ban_is_ticked_off_with_a_note(world):
    world.opened()
    diary.sweep(at("2026-03-27 08:00"))
    case = world.alex.cases.get()
    with pytest.raises(Refused) as told:
        duties.complete_task(case, "decision_overdue", by=world.hari, at=at("2026-03-27 09:00"), note="Late.")
    assert [r.rule for r in told.value.refusals] == ["not-permitted"]  # it has not lapsed
    diary.sweep(at("2026-04-02 08:00"))
    with pytest.raises(Refused) as told:
        duties.complete_task(case, "decision_overdue", by=world.hari, at=at("2026-04-02 09:00"), note=" ")
    assert [r.rule for r in told.value.refusals] == ["not-permitted"]
    with pytest.raises(Refused):
        duties.complete_task(case, "decision_overdue", by=world.olive, at=at("2026-04-02 09:00"), note="Late.")
    duties.complete_task(case, "decision_overdue", by=world.hari, at=at("2026-04-02 09:00"), note="Nobody was free.")
    assert open_tasks(world) == ["chair_notice", "trust_notice"]


@pytest.mark.parametrize(
    ("when", "tasks"),
    [
        ("2026-04-08 08:00", []),
        ("2026-04-09 08:00", ["review_due"]),
        ("2026-05-08 23:00", ["review_due"]),
        ("2026-05-09 00:10", ["review_overdue"]),
        ("2026-05-23 00:10", ["review_overdue"]),
    ],
)
def test_what_is_due_while_a_ban_runs(world, when, tasks):
    world.confirmed()
    diary.sweep(at(when))
    assert open_tasks(world) == sorted([*tasks, "chair_notice", "trust_notice"])


def test_a_complete_reply_that_is_answered_makes_the_decision_due_at_once(world):
    ban = world.opened()
    bans.represent(ban, by=world.olive, at=at("2026-03-09 15:00"), text="I am sorry.", complete=True)
    diary.sweep(at("2026-03-10 08:00"))
    assert "decision_due" not in open_tasks(world)
    bans.answer(ban, by=world.hari, at=at("2026-03-10 09:00"), text="Noted.")
    diary.sweep(at("2026-03-10 10:00"))
    assert "decision_due" in open_tasks(world)


def test_a_reply_that_may_go_on_does_not(world):
    ban = world.opened()
    bans.represent(ban, by=world.olive, at=at("2026-03-09 15:00"), text="I am sorry.")
    bans.answer(ban, by=world.hari, at=at("2026-03-10 09:00"), text="Noted.")
    diary.sweep(at("2026-03-10 10:00"))
    assert "decision_due" not in open_tasks(world)


@pytest.mark.parametrize("state", ["lifted", "withdrawn"])
def test_nothing_is_due_for_a_ban_that_is_over(world, state):
    ban = world.confirmed()
    diary.sweep(at("2026-05-01 08:00"))
    if state == "lifted":
        bans.lift(ban, by=world.hari, at=at("2026-05-07 10:00"), reasons="An apology.")
    else:
        bans.withdraw(ban, by=world.cora, at=at("2026-05-07 10:00"), reasons="An error.")
    diary.sweep(at("2026-09-01 08:00"))
    assert open_tasks(world) == ["chair_notice", "trust_notice"]
    ban.refresh_from_db()
    assert (ban.state, ban.due_on) == (state, None)


def test_the_sweep_looks_only_at_what_is_due(world):
    world.opened()
    assert diary.sweep(at("2026-03-18 08:00")) == 0
    assert diary.sweep(at("2026-03-19 08:00")) == 1
    assert diary.sweep(at("2026-03-19 09:00")) == 0


def test_an_ended_ban_leaves_no_review_behind(world):
    ban = world.confirmed()
    diary.sweep(at("2026-05-01 08:00"))
    bans.keep(ban, by=world.tess, at=at("2026-05-07 10:00"), reasons="To its end.", run_out=True)
    diary.sweep(at("2026-05-23 08:00"))
    assert open_tasks(world) == ["chair_notice", "trust_notice"]


def test_an_old_task_ticked_off_leaves_the_overdue_decision_of_the_ban_that_runs(make_world):
    """A ban lapsed and its overdue task stayed; the next ban of the case is overdue as well, and has its own."""
    world = make_world("burton_joyce")
    world.opened()
    diary.sweep(at("2026-04-01 06:00"))
    assert open_tasks(world) == ["decision_overdue"]
    world.incident("2026-04-07 08:50")
    terms = world.terms(starts=date(2026, 4, 7), latest_decision_on=date(2026, 5, 22))
    second = measures.propose(
        world.alex, by=world.olive, at=at("2026-04-07 09:00"), response="site_ban", opening="provisional",
        severity_reason="Again.", lesser_options="None would do.",
    )  # fmt: skip
    measures.decide(second, by=world.hari, at=at("2026-04-07 09:10"), terms=terms)
    correspondence.issue_kind(
        second, "provisional_ban", by=world.adam, at=at("2026-04-07 09:20"), method="hand", signed_by=world.hari
    )
    for day in ("2026-05-03", "2026-05-04", "2026-05-05"):
        diary.sweep(at(f"{day} 06:00"))
    told = {"by": world.hari, "at": at("2026-05-05 09:00"), "note": "The first one lapsed; nothing to add."}
    duties.complete_task(world.alex.cases.get(), "decision_overdue", **told)
    diary.sweep(at("2026-05-06 06:00"))
    task = Task.objects.get(kind="decision_overdue", closed_at=None)
    assert task.measure_id == second.pk
    assert Task.objects.filter(measure=second, kind="decision_due").count() == 1  # none day after day meanwhile
