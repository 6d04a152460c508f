"""The clerk's morning in a real browser: the queue, a run, a paper jam, and a second clerk who presses as well."""

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from conduct import health
from conduct.models import User
from letters.models import Letter, Run
from sanctions import runs
from tests.factories import World, signed
from tests.letters.test_post_room_pages import extra_ban

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-pass-phrase"  # noqa: S105 (of a world that lives for one test)


@pytest.fixture
def school(transactional_db, clock) -> World:
    world = World("sholing")
    clock("2026-03-02 10:30")
    health.beat("scheduler")
    password = make_password(PASSWORD)
    User.objects.filter(pk=world.adam.pk).update(email="adam@ashfield.example", password=password)
    second = world.hire("admin", "Ada Second")
    User.objects.filter(pk=second.pk).update(email="ada@ashfield.example", password=password)
    return world


@pytest.mark.parametrize("width", [1280, 390])
def test_the_morning_of_two_clerks(visitor, school, monkeypatch, width):
    for n, name in enumerate(("Ann Cole", "Bea Cole", "Zed Young")):
        draft = extra_ban(school, name, f"{n + 1} Low Road, Townham TW1 9ZZ", issue=False)
        signed(draft.case_letter)
    adam = visitor("adam@ashfield.example", PASSWORD, width)
    ada = visitor("ada@ashfield.example", PASSWORD, width)
    page = adam.page

    adam.go("/letters/")
    adam.picture(f"80-letters-approved-{width}")
    adam.press("Issue all 3 that are approved")
    expect(page.get_by_role("heading", name="Issuing 3 letters")).to_be_visible()
    adam.picture(f"81-run-issued-{width}")
    assert Letter.objects.filter(issued_at__isnull=False).count() == 3

    ada.go("/letters/")  # she looks before he presses
    adam.go("/letters/")
    adam.picture(f"82-letters-to-print-{width}")
    page.get_by_role("checkbox", name="Print L-2026-0001").check()
    page.get_by_role("checkbox", name="Print L-2026-0002").check()
    adam.press("Print those ticked")
    expect(page.get_by_role("heading", name="Printing 2 letters")).to_be_visible()
    adam.picture(f"83-run-ready-{width}")
    run = Run.objects.get(work="print")
    expect(page.get_by_role("link", name="Open the PDF")).to_have_attribute("href", f"/letters/runs/{run.pk}/pdf/")

    ada.page.get_by_role("button", name="Print all 3 not printed").click()
    ada.sees("Printing 1 letter")
    ada.go("/letters/")
    ada.sees("In somebody’s hands")
    ada.picture(f"84-letters-in-hand-{width}")
    ada.page.get_by_role("checkbox", name="Print L-2026-0001").check()
    ada.press("Print those ticked")
    ada.sees("Adam Admin has it in hand since")
    ada.picture(f"85-print-again-{width}")

    page.get_by_role("checkbox", name="Put L-2026-0002 back").check()
    adam.press("All printed well, but for those ticked")
    adam.sees("1 printed, 1 put back into the queue.")
    adam.picture(f"86-run-closed-{width}")
    assert Letter.objects.filter(printed_at__isnull=False).count() == 1

    monkeypatch.setattr(runs, "AT_ONCE", {"print": 0, "issue": 0})
    monkeypatch.setattr(runs, "send", lambda pk: None)
    adam.go("/letters/")
    adam.press("Print the one letter not printed yet")
    expect(page.get_by_role("heading", name="The file is being made")).to_be_visible()
    adam.picture(f"87-run-waiting-{width}")
    assert runs.work(Run.objects.first().pk, now=lambda: Run.objects.first().at) == "ready"
    expect(page.get_by_role("heading", name="Print them")).to_be_visible(timeout=10_000)  # it came anew by itself
    adam.go("/letters/runs/")
    adam.picture(f"88-runs-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
