"""Cases: who sees them, and when one may be closed."""

from datetime import date

import pytest

from sanctions import bans, cases, correspondence, diary, duties, figures, measures
from sanctions.models import Case
from sanctions.standing import Refused
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")
WHEN = "2026-03-02 09:00"


def rules(excinfo) -> list[str]:
    return [r.rule for r in excinfo.value.refusals]


def seen_by(user, when: str = WHEN) -> list[Case]:
    return list(cases.visible_to(user, at(when)))


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("olive", True),
        ("sena", True),
        ("hari", True),
        ("tess", True),
        ("cora", False),
        ("adam", False),
        ("gail", False),
        ("rita", False),
        ("sid", False),
    ],
)
def test_who_sees_a_case_that_was_put_before_nobody(world, who, sees):
    case = world.incident(clauses=["U03"]).in_case.case
    assert seen_by(getattr(world, who)) == ([case] if sees else [])


def test_the_chair_sees_a_case_once_it_is_put_before_them(world):
    quiet = world.incident(clauses=["U03"]).in_case.case
    loud = world.incident(subject=world.person("Jo Hill")).in_case.case  # serious: the chair is told
    assert seen_by(world.cora) == [loud]
    cases.show_to_chair(quiet, by=world.hari, at=at("2026-03-02 10:00"), why="Asked for advice")
    assert set(seen_by(world.cora)) == {loud, quiet}


@pytest.mark.parametrize("who", ["olive", "sena", "cora", "tess"])
def test_only_the_head_puts_a_case_before_the_chair(world, who):
    case = world.incident(clauses=["U03"]).in_case.case
    with pytest.raises(Refused) as told:
        cases.show_to_chair(case, by=getattr(world, who), at=at(WHEN), why="Look")
    assert rules(told) == ["not-permitted"]


def test_a_proposed_ban_brings_the_case_before_the_chair(make_world):
    world = make_world("burton_joyce")
    world.incident(clauses=["U03"])
    assert seen_by(world.cora) == []
    ban = world.proposed()
    assert seen_by(world.cora) == [ban.case]


@pytest.mark.parametrize("who", ["olive", "hari", "cora", "tess"])
def test_another_school_sees_nothing(world, make_world, who):
    world.opened()
    assert seen_by(getattr(make_world("sholing"), who)) == []


def test_the_trust_sees_every_school_of_its_own(world, make_world):
    case = world.incident().in_case.case
    sister = make_world("kingsley", trust=world.school.trust)
    assert seen_by(sister.tess) == [case]
    assert seen_by(sister.hari) == []


def test_whoever_left_sees_nothing(world):
    world.incident()
    world.olive.memberships.update(ends_on=date(2026, 3, 1))
    assert seen_by(world.olive) == []


# -- closing ------------------------------------------------------------------------------------------------------


def close(world, when: str, reason: str = "Quiet since.", by=None) -> None:
    cases.close_case(world.alex.cases.latest("opened_at"), by=by or world.hari, at=at(when), reason=reason)


def refused(world, when: str, **told) -> list[str]:
    with pytest.raises(Refused) as excinfo:
        close(world, when, **told)
    return rules(excinfo)


@pytest.fixture
def quiet(make_world):
    """A school that tells nobody, with one minor incident."""
    world = make_world("burton_joyce")
    world.incident(clauses=["U03"])
    return world


def test_a_case_in_which_nothing_runs_is_closed_with_a_reason(quiet):
    close(quiet, "2026-03-10 09:00")
    case = quiet.alex.cases.get()
    assert (case.closed_by, case.close_reason, case.is_open) == (quiet.hari, "Quiet since.", False)


def test_without_a_reason_it_stays_open(quiet):
    assert refused(quiet, "2026-03-10 09:00", reason=" ") == ["close-needs-end"]


@pytest.mark.parametrize("who", ["olive", "sena", "cora", "tess", "adam"])
def test_only_the_head_closes(quiet, who):
    assert refused(quiet, "2026-03-10 09:00", by=getattr(quiet, who)) == ["not-permitted"]


def test_a_closed_case_is_not_closed_again(quiet):
    close(quiet, "2026-03-10 09:00")
    assert refused(quiet, "2026-03-10 10:00") == ["wrong-state"]


def test_an_open_task_keeps_it_open(quiet):
    duties.open_task(quiet.alex.cases.get(), "legal", at=at("2026-03-03 09:00"))
    assert refused(quiet, "2026-03-10 09:00") == ["close-needs-end"]


def test_a_measure_under_way_keeps_it_open(quiet):
    ban = quiet.proposed()
    assert refused(quiet, "2026-03-10 09:00") == ["close-needs-end"]
    measures.decline(ban, by=quiet.hari, at=at("2026-03-10 09:10"), reason="No.")
    close(quiet, "2026-03-10 09:20")


def test_a_warning_that_was_served_does_not_keep_it_open_and_a_meeting_not_held_does(quiet):
    quiet.found(quiet.alex.incidents.get())
    made = {}
    for response, kind in [("meeting", "meeting_invitation"), ("warning_letter", "warning")]:
        made[response] = measures.propose(
            quiet.alex, by=quiet.olive, at=at("2026-03-10 11:00"), response=response, severity_reason="Loud."
        )
        terms = quiet.terms(when="Thursday at 15:30", where="The library", attends="The head")
        measures.decide(made[response], by=quiet.hari, at=at("2026-03-10 12:00"), terms=terms)
        assert refused(quiet, "2026-03-10 12:30") == ["close-needs-end"]
        correspondence.issue_kind(
            made[response], kind, by=quiet.adam, at=at("2026-03-10 13:00"), method="hand", signed_by=quiet.hari
        )
    assert refused(quiet, "2026-03-11 09:00") == ["close-needs-end"]
    measures.hold_meeting(made["meeting"], by=quiet.sena, at=at("2026-03-19 16:00"), outcome="missed")
    close(quiet, "2026-03-19 17:00")


def test_a_lapsed_ban_holds_the_case_until_its_task_is_ticked_off(world):
    world.opened()
    for kind, who in [("trust_notice", world.tess), ("chair_notice", world.cora)]:
        duties.complete_task(world.alex.cases.get(), kind, by=who, at=at("2026-03-02 11:00"))
    diary.sweep(at("2026-04-01 08:00"))
    assert refused(world, "2026-04-01 09:00") == ["close-needs-end"]
    duties.complete_task(
        world.alex.cases.get(), "decision_overdue", by=world.tess, at=at("2026-04-01 10:00"), note="Late."
    )
    close(world, "2026-04-01 11:00")


def test_a_new_incident_after_that_opens_a_new_case(quiet):
    close(quiet, "2026-03-10 09:00")
    quiet.incident("2026-03-11 09:00", clauses=["U03"])
    assert [c.is_open for c in quiet.alex.cases.order_by("opened_at")] == [False, True]


# -- figures ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, "fewer than 5"), (4, "fewer than 5"), (5, 5), (12, 12)])
def test_small_numbers_are_not_shown(count, shown):
    assert figures.shown(count) == shown


def test_figures_count_bans_in_force_and_leave_out_what_was_withdrawn(world):
    ban = world.opened()
    assert figures.of_school(world.school, at("2026-03-10 09:00")) == {
        "incidents": "fewer than 5",
        "bans_in_force": "fewer than 5",
    }
    bans.withdraw(ban, by=world.hari, at=at("2026-03-10 09:30"), reasons="An error.")
    assert figures.of_school(world.school, at("2026-03-10 10:00"))["bans_in_force"] == 0
