"""Appointments: who arranges them, what they change at the gate, and that they do so on their day alone."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from conduct.models import AuditRow
from sanctions import appointments, cases, gate
from sanctions.appointments import Visit
from sanctions.models import Appointment
from sanctions.standing import Refused
from tests.factories import at

pytestmark = pytest.mark.usefixtures("quick_letters")
BEGINS, UNTIL = at("2026-04-20 15:30"), at("2026-04-20 16:00")
TOLD = {"on": "2026-04-20", "begins": "15:30", "until": "16:00", "place": "Meeting room", "with_whom": "Hari Head"}


def arranged(case, by, when="2026-04-17 09:00", **changed):
    told = {"begins": BEGINS, "until": UNTIL, "place": "Meeting room", "with_whom": "Hari Head", **changed}
    return appointments.arrange(case, by=by, at=at(when), **told)


def shown(world, when) -> tuple[Visit, ...]:
    return gate.applies_to([world.alex], world.school, at(when))[world.alex.pk].visits


def rules(excinfo) -> list[str]:
    return [r.rule for r in excinfo.value.refusals]


@pytest.mark.parametrize("who", ["olive", "sena", "hari"])
def test_the_staff_of_the_school_arrange_and_call_off(world, who):
    case = world.confirmed().case
    by = getattr(world, who)
    made = arranged(case, by)
    assert (made.by, made.place, made.with_whom) == (by, "Meeting room", "Hari Head")
    appointments.cancel(made, by=by, at=at("2026-04-18 09:00"))
    assert (made.cancelled_by, made.cancelled_at) == (by, at("2026-04-18 09:00"))
    deeds = AuditRow.objects.filter(about=case.reference, deed__endswith="appointment").order_by("pk")
    assert [(row.deed, row.by) for row in deeds] == [("arrange_appointment", by), ("cancel_appointment", by)]


@pytest.mark.parametrize("who", ["cora", "tess", "adam", "gail", "rita", "sid"])
def test_nobody_else_arranges_or_calls_off(world, who):
    case = world.confirmed().case
    made = arranged(case, world.olive)
    with pytest.raises(Refused) as told:
        arranged(case, getattr(world, who))
    assert rules(told) == ["not-permitted"]
    with pytest.raises(Refused) as told:
        appointments.cancel(made, by=getattr(world, who), at=at("2026-04-18 09:00"))
    assert rules(told) == ["not-permitted"]
    assert list(Appointment.objects.values_list("cancelled_at", flat=True)) == [None]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"until": BEGINS}, "It ends before it begins."),
        ({"begins": at("2026-04-16 15:30"), "until": at("2026-04-16 16:00")}, "That time on Thursday 16 April 2026"),
    ],
)
def test_a_time_that_is_over_or_runs_backward_is_refused(world, changed, said):
    case = world.confirmed().case
    with pytest.raises(Refused) as told:
        arranged(case, world.olive, **changed)
    assert rules(told) == ["wrong-state"]
    assert told.value.refusals[0].text.startswith(said)


def test_a_closed_case_takes_no_appointment(world):
    incident = world.incident(clauses=["U02"])
    world.found(incident)
    case = incident.in_case.case
    cases.close_case(case, by=world.hari, at=at("2026-03-20 09:00"), reason="Settled.")
    with pytest.raises(Refused) as told:
        arranged(case, world.olive)
    assert rules(told) == ["wrong-state"]


def test_one_that_is_over_cannot_be_called_off_and_one_called_off_stays_so(world):
    case = world.confirmed().case
    made, other = arranged(case, world.olive), arranged(case, world.olive, place="Hall")
    appointments.cancel(made, by=world.olive, at=at("2026-04-18 09:00"))
    appointments.cancel(made, by=world.sena, at=at("2026-04-18 09:05"))
    assert made.cancelled_by == world.olive
    with pytest.raises(Refused):
        appointments.cancel(other, by=world.olive, at=UNTIL)
    other.refresh_from_db()
    assert other.cancelled_at is None


def test_the_database_holds_no_appointment_that_runs_backward(world):
    case = world.confirmed().case
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(
            case=case, begins=UNTIL, until=BEGINS, place="x", with_whom="y", at=UNTIL, by=world.olive
        )


# -- at the gate --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "stands"),
    [
        ("2026-04-19 23:59", None),
        ("2026-04-20 00:00", "to come"),
        ("2026-04-20 15:14", "to come"),
        ("2026-04-20 15:15", "now"),  # a quarter of an hour before
        ("2026-04-20 16:00", "now"),
        ("2026-04-20 16:01", "over"),
        ("2026-04-20 23:59", "over"),
        ("2026-04-21 00:00", None),
    ],
)
def test_the_gate_shows_an_appointment_on_its_day_and_says_when_its_time_is_now(world, when, stands):
    arranged(world.confirmed().case, world.olive)
    visit = Visit(BEGINS, UNTIL, "Meeting room", "Hari Head", now=stands == "now", over=stands == "over")
    assert shown(world, when) == (() if stands is None else (visit,))


def test_the_day_is_the_day_in_london_when_the_clocks_have_changed(world):
    late = {"begins": at("2026-04-20 23:15"), "until": at("2026-04-20 23:45")}
    arranged(world.confirmed().case, world.olive, **late)
    assert len(shown(world, "2026-04-20 09:00")) == 1
    assert shown(world, "2026-04-21 00:10") == ()


def test_an_appointment_that_was_called_off_is_not_shown(world):
    made = arranged(world.confirmed().case, world.olive)
    appointments.cancel(made, by=world.olive, at=at("2026-04-18 09:00"))
    assert shown(world, "2026-04-20 15:30") == ()


def test_of_somebody_to_whom_nothing_applies_no_appointment_is_shown(world):
    arranged(world.incident().in_case.case, world.olive)
    assert gate.applies_to([world.alex], world.school, at("2026-04-20 15:30"))[world.alex.pk] == gate.CLEAR


def test_the_answer_and_the_list_say_when_where_and_with_whom(world, client_of):
    case = world.confirmed().case
    arranged(case, world.olive)
    with time_machine.travel(at("2026-04-20 15:20"), tick=False):
        client = client_of(world.gail)
        answer = " ".join(client.get(reverse("gate"), {"q": "alex"}).content.decode().split())
        listed = " ".join(client.get(reverse("gate_list")).content.decode().split())
    for page in (answer, listed):
        assert "<strong>Expected now:</strong> 15:30 to 16:00 in Meeting room, with Hari Head" in page


# -- on the case --------------------------------------------------------------------------------------------------


def page(case, name="arrange_appointment", *rest):
    return reverse(name, args=[case.reference, *rest])


@pytest.fixture
def in_april():
    with time_machine.travel(at("2026-04-17 09:00"), tick=False):
        yield


def test_the_case_page_takes_shows_and_calls_off_an_appointment(world, client_of, in_april):
    case, client = world.confirmed().case, client_of(world.olive)
    assert client.post(page(case), TOLD).url == reverse("case", args=[case.reference])
    made = case.appointments.get()
    assert (made.begins, made.until) == (BEGINS, UNTIL)
    said = " ".join(client.get(reverse("case", args=[case.reference])).content.decode().split())
    assert "15:30 to 16:00, Meeting room, with Hari Head" in said
    assert "Appointment arranged" in said
    client.post(page(case, "cancel_appointment", made.pk))
    made.refresh_from_db()
    assert made.cancelled_by == world.olive
    said = client.get(reverse("case", args=[case.reference])).content.decode()
    assert "Appointment called off" in said
    assert "When they may come" not in said


def test_a_form_with_a_wrong_end_comes_back_with_everything_in_it(world, client_of, in_april):
    case = world.confirmed().case
    response = client_of(world.olive).post(page(case), {**TOLD, "until": "15:00"})
    said = response.content.decode()
    assert response.status_code == 422
    assert "Give a time after the beginning." in said
    assert 'value="Meeting room"' in said
    assert Appointment.objects.count() == 0


def test_a_day_that_is_over_is_refused_in_words(world, client_of, in_april):
    case = world.confirmed().case
    response = client_of(world.olive).post(page(case), {**TOLD, "on": "2026-04-16"})
    assert response.status_code == 422
    assert "That time on Thursday 16 April 2026 is over." in response.content.decode()


@pytest.mark.parametrize("who", ["cora", "tess", "adam", "gail", "rita", "sid"])
def test_for_nobody_but_the_staff_is_there_such_a_page(world, client_of, in_april, who):
    case = world.confirmed().case
    made = arranged(case, world.olive)
    client = client_of(getattr(world, who))
    assert client.get(page(case)).status_code == 404
    assert client.post(page(case, "cancel_appointment", made.pk)).status_code == 404


def test_the_case_of_another_school_is_unknown_here(world, make_world, client_of, in_april):
    made = arranged(world.confirmed().case, world.olive)
    client = client_of(make_world("kingsley").olive)
    assert client.post(page(made.case), TOLD).status_code == 404
    assert client.post(page(made.case, "cancel_appointment", made.pk)).status_code == 404


def test_the_case_page_asks_the_database_the_same_for_one_and_for_three(
    world, client_of, in_april, django_assert_num_queries
):
    case, client = world.confirmed().case, client_of(world.olive)
    arranged(case, world.olive)
    client.get(reverse("case", args=[case.reference]))
    with django_assert_num_queries(CASE_QUERIES):
        client.get(reverse("case", args=[case.reference]))
    for days in (1, 2):
        more = timedelta(days=days)
        appointments.cancel(
            arranged(case, world.olive, begins=BEGINS + more, until=UNTIL + more),
            by=world.olive,
            at=at("2026-04-17 09:00"),
        )
    with django_assert_num_queries(CASE_QUERIES + 1):  # those who called some off
        client.get(reverse("case", args=[case.reference]))


CASE_QUERIES = 49
