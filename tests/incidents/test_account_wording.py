"""The wording of an account, and of a correction, is checked as that of a report is: while it is typed, or by a button."""

import pytest
from django.urls import reverse

from incidents.models import Account


@pytest.fixture
def place(world):
    incident = world.incident()
    return reverse("incident_deed", args=[incident.in_case.case.reference, incident.reference, "account"])


def test_the_button_checks_and_saves_nothing_and_everything_typed_stays(world, client_of, place):
    told = {"of": "witness", "text": "He was rude to Robin Marsh.", "attempted": "", "check": "1"}
    response = client_of(world.sena).post(place, told)
    assert response.status_code == 200
    assert [r.words for r in response.context["remarks"]] == ["rude", ""]
    form = response.context["form"]
    assert (form["text"].value(), form["of"].value()) == ("He was rude to Robin Marsh.", "witness")
    assert not Account.objects.exists()


def test_advice_stands_in_nobody_s_way(world, client_of, place):
    client_of(world.sena).post(place, {"of": "staff", "text": "He was drunk and rude."})
    assert Account.objects.get().text == "He was drunk and rude."


def test_the_page_says_to_the_script_of_whom_and_of_which_clauses_it_tells(world, client_of, place):
    page = client_of(world.sena).get(place).content.decode()
    assert f'data-about="{world.alex.pk}"' in page
    assert 'data-clauses="U03 U05"' in page
    assert "js/wording.js" in page


def test_the_script_is_answered_with_a_piece_of_page(world, client_of):
    world.person("Jo Brown", pupils=["Sam Brown"])
    told = {"text": "He was rude to Sam Brown and Robin Marsh.", "about": world.alex.pk, "clauses": ["U05"]}
    response = client_of(world.sena).post(reverse("wording"), told)
    assert [(r.kind, r.words) for r in response.context["remarks"]] == [
        ("child", "Sam Brown"),
        ("opinion", "rude"),
        ("exact_words", ""),
    ]
    assert "<html" not in response.content.decode()


def test_nothing_to_say_is_said_with_nothing(world, client_of):
    response = client_of(world.sena).post(reverse("wording"), {"text": "He came at 08:50 and left."})
    assert response.content.decode().strip() == ""


@pytest.mark.parametrize("who", ["cora", "adam", "gail", "sid"])
def test_only_those_who_write_accounts_are_answered(world, client_of, who):
    assert client_of(getattr(world, who)).post(reverse("wording"), {"text": "Robin Marsh"}).status_code == 404


def test_people_of_another_school_open_no_names(world, make_world, client_of):
    stranger = make_world("oakmoor").alex
    told = {"text": "Robin Marsh stood by.", "about": stranger.pk}
    response = client_of(world.sena).post(reverse("wording"), told)
    assert [r.words for r in response.context["remarks"]] == ["Robin Marsh"]


def test_a_correction_is_checked_likewise(world, client_of):
    incident = world.incident()
    place = reverse("correct_incident", args=[incident.in_case.case.reference, incident.reference])
    client = client_of(world.sena)
    response = client.post(place, {"text": "He was rude, not loud.", "check": "1"})
    assert ([r.words for r in response.context["remarks"]], response.status_code) == (["rude", ""], 200)
    assert response.context["form"]["text"].value() == "He was rude, not loud."
    assert not incident.corrections.exists()
    client.post(place, {"text": "He was rude, not loud."})
    assert incident.corrections.count() == 1
