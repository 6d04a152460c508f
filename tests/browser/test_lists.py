"""The lists in a real browser: narrowed, put in order, kept and exported, by the keyboard and on a phone."""

import csv
import io

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from conduct import health
from conduct.models import User
from tests.factories import World

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-pass-phrase"  # noqa: S105 (of a world that lives for one test)


@pytest.fixture
def school(transactional_db) -> World:
    world = World("sholing")
    health.beat("scheduler")
    world.incident()
    world.incident("2026-03-03 09:00", subject=world.person("Bea Long"), place="email", clauses=["U28"])
    world.incident("2026-03-04 09:00", subject=world.person("Carl Short"), place="telephone")
    User.objects.filter(pk=world.olive.pk).update(email="olive@ashfield.example", password=make_password(PASSWORD))
    return world


def names(visitor) -> list[str]:
    return visitor.page.locator("tbody th a").all_inner_texts()


def tab_to(page, target) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(60):
        if target.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


def test_a_list_is_narrowed_ordered_kept_and_exported_by_the_keyboard_alone(visitor, school, clock):
    clock("2026-03-05 09:00")
    olive = visitor("olive@ashfield.example", PASSWORD)
    olive.go("/incidents/")
    page = olive.page
    olive.picture("lists-incidents")
    assert names(olive) == ["Carl Short", "Bea Long", "Alex Marsh"]

    tab_to(page, page.get_by_label("Severity"))
    page.keyboard.type("Serious")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Show", exact=True))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == f"{olive.address}/incidents/?severity=serious"
    assert names(olive) == ["Carl Short", "Alex Marsh"]
    olive.picture("lists-incidents-narrowed")

    tab_to(page, page.locator("thead").get_by_role("link", name="Person"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="Person")).to_have_attribute("aria-sort", "ascending")
    assert names(olive) == ["Alex Marsh", "Carl Short"]

    olive.press("Save this view")
    page.locator("#id_name").fill("Serious ones")
    olive.press("Save the view")
    assert page.url == f"{olive.address}/incidents/?order=person&severity=serious"
    expect(page.get_by_role("link", name="Serious ones", exact=True)).to_have_attribute("aria-current", "true")
    olive.picture("lists-incidents-view")

    olive.press("Export as a file")
    olive.picture("lists-export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the file").click()
    told = download.value.path().read_text(encoding="utf-8-sig")
    assert [row[2] for row in csv.reader(io.StringIO(told, newline=""))] == ["Person", "Alex Marsh", "Carl Short"]
    olive.press("Back to the list")
    olive.press("Take off the filter Severity: Serious")
    assert page.url == f"{olive.address}/incidents/?order=person"
    assert olive.errors == []


def test_on_a_phone_the_filters_unfold_and_nothing_is_wider_than_the_screen(visitor, school, clock):
    clock("2026-03-05 09:00")
    olive = visitor("olive@ashfield.example", PASSWORD, width=390)
    for path in ("/incidents/?place=email", "/cases/", "/people/"):
        olive.go(path)
        page = olive.page
        filters, toggle = page.locator("#list-filters"), page.get_by_role("button", name="Filters")
        expect(filters).to_be_hidden()
        toggle.click()
        expect(filters).to_be_visible()
        expect(toggle).to_have_attribute("aria-expanded", "true")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        olive.picture(f"lists-phone-{path.split('/')[1]}")
