"""A communication plan in a real browser: proposed, refused and put right by keyboard alone, in force, reviewed."""

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
    world.found(world.incident(clauses=["U16", "U17"], place="email"))
    health.beat("scheduler")
    for name in ("olive", "sena", "hari", "adam"):
        User.objects.filter(pk=getattr(world, name).pk).update(email=f"{name}@cliff.example")
    User.objects.update(password=make_password(PASSWORD))
    return world


def test_a_plan_is_proposed_decided_by_keyboard_issued_used_and_reviewed(visitor, school, clock):
    case = f"/cases/{school.alex.cases.get().reference}/"
    clock("2026-03-11 09:00")
    olive = visitor("olive@cliff.example", PASSWORD)
    propose(olive, case)
    clock("2026-03-12 09:00")
    hari = visitor("hari@cliff.example", PASSWORD, width=390)
    decide(hari, case)
    hari.go("/")
    hari.page.get_by_role("link", name="Approve: communication plan").first.click()
    hari.press("Approve it as it stands")
    clock("2026-03-12 10:00")
    adam = visitor("adam@cliff.example", PASSWORD)
    adam.go("/letters/")
    adam.page.get_by_role("row", name="Communication plan").get_by_role("link").first.click()
    adam.press("Issue the letter")
    clock("2026-03-18 10:00")
    get_in_touch(olive, case)
    clock("2026-06-01 09:00")
    review(visitor("sena@cliff.example", PASSWORD), case)


def propose(olive, case: str) -> None:
    olive.go(case + "propose/")
    page = olive.page
    expect(page.get_by_label("Why an earlier step will not do")).to_be_hidden()
    page.get_by_label("Ban from the site").check()
    expect(page.get_by_label("Notice of intent: not in force, they are heard first")).to_be_visible()
    page.get_by_label("Restricted communication plan").check()
    expect(page.get_by_label("Notice of intent: not in force, they are heard first")).to_be_hidden()
    olive.press("Propose it")
    olive.sees("write why the severity asks for this one")
    olive.press("Write it here")
    expect(page.locator("#id_severity_reason")).to_be_focused()
    page.keyboard.type("Nine messages a day for three weeks.")
    olive.picture("20-plan-propose")
    olive.press("Propose it")
    olive.sees("Decide: restricted communication plan")


def decide(hari, case: str) -> None:
    """On a phone, with no mouse."""
    hari.go(case)
    page, keys = hari.page, hari.page.keyboard
    page.get_by_role("link", name="Approve the plan").press("Enter")
    page.locator("#id_way_office_1").press("Space")
    page.locator("#id_deputy").focus()
    keys.type("Paul Page")
    for name, choice in (("cap_of", "e"), ("cap_per", "a w")):
        page.locator(f"#id_{name}").focus()
        keys.type(choice)
    page.get_by_role("button", name="Approve").press("Enter")
    hari.sees("This is not done yet")
    hari.picture("21-plan-refused-phone")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator("#id_staff_office")).to_be_focused()
    keys.type("Olive Office")
    page.locator("#id_cap_most").focus()
    keys.type("1")
    days = {"starts": "2026-03-12", "ends": "2026-08-28", "review_on": "2026-06-05"}
    for name, day in days.items():
        page.locator(f"#id_{name}").fill(day)
    page.locator("textarea[name^=handover_]").fill("As now.")
    page.get_by_role("button", name="Keep for later").press("Enter")
    hari.sees("Kept for later")
    page.get_by_role("link", name="Add the note").press("Enter")
    page.locator("#id_equality").fill("Asked; none raised.")
    expect(page.locator("#id_deputy")).to_have_value("Paul Page")
    expect(page.locator("#id_cap_of")).to_have_value("email")
    expect(page.locator("#id_way_office_1")).to_be_checked()
    page.get_by_role("button", name="Approve").press("Enter")
    hari.sees("The letter is drafted")


def get_in_touch(olive, case: str) -> None:
    for _ in range(2):
        olive.go(case)
        olive.press("Log a contact")
        olive.page.get_by_label("Email").check()
        olive.press("Log it")
        olive.sees("The contact is logged.")
    olive.sees("over the limit of the plan")
    olive.sees("2 of 1")
    olive.picture("22-plan-in-force")
    olive.go("/gate/?q=alex")
    olive.sees("Communication plan: may come in")


def review(sena, case: str) -> None:
    sena.go(case)
    sena.press("Change its terms")
    page = sena.page
    page.locator("#id_reasons").fill("Calmer since.")
    page.locator("#id_cap_most").fill("2")
    page.locator("#id_review_on").fill("2026-08-03")
    page.locator("#id_equality").fill("Asked again; none raised.")
    sena.picture("23-plan-review")
    sena.press("Change its terms")
    sena.sees("The new terms count from the issue of the letter.")
