"""Logging an incident at the keyboard, interrupted in every way a school office knows: nothing is lost, nothing twice."""

import re
from contextlib import contextmanager

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import OperationalError
from playwright.sync_api import expect

from conduct import health
from conduct.models import User
from incidents import drafts
from incidents.models import Draft, Incident
from tests.factories import World

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-pass-phrase"  # noqa: S105 (of a world that lives for one test)
TOLD = "Came to the counter. Said “I will be waiting for you outside” twice."


@pytest.fixture
def school(transactional_db, clock) -> World:
    world = World("sholing")
    world.school.name = "Ashfield Junior School"
    world.school.save()
    clock("2026-03-02 08:50")
    health.beat("scheduler")
    for name in ("olive", "sena"):
        User.objects.filter(pk=getattr(world, name).pk).update(email=f"{name}@ashfield.example")
    User.objects.update(password=make_password(PASSWORD))
    return world


@pytest.fixture
def olive(visitor, school):
    return visitor("olive@ashfield.example", PASSWORD)


class Keyboard:
    """Works a page by its keys alone, and counts what people would call an action: a field filled, a choice, a button."""

    def __init__(self, page) -> None:
        self.page, self.actions = page, 0

    def reach(self, selector: str) -> None:
        """Tab on until this has the focus; moving on is no action."""
        for _ in range(60):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    def type(self, selector: str, words: str) -> None:
        self.reach(selector)
        self.page.keyboard.type(words)
        self.actions += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
        self.actions += 1


def kept_in_browser(page) -> list[str]:
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('conduct-draft:'))")


def line(page):
    return page.locator("[data-draft-line]")


def write(page, words: str = TOLD) -> None:
    page.locator("#id_narrative").press_sequentially(words)


@contextmanager
def no_network(page):
    page.context.set_offline(True)
    yield
    page.context.set_offline(False)


def test_a_serious_incident_is_logged_by_keyboard_alone_in_at_most_twelve_actions(olive):
    page = olive.page
    keys = Keyboard(page)
    keys.reach("main a[href='/log/']")
    keys.press("Enter")
    page.wait_for_url("**/log/")
    keys.type("#id_who", "alex mar")
    page.get_by_role("option", name=re.compile("Alex Marsh")).wait_for()
    keys.press("ArrowDown", "Enter")
    keys.type("#id_narrative", TOLD)
    keys.type("#id_clauses_search", "threatening any")
    keys.press("Enter")
    keys.type("#id_clauses_search", "U16")
    keys.press("Enter")
    expect(page.locator("[data-found]").first).to_have_text(re.compile("^Ticked: Abusive"))
    olive.picture("log-1-keyboard")
    keys.reach("form.log .btn-row-ruled button.btn-primary")
    keys.press("Enter")
    page.wait_for_url("**/next/")
    incident = Incident.objects.get()
    assert (incident.subject.name, incident.severity, incident.clause_ids) == ("Alex Marsh", "serious", ["U05", "U16"])
    assert keys.actions == 9
    assert not Draft.objects.exists()
    assert kept_in_browser(page) == []
    olive.picture("log-2-next")


def test_the_group_of_a_clause_is_told_and_the_arrows_go_through_what_is_found(olive):
    olive.go("/log/")
    page = olive.page
    page.locator("#id_clauses_search").press_sequentially("school")
    expect(page.locator("[data-found]").first).to_contain_text("found. Enter ticks")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.value")
    page.keyboard.press("Space")
    assert page.locator("input[name=clauses]:checked").evaluate_all("all => all.map(e => e.value)") == [second]
    expect(page.locator("input[name=clauses]:checked + label .clause-of")).to_be_visible()
    olive.picture("log-3-clauses")


def test_what_is_typed_is_kept_on_the_server_and_then_no_longer_in_the_browser(olive, school):
    olive.go("/log/")
    page = olive.page
    write(page)
    assert len(kept_in_browser(page)) == 1
    expect(line(page)).to_have_text("Saved as a draft 08:50")
    assert kept_in_browser(page) == []
    draft = Draft.objects.get()
    assert (draft.by, draft.answers["narrative"]) == (school.olive, [TOLD])


def out_of_order(**told):
    raise OperationalError("the database is away")


def test_a_closed_tab_loses_nothing(olive):
    olive.go("/log/")
    write(olive.page)
    expect(line(olive.page)).to_have_text("Saved as a draft 08:50")
    olive.go("/")
    olive.picture("log-4-today-finish-later")
    olive.press("Finish later: what you began to log")
    expect(olive.page.locator("#id_narrative")).to_have_value(TOLD)


def test_a_lost_network_says_so_keeps_all_and_goes_on_when_it_is_back(olive, school):
    olive.go(f"/log/?person={school.alex.pk}")
    page = olive.page
    with no_network(page):
        write(page)
        page.locator("input[name=clauses][value=U05]").check()
        expect(line(page)).to_have_text("No network: kept in this browser")
        page.get_by_role("button", name="Save the incident").click()
        expect(page.locator("[data-held]")).to_contain_text("There is no network. Nothing is lost")
        page.screenshot(path="var/screenshots/log-5-no-network.png", full_page=True)
        assert not Incident.objects.exists()
    page.wait_for_url("**/next/")
    assert Incident.objects.get().narrative == TOLD
    assert kept_in_browser(page) == []


def test_a_tab_closed_while_the_server_is_away_is_brought_back_from_the_browser(olive, monkeypatch):
    olive.go("/log/")
    page = olive.page
    with monkeypatch.context() as away:
        away.setattr(drafts, "keep", out_of_order)
        write(page)
        expect(line(page)).to_have_text("Conduct does not answer: kept in this browser")
        page.goto("about:blank")
    assert not Draft.objects.exists()
    olive.go("/log/")
    olive.press("Go on with it")
    expect(olive.page.locator("#id_narrative")).to_have_value(TOLD)
    assert kept_in_browser(olive.page) == []


def test_after_an_expired_session_the_form_is_back_with_everything_in_it(olive, school):
    olive.go(f"/log/?person={school.alex.pk}")
    page = olive.page
    page.locator("input[name=clauses][value=U05]").check()
    expect(line(page)).to_have_text("Saved as a draft 08:50")
    Session.objects.all().delete()
    write(page)
    expect(line(page)).to_contain_text("You are signed out: kept in this browser")
    page.get_by_role("button", name="Save the incident").click()
    page.wait_for_url("**/account/login/**")
    page.get_by_label("Email").fill("olive@ashfield.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#id_narrative")).to_have_value(TOLD)
    expect(page.locator("input[name=clauses][value=U05]")).to_be_checked()
    assert kept_in_browser(page) == []
    page.get_by_role("button", name="Save the incident").click()
    page.wait_for_url("**/next/")
    assert Incident.objects.get().subject == school.alex


def test_somebody_else_who_signs_in_on_that_computer_sees_nothing_of_it(olive, school):
    olive.go("/log/")
    page = olive.page
    Session.objects.all().delete()
    write(page)
    expect(line(page)).to_contain_text("You are signed out")
    page.get_by_role("link", name="Sign in again").click()
    page.get_by_label("Email").fill("sena@ashfield.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/log/**")
    expect(page.locator("#id_narrative")).to_have_value("")
    assert TOLD not in page.content()
    assert not Draft.objects.exists()


def test_a_form_left_open_is_not_sent_in_another_person_s_name(olive, school):
    olive.go(f"/log/?person={school.alex.pk}")
    page = olive.page
    with page.expect_popup() as opened:
        page.evaluate("open('/account/logout/')")
    other = opened.value
    other.get_by_role("main").get_by_role("button", name="Sign out").click()
    other.goto(olive.address + "/account/login/")
    other.get_by_label("Email").fill("sena@ashfield.example")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url(olive.address + "/")
    write(page)
    page.locator("input[name=clauses][value=U05]").check()
    page.get_by_role("button", name="Save the incident").click()
    expect(page.locator("[data-held]")).to_contain_text("Somebody else has signed in on this computer")
    assert not Incident.objects.exists()
    assert not Draft.objects.exists()


def test_signing_out_takes_it_out_of_the_browser(olive):
    olive.go("/log/")
    page = olive.page
    with no_network(page):
        write(page)
        expect(line(page)).to_have_text("No network: kept in this browser")
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")
    assert kept_in_browser(page) == []


def test_a_double_click_makes_one_incident(olive, school):
    olive.go(f"/log/?person={school.alex.pk}")
    page = olive.page
    write(page)
    page.locator("input[name=clauses][value=U05]").check()
    page.get_by_role("button", name="Save the incident").dblclick()
    page.wait_for_url("**/next/")
    assert Incident.objects.count() == 1
    page.go_back()
    page.wait_for_load_state()
    expect(page.get_by_text("saved already, once, as").first).to_be_visible()


def test_two_people_are_logged_from_one_form(olive, school):
    school.person("Jo Brown", pupils=["Sam Brown"])
    olive.go("/log/")
    page = olive.page
    page.locator("#id_who").press_sequentially("alex mar")
    page.get_by_role("option", name=re.compile("Alex Marsh")).click()
    page.get_by_role("button", name="Somebody else was part of it").click()
    page.locator("#id_also-1-who").press_sequentially("jo bro")
    page.get_by_role("option", name=re.compile("Jo Brown")).click()
    page.get_by_role("button", name="Somebody else was part of it").click()
    page.locator("#id_also-2-who").fill("not known: tall man, red coat")
    page.locator("[data-also='2'] summary", has_text="other parts of the code").click()
    page.locator("#id_also-2-clauses_search").press_sequentially("disrupting")
    page.keyboard.press("Enter")
    write(page)
    page.locator("input[name=clauses][value=U05]").check()
    olive.picture("log-6-three-people")
    page.get_by_role("button", name="Save the incident").click()
    page.wait_for_url("**/next/")
    rows = Incident.objects.order_by("pk")
    assert [(str(i.subject), i.clause_ids) for i in rows] == [
        ("Alex Marsh", ["U05"]),
        ("Jo Brown", ["U05"]),
        ("Not known: tall man, red coat", ["U01"]),
    ]
    assert len({i.event for i in rows}) == 1
    olive.picture("log-7-next-for-three")


def test_the_wording_is_looked_at_while_it_is_typed_and_never_stands_in_the_way(olive, school):
    school.person("Jo Brown", pupils=["Sam Brown"])
    olive.go(f"/log/?person={school.alex.pk}")
    page = olive.page
    write(page, "He was aggressive to Sam Brown and shouted at me.")
    said = page.locator(".wording")
    expect(said).to_contain_text("Sam Brown")
    expect(said).to_contain_text("aggressive")
    expect(said).to_contain_text("Give the words that were used")
    olive.picture("log-8-wording")
    page.locator("input[name=clauses][value=U03]").check()
    page.get_by_role("button", name="Save the incident").click()
    page.wait_for_url("**/next/")
    assert Incident.objects.count() == 1


def test_on_a_phone_the_page_reads_as_well(visitor, school):
    sena = visitor("sena@ashfield.example", PASSWORD, width=390)
    sena.go("/log/")
    page = sena.page
    page.get_by_role("button", name="Somebody else was part of it").click()
    write(page)
    sena.picture("log-9-phone")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
