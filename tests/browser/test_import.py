"""An import in a real browser: a file, its columns, the preview, the word; then the changed file, and only the change."""

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from conduct import clock, health
from conduct.importing import course
from conduct.importing.sample import sample
from conduct.models import Import, Person, User
from tests.factories import World

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-pass-phrase"  # noqa: S105 (of a world that lives for one test)


@pytest.fixture
def school(transactional_db) -> World:
    world = World("sholing")
    health.beat("scheduler")
    User.objects.filter(pk=world.olive.pk).update(email="olive@ashfield.example", password=make_password(PASSWORD))
    return world


def choose(somebody, name: str, content: str) -> None:
    """Choose a file on the page of imports."""
    file = {"name": name, "mimeType": "text/csv", "buffer": content.encode("utf-8-sig")}
    somebody.page.locator("#id_file").set_input_files(file)
    somebody.page.get_by_role("button", name="Read the file").press("Enter")


def worked() -> None:
    """What the worker does, while the page asks how far it is."""
    assert course.work(Import.objects.first().pk, now=clock.now)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_file_is_taken_over_and_the_changed_one_changes_only_what_it_says(visitor, school, width):
    olive = visitor("olive@ashfield.example", PASSWORD, width)
    page = olive.page
    olive.go("/people/")
    olive.press("Import")
    olive.picture(f"30-imports-empty-{width}")
    choose(olive, "notes.csv", "A letter, and no table")
    expect(page.locator(".error-summary")).to_be_focused()
    olive.sees("has headings and no rows")
    olive.picture(f"31-import-refused-{width}")

    bad = sample().replace("morgan.fielding@example.org", "morgan.fielding@")
    choose(olive, "contacts.csv", bad)
    expect(page.get_by_role("heading", name="What is in each column?")).to_be_visible()
    expect(page.get_by_label("Contact surname")).to_have_value("adult_last")
    page.get_by_label("Contact surname").select_option("")
    olive.picture(f"32-import-columns-{width}")
    page.get_by_role("button", name="Check the file").press("Enter")
    olive.sees("Say which column is the adult’s surname.")
    olive.picture(f"33-import-columns-wrong-{width}")
    page.get_by_label("Contact surname").select_option("adult_last")
    page.get_by_role("button", name="Check the file").press("Enter")
    expect(page.get_by_role("heading", name="Being checked")).to_be_visible()
    olive.picture(f"34-import-progress-{width}")
    worked()
    expect(page.get_by_role("heading", name="What would be taken over")).to_be_visible(timeout=10_000)
    olive.sees("“morgan.fielding@” is no email address. Correct it, or empty the cell.")
    olive.picture(f"35-import-preview-{width}")
    assert Person.objects.count() == 1

    page.get_by_role("button", name="Take over the 4 sound rows").press("Enter")
    expect(page.get_by_role("heading", name="Being taken over")).to_be_visible()
    worked()
    expect(page.get_by_role("heading", name="What was taken over")).to_be_visible(timeout=10_000)
    olive.picture(f"36-import-done-{width}")
    assert Person.objects.count() == 4

    olive.go("/people/import/")
    choose(
        olive,
        "contacts-corrected.csv",
        sample().replace("3 Canal Street", "5 Canal Street").replace("Reception", "Year 1"),
    )
    expect(page.get_by_role("heading", name="Being checked")).to_be_visible()  # the columns are remembered
    worked()
    expect(page.get_by_role("heading", name="What would be taken over")).to_be_visible(timeout=10_000)
    olive.sees("Child’s year: 1 change")
    olive.picture(f"37-import-again-{width}")
    page.get_by_role("button", name="Take over all 5 rows").press("Enter")
    worked()
    expect(page.get_by_role("heading", name="What was taken over")).to_be_visible(timeout=10_000)
    assert Person.objects.count() == 5
    olive.go("/people/import/")
    olive.picture(f"38-imports-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
