"""The desk in a real browser: an answer while typing, on a phone, over a bad network; two presses; a list on paper."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect
from pypdf import PdfReader

from conduct import health
from conduct.models import AuditRow, User
from incidents.models import Incident
from letters import press
from sanctions import appointments
from tests.factories import World, at

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-pass-phrase"  # noqa: S105 (of a world that lives for one test)
EXPIRY = "Valid until 23:59 on Monday 20 April 2026; destroy afterwards."


@pytest.fixture
def school(transactional_db, clock, monkeypatch) -> World:
    """Alex is banned; it is twenty past three on a Monday."""
    monkeypatch.setattr(press, "letter", lambda *args, **told: b"%PDF")
    world = World("sholing")
    world.confirmed(terms=world.final_terms(exceptions="Parents' evening"))
    for name in ("olive", "gail"):
        User.objects.filter(pk=getattr(world, name).pk).update(email=f"{name}@cliff.example")
    User.objects.update(password=make_password(PASSWORD))
    clock("2026-04-20 15:20")
    health.beat("scheduler")
    return world


@pytest.fixture
def gail(visitor, school):
    """Reception with a phone in one hand."""
    return visitor("gail@cliff.example", PASSWORD, width=390)


def sideways(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def test_reception_looks_somebody_up_and_records_by_keyboard_that_they_are_here(gail):
    page = gail.page
    gail.go("/gate/")
    expect(page.locator("#desk-q")).to_be_focused()
    page.keyboard.type("alex")
    expect(page.get_by_role("heading", name="Possibly: Alex Marsh")).to_be_visible()
    assert not sideways(page)
    gail.picture("30-gate-phone")
    page.get_by_role("link", name="They are here now").focus()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Yes: record that they are here")
    expect(button).to_be_visible()
    assert button.bounding_box()["height"] >= 44
    assert not sideways(page)
    gail.picture("31-here-phone")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Recorded: Alex Marsh is here")).to_be_visible()
    expect(page.get_by_role("link", name="999")).to_be_visible()
    assert not sideways(page)
    gail.picture("32-recorded-phone")
    assert Incident.objects.filter(clauses__clause="U35").count() == 1
    assert AuditRow.objects.filter(deed="gate_lookup").count() == 1


def test_an_answer_that_is_late_or_does_not_come_is_said_and_what_was_typed_stays(gail):
    page, held = gail.page, []
    gail.go("/gate/")
    box, looking = page.locator("#desk-q"), page.get_by_text("Looking…")
    page.keyboard.type("alex")
    expect(page.get_by_role("heading", name="Possibly: Alex Marsh")).to_be_visible()
    page.route("**/gate/?q=*", lambda route: held.append(route))
    page.keyboard.type(" m")
    expect(looking).to_be_visible()
    expect(page.locator("#gate-result")).to_have_class("is-old")
    held.pop().abort()
    trouble = page.get_by_role("alert").filter(has_text="No answer came.")
    expect(trouble).to_be_visible()
    expect(looking).to_be_hidden()
    expect(page.get_by_role("heading", name="Possibly: Alex Marsh")).to_have_count(0)
    expect(box).to_have_value("alex m")
    page.unroute("**/gate/?q=*")
    page.keyboard.type("a")
    expect(page.get_by_role("heading", name="Possibly: Alex Marsh")).to_be_visible()
    expect(trouble).to_be_hidden()


def test_a_session_that_has_ended_leads_back_to_what_was_typed(gail):
    page = gail.page
    gail.go("/gate/")
    page.context.clear_cookies()
    page.keyboard.type("alex")
    page.get_by_label("Email").fill("gail@cliff.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#desk-q")).to_have_value("alex")
    expect(page.get_by_role("heading", name="Possibly: Alex Marsh")).to_be_visible()


def test_somebody_expected_is_let_in_and_nothing_is_logged(gail, school):
    begins = at("2026-04-20 15:30")
    appointments.arrange(
        school.alex.cases.get(), by=school.olive, at=at("2026-04-17 09:00"), begins=begins,
        until=begins + timedelta(minutes=30), place="Meeting room", with_whom="Hari Head",
    )  # fmt: skip
    gail.go("/gate/?q=alex")
    gail.sees("Expected now")
    gail.page.get_by_role("link", name="They are here now").click()
    gail.picture("33-expected-phone")
    gail.press("Yes: they came for this")
    gail.sees("Noted: Alex Marsh came as expected.")
    assert Incident.objects.filter(clauses__clause="U35").count() == 0


def test_without_script_the_box_and_the_two_presses_work_as_well(browser, live_server, gail):
    cookies = gail.page.context.cookies()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(live_server.url + "/gate/")
    page.get_by_label("Who is it?").fill("alex")
    page.get_by_role("button", name="Look").click()
    page.get_by_role("link", name="They are here now").click()
    page.get_by_role("button", name="Yes: record that they are here").click()
    expect(page.get_by_role("heading", name="Recorded: Alex Marsh is here")).to_be_visible()
    context.close()


def test_every_sheet_of_the_printed_list_says_its_day_and_its_expiry(visitor, school, clock):
    clock("2026-03-02 08:00")
    for n in range(24):
        school.alex = school.person(f"Person {n:02} Brown")
        school.confirmed(terms=school.final_terms(handover=(), exceptions="Parents' evening, by the hall door. " * 4))
    clock("2026-04-20 15:20")
    olive = visitor("olive@cliff.example", PASSWORD)
    olive.go("/gate/list/print/")
    olive.picture("34-gate-sheet")
    sheets = [" ".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(olive.page.pdf(format="A4"))).pages]
    assert len(sheets) >= 2
    assert [EXPIRY in sheet for sheet in sheets] == [True] * len(sheets)
    assert [sum(f"Person {n:02}" in sheet for sheet in sheets) for n in range(24)] == [1] * 24
    olive.go("/gate/list/")
    on_screen = PdfReader(io.BytesIO(olive.page.pdf(format="A4"))).pages[0].extract_text()
    assert "This page is not for printing." in on_screen
    assert "Alex Marsh" not in on_screen
