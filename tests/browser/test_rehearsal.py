"""The rehearsal page in a real browser: an example, a changed line, a slip of the pen; by keyboard, and on a phone."""

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from conduct import health
from conduct.models import User
from tests.factories import World

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-pass-phrase"  # noqa: S105 (of a world that lives for one test)
EXAMPLE = "all-saints-head-is-the-victim.yaml"


@pytest.fixture
def tess(transactional_db) -> str:
    """The address of somebody of the trust."""
    world = World("sholing")
    health.beat("scheduler")
    User.objects.filter(pk=world.tess.pk).update(email="tess@ashfield.example", password=make_password(PASSWORD))
    return "tess@ashfield.example"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_story_is_played_changed_and_played_again(visitor, tess, width):
    somebody = visitor(tess, PASSWORD, width)
    page = somebody.page
    if width < 768:  # the places are folded under a button there
        somebody.press("Menu")
    somebody.press("Rehearsal")
    somebody.picture(f"20-rehearsal-{width}")
    page.locator(f"button[name=example][value='{EXAMPLE}']").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The story holds: 12 steps")).to_be_visible(timeout=60_000)

    box = page.locator("#id_text")
    text = box.input_value()
    box.fill(text + "  - {at: 2030-01-01 09:00, expect: {figures: {incidents: 7}}}\n")
    page.get_by_role("button", name="Play this text").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 of 13 steps does not hold")).to_be_visible(timeout=60_000)
    somebody.picture(f"21-rehearsal-does-not-hold-{width}")
    page.get_by_role("link", name="Step 13").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#step-13:target")).to_be_in_viewport()
    page.locator("#step-13 a[data-line]").press("Enter")
    expect(box).to_be_focused()
    chosen = page.evaluate("id_text.value.slice(id_text.selectionStart, id_text.selectionEnd)")
    assert chosen == "  - {at: 2030-01-01 09:00, expect: {figures: {incidents: 7}}}"

    box.fill(text.replace("clauses: [", "clauses: [U99, ", 1))
    page.get_by_role("button", name="Play this text").press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    somebody.sees("U99 is no clause")
    somebody.picture(f"22-rehearsal-cannot-be-read-{width}")
    page.locator(".error-summary a").press("Enter")
    expect(box).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
