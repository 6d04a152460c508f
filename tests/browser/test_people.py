"""Who a person is, in a real browser: offered while typing, compared, joined, taken back; on a desk and on a phone."""

import pytest
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from playwright.sync_api import expect

from conduct import health, households, merging
from conduct.models import Merge, Person, User
from tests.factories import World, at

pytestmark = pytest.mark.browser
PASSWORD = "a-long-enough-pass-phrase"  # noqa: S105 (of a world that lives for one test)
THEN = at("2026-03-05 09:00")


@pytest.fixture
def school(transactional_db) -> World:
    world = World("sholing")
    health.beat("scheduler")
    world.incident()
    world.twin = world.person("Alexander Marsh", pupils=["Robin Marsh"], phone="07700 900111", address="2 New Street")
    world.incident("2026-03-03 09:00", subject=world.twin, place="telephone")
    kin = world.person("Sam Brown", pupils=["Robin Marsh"], language="Polish", large_print=True)
    households.live_together(kin, world.alex, by=world.olive, at=THEN)
    emails = {world.olive: "olive@ashfield.example", world.hari: "hari@ashfield.example"}
    for user, email in emails.items():
        User.objects.filter(pk=user.pk).update(email=email, password=make_password(PASSWORD))
    return world


@pytest.mark.parametrize("width", [1280, 390])
def test_two_entries_are_compared_joined_and_taken_back(visitor, school, clock, width):
    clock("2026-03-05 09:00")
    olive = visitor("olive@ashfield.example", PASSWORD, width)
    olive.go(reverse("person", args=[school.alex.pk]))
    olive.picture(f"person-{width}")
    olive.press("Written down twice?")
    olive.picture(f"person-same-{width}")
    olive.page.get_by_role("link", name="Compare the two").click()
    olive.sees("Are these one person?")
    olive.picture(f"person-merge-{width}")
    olive.press("They are one person")
    olive.sees("are one person now")
    olive.picture(f"person-joined-{width}")
    assert merging.joins_of(school.alex).get().merged == school.twin
    olive.page.get_by_role("button", name="Take back: two persons").click()
    olive.sees("are two persons again")
    assert Merge.objects.get().undone_by == school.olive


def test_who_is_there_already_is_offered_while_typing_in_the_form_and_in_the_log(visitor, school, clock):
    clock("2026-03-05 09:00")
    olive = visitor("olive@ashfield.example", PASSWORD)
    page = olive.page
    olive.go(reverse("person_new"))
    page.get_by_label("Name", exact=True).press_sequentially("Alex Marhs")
    olive.sees("spelled nearly alike")
    olive.picture("person-alike")
    page.locator(f"input[name=not_same][value='{school.alex.pk}']").check()
    page.get_by_label("Name", exact=True).fill("Alex Marhsh")
    expect(page.locator("input[type=hidden][name=not_same]")).to_have_count(1)
    olive.press("Save")
    olive.sees("Saved.")
    assert [row.one for row in merging.apart_from(Person.objects.get(name="Alex Marhsh"))] == [school.alex]

    olive.go(reverse("log"))
    page.get_by_text("Not on the list: add them").first.click()
    page.get_by_label("Their name").press_sequentially("Alexander Marsch")
    page.locator(f"[data-pick][data-value='{school.twin.pk}']").click()
    expect(page.locator(".picked strong").first).to_have_text("Alexander Marsh")
    assert page.locator("input[name=person]").first.input_value() == str(school.twin.pk)


def test_a_protected_address(visitor, school, clock):
    clock("2026-03-05 09:00")
    hari = visitor("hari@ashfield.example", PASSWORD)
    hari.go(reverse("person", args=[school.alex.pk]))
    hari.press("Protect the address")
    hari.sees("The address is protected.")
    hari.picture("person-protected")
    olive = visitor("olive@ashfield.example", PASSWORD, 390)
    olive.go(reverse("person", args=[school.alex.pk]))
    olive.sees("Protected. Ask the")
    assert "High Street" not in olive.page.content()
    olive.go(reverse("person_edit", args=[school.alex.pk]))
    olive.picture("person-edit-protected-390")
    assert "High Street" not in olive.page.content()
