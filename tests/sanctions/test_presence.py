"""They are here now: a breach of a ban is logged once, with all that follows; what is no breach is not."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from conduct.models import AuditRow
from incidents.models import Incident
from sanctions import amending, appointments, bans, presence
from sanctions.models import Telling
from sanctions.standing import Refused
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")
NOW = at("2026-04-20 15:30")
FIXED = (
    "They were on the school site on Monday 20 April 2026 at 15:30, while a ban from the site was in force. "
    "Seen by the member of staff who recorded it."
)


def here(world, by=None, when=NOW, **told) -> Incident:
    return presence.here_now(world.alex, by=by or world.gail, at=when, **{"token": uuid4(), **told})


def rules(excinfo) -> list[str]:
    return [r.rule for r in excinfo.value.refusals]


@pytest.mark.parametrize("who", ["olive", "sena", "hari", "gail"])
def test_staff_and_reception_log_the_breach_of_a_ban(world, who):
    case = world.confirmed().case
    incident = here(world, by=getattr(world, who))
    assert (incident.clause_ids, incident.place, incident.narrative) == (["U35"], "site", FIXED)
    assert (incident.logged_by, incident.occurred_at) == (getattr(world, who), NOW)
    assert incident.severity == incident.adoption.pack.usual_severity(["U35"])
    assert incident.in_case.case == case


@pytest.mark.parametrize("who", ["cora", "tess", "adam", "rita", "sid"])
def test_nobody_else_does(world, who):
    world.confirmed()
    with pytest.raises(Refused) as told:
        here(world, by=getattr(world, who))
    assert rules(told) == ["not-permitted"]
    assert Incident.objects.filter(clauses__clause="U35").count() == 0


def test_what_logging_opens_is_open(world):
    case = world.confirmed().case
    case.tasks.update(closed_at=NOW, closed_by=world.hari)
    here(world)
    kinds = sorted(case.tasks.filter(closed_at=None).values_list("kind", flat=True))
    assert kinds == ["chair_notice", "legal", "police", "trust_notice"]
    row = AuditRow.objects.get(deed="log_incident", at=NOW)
    assert (row.by, row.changes["clauses"]) == (world.gail, ["U35"])


def test_who_saw_them_is_kept_beside_the_text_which_names_nobody(world):
    world.confirmed()
    incident = here(world, seen_by="Mary Meals", sentence="They left when asked.")
    assert incident.narrative == FIXED.replace("the member of staff who recorded it", "somebody who told the desk") + (
        " They left when asked."
    )
    assert incident.on_behalf_name == "Mary Meals"


def test_pressed_twice_it_is_one_incident_and_pressed_anew_another(world):
    world.confirmed()
    token = uuid4()
    assert here(world, token=token) == here(world, token=token, when=NOW + timedelta(seconds=2))
    assert Incident.objects.filter(clauses__clause="U35").count() == 1
    here(world)
    assert Incident.objects.filter(clauses__clause="U35").count() == 2


def test_where_no_ban_is_in_force_it_is_no_breach(world):
    world.incident()
    with pytest.raises(Refused) as told:
        here(world)
    assert rules(told) == ["wrong-state"]
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("when", "stands"),
    [
        ("2026-03-02 09:59", (False, False)),
        ("2026-03-02 10:00", (True, False)),  # in force, its letter in the post
        ("2026-03-03 23:59", (True, False)),
        ("2026-03-04 00:00", (True, True)),  # the day on which it counts as received
        ("2026-03-31 23:59", (True, True)),
        ("2026-04-01 00:00", (False, False)),
    ],
)
def test_a_ban_is_known_from_the_day_on_which_its_letter_counts_as_received(world, when, stands):
    world.opened()
    found = presence.standing(world.alex, at(when))
    assert (found.ban is not None, found.told) == stands


def test_a_ban_of_which_they_may_not_know_is_told_and_from_then_on_broken(world):
    ban = world.opened()
    early = at("2026-03-02 15:00")
    with pytest.raises(Refused) as told:
        here(world, when=early)
    assert rules(told) == ["wrong-state"]
    presence.tell_now(world.alex, by=world.olive, at=early, sentence="They said that they had not had a letter.")
    row = Telling.objects.get()
    assert (row.measure, row.by) == (ban, world.olive)
    assert row.how == "In words, on the site, by Olive Office. They said that they had not had a letter."
    assert here(world, when=early + timedelta(minutes=5)).clause_ids == ["U35"]


def test_reception_does_not_record_a_telling(world):
    world.opened()
    with pytest.raises(Refused) as told:
        presence.tell_now(world.alex, by=world.gail, at=at("2026-03-02 15:00"))
    assert rules(told) == ["not-permitted"]


def test_there_is_nothing_to_tell_without_a_ban_in_force(world):
    world.incident()
    with pytest.raises(Refused) as told:
        presence.tell_now(world.alex, by=world.olive, at=NOW)
    assert rules(told) == ["wrong-state"]


def test_whoever_comes_for_an_appointment_is_noted_and_breaks_nothing(world):
    case = world.confirmed().case
    appointments.arrange(
        case, by=world.olive, at=at("2026-04-17 09:00"), begins=NOW, until=NOW + timedelta(minutes=30),
        place="Meeting room", with_whom="Hari Head",
    )  # fmt: skip
    presence.came_as_expected(world.alex, by=world.gail, at=NOW - timedelta(minutes=5))
    row = AuditRow.objects.get(deed="came_as_expected")
    assert (row.by, row.about, row.changes) == (
        world.gail, f"person {world.alex.pk}", {"appointment": NOW.isoformat(), "place": "Meeting room"},
    )  # fmt: skip
    assert Incident.objects.filter(clauses__clause="U35").count() == 0


def test_whoever_comes_for_what_the_terms_leave_open_is_noted_too(world):
    world.confirmed(terms=world.final_terms(exceptions="Parents' evening"))
    presence.came_as_expected(world.alex, by=world.olive, at=NOW)
    assert AuditRow.objects.get(deed="came_as_expected").changes == {"exceptions": "Parents' evening"}


def test_without_appointment_or_exception_nobody_is_expected(world):
    world.confirmed()
    with pytest.raises(Refused) as told:
        presence.came_as_expected(world.alex, by=world.olive, at=NOW)
    assert rules(told) == ["wrong-state"]
    assert not AuditRow.objects.filter(deed="came_as_expected").exists()


def test_a_record_of_the_last_half_hour_is_said(world):
    world.confirmed()
    assert presence.standing(world.alex, NOW).recorded_at is None
    here(world)
    assert presence.standing(world.alex, NOW + timedelta(minutes=29)).recorded_at == NOW
    assert presence.standing(world.alex, NOW + timedelta(minutes=30)).recorded_at is None


def test_a_record_that_was_marked_is_none(world):
    world.confirmed()
    amending.mark(here(world), by=world.hari, at=NOW, kind="wrong", reason="Somebody else.")
    assert presence.standing(world.alex, NOW + timedelta(minutes=5)).recorded_at is None


def test_a_ban_that_was_lifted_is_not_broken(world):
    ban = world.confirmed()
    bans.lift(ban, by=world.hari, at=at("2026-04-20 15:00"), reasons="An apology.")
    assert presence.standing(world.alex, NOW) == presence.Standing()


def test_a_confirmed_ban_is_broken_up_to_its_last_day(world):
    world.confirmed(terms=world.final_terms(ends=date(2026, 5, 22)))
    assert presence.standing(world.alex, at("2026-05-22 23:59")).told
    assert presence.standing(world.alex, at("2026-05-23 00:00")).ban is None
