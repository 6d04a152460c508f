"""An incident in a real browser: both sides, a correction, an injury and a check-in by keyboard, a mark; wide and on a phone."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from conduct import health
from conduct.models import User
from tests.factories import World

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-pass-phrase"  # noqa: S105 (of a world that lives for one test)


@pytest.fixture
def school(transactional_db, clock) -> World:
    world = World("combined")
    world.heard(world.incident(harmed=[world.olive]))
    health.beat("scheduler")
    for name in ("olive", "sena", "hari"):
        User.objects.filter(pk=getattr(world, name).pk).update(email=f"{name}@cliff.example")
    User.objects.update(password=make_password(PASSWORD))
    clock("2026-03-11 09:00")
    return world


def test_an_incident_is_added_to_looked_after_and_marked(visitor, school, clock):
    incident = school.alex.incidents.get()
    place = f"/cases/{school.alex.cases.get().reference}/incidents/{incident.reference}/"
    office = visitor("olive@cliff.example", PASSWORD)
    add_a_correction(office, place)
    record_an_injury(office, place)
    senior = visitor("sena@cliff.example", PASSWORD, width=390)
    look_after(senior, place)
    mark(senior, place)
    office.go("/")
    office.sees(f"What came of {incident.reference}")
    office.sees("A check-in with you is arranged for Wednesday 18 March 2026")
    office.picture("63-today-told")
    office.page.get_by_role("button", name=re.compile("^Read")).press("Enter")
    office.sees("Noted: you have read what came of")
    expect(office.page.get_by_role("button", name=re.compile("^Read"))).to_have_count(0)


def add_a_correction(office, place: str) -> None:
    office.go(place)
    office.sees("In Alex Marsh’s own words")
    office.page.get_by_role("link", name="Add a correction").press("Enter")
    office.page.get_by_label("What is to be added or put right?").fill("It was the side door.")
    office.page.get_by_role("button", name="Add it").press("Enter")
    office.sees("The correction is added.")
    office.picture("60-incident-sides")


def record_an_injury(office, place: str) -> None:
    """A form with something missing comes back with what was typed; then it is whole."""
    office.page.get_by_role("link", name="Somebody was hurt").press("Enter")
    office.page.get_by_label("What was hurt, and how").fill("A twisted wrist.")
    office.page.get_by_role("button", name="Record the injury").press("Enter")
    office.sees("This is not saved yet")
    expect(office.page.get_by_label("What was hurt, and how")).to_have_value("A twisted wrist.")
    office.picture("61-injury")
    office.page.get_by_label("Seen by a doctor").check()
    office.fill("First day away from work, or not able to do their usual work", "2026-03-03")
    office.page.get_by_role("button", name="Record the injury").press("Enter")
    office.sees("A report is due by Tuesday 17 March 2026")


def look_after(senior, place: str) -> None:
    senior.sees("Report an injury")
    senior.go(place)
    senior.page.get_by_role("button", name="Arrange a check-in with Olive Office").press("Enter")
    senior.sees("Arranged for Wednesday 18 March 2026")


def mark(senior, place: str) -> None:
    senior.page.get_by_text("It was logged wrongly, or withdrawn").press("Enter")
    senior.page.get_by_role("link", name="Mark it as not counting").press("Enter")
    senior.page.get_by_label("Logged wrongly").check()
    senior.page.get_by_label("What happened").fill("It was another person.")
    senior.page.get_by_role("button", name="Mark it").press("Enter")
    senior.sees("It does not count: logged wrongly")
    senior.picture("62-incident-marked-phone")
    width = senior.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
