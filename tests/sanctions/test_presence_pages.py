"""They are here now, on the screen: two presses, and for reception not a word of the case."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from conduct.models import AuditRow
from incidents.models import Incident
from sanctions import appointments
from sanctions.models import Telling
from tests.factories import World, at

NOW = at("2026-04-20 15:30")
UNTOLD = at("2026-03-02 15:00")
ALLOWED = ["olive", "sena", "hari", "gail"]
OTHERS = ["cora", "tess", "adam", "rita", "sid"]
pytestmark = pytest.mark.usefixtures("quick_letters")


@pytest.fixture
def banned(world) -> World:
    """Alex is banned, and it is half past three on a day of the ban."""
    world.confirmed()
    with time_machine.travel(NOW, tick=False):
        yield world


def url(world, name="gate_here") -> str:
    return reverse(name, args=[world.alex.pk])


def words(response) -> str:
    main = response.content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def pressed(client, world, **told):
    return client.post(url(world), {"token": str(uuid4()), **told})


def breaches() -> int:
    return Incident.objects.filter(clauses__clause="U35").count()


@pytest.mark.parametrize("who", ALLOWED)
def test_from_the_answer_it_is_two_presses(banned, client_of, who):
    client = client_of(getattr(banned, who))
    assert url(banned) in client.get(reverse("gate"), {"q": "alex"}).content.decode()
    page = client.get(url(banned)).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    assert client.post(url(banned), {"token": token}).status_code == 302
    assert breaches() == 1


@pytest.mark.parametrize("name", ["gate_here", "gate_expected", "gate_told"])
@pytest.mark.parametrize("who", OTHERS)
def test_for_nobody_else_is_there_such_a_page(banned, client_of, who, name):
    assert client_of(getattr(banned, who)).post(url(banned, name)).status_code == 404
    assert breaches() == 0


@pytest.mark.parametrize("name", ["gate_here", "gate_expected", "gate_told"])
def test_somebody_of_another_school_is_unknown(banned, make_world, client_of, name):
    client = client_of(make_world("kingsley").olive)
    assert client.post(url(banned, name)).status_code == 404


def test_staff_go_on_to_what_happens_next(banned, client_of):
    client = client_of(banned.olive)
    response = pressed(client, banned)
    args = [banned.alex.cases.get().reference, Incident.objects.latest("pk").reference]
    assert response.url == reverse("what_next", args=args)
    assert "Tell the police" in words(client.get(response.url))


def test_reception_goes_on_to_whom_it_rings_and_reads_nothing_of_the_case(banned, client_of):
    client = client_of(banned.gail)
    response = pressed(client, banned, sentence="They left when asked.")
    page = client.get(response.url)
    said = words(page)
    assert "Recorded: Alex Marsh is here" in said
    assert "Somebody is in danger 999" in said
    assert "The school leader Hari Head 01632 960001" in said
    assert "The police, when nobody is in danger 101" in said
    incident = Incident.objects.latest("pk")
    for secret in (incident.reference, banned.alex.cases.get().reference, "Shouted", "left when asked", "/cases/"):
        assert secret not in page.content.decode()


def test_the_page_after_recording_is_for_whoever_recorded_it(banned, client_of):
    response = pressed(client_of(banned.gail), banned)
    assert client_of(banned.olive).get(response.url).status_code == 404
    assert client_of(banned.gail).get(reverse("gate_recorded", args=[uuid4()])).status_code == 404


def test_a_double_press_is_one_incident(banned, client_of):
    client, token = client_of(banned.gail), str(uuid4())
    first = client.post(url(banned), {"token": token})
    assert client.post(url(banned), {"token": token}).url == first.url
    assert breaches() == 1


def test_a_second_desk_is_told_that_it_is_recorded(banned, client_of):
    pressed(client_of(banned.gail), banned)
    said = words(client_of(banned.olive).get(url(banned)))
    assert "Somebody recorded already at 15:30 that they are here." in said


def test_a_ban_that_has_ended_meanwhile_is_refused_with_what_was_typed(banned, client_of):
    with time_machine.travel(at("2026-05-26 09:00"), tick=False):
        response = pressed(client_of(banned.gail), banned, sentence="They left when asked.", seen_by="Mary Meals")
    assert response.status_code == 422
    said = response.content.decode()
    assert "No ban is in force of which they have been told, so this is no breach." in said
    assert "They left when asked." in said
    assert "Mary Meals" in said
    assert breaches() == 0


def test_a_sentence_too_long_comes_back_whole(banned, client_of):
    response = pressed(client_of(banned.gail), banned, sentence="x" * 301)
    assert response.status_code == 422
    assert "x" * 301 in response.content.decode()
    assert breaches() == 0


def test_where_nothing_is_in_force_there_is_nothing_to_press(world, client_of):
    page = client_of(world.gail).get(url(world))
    assert "No ban of theirs is in force now: there is nothing to record." in words(page)
    assert 'action="' + url(world) not in page.content.decode()
    assert "They are here now" not in words(client_of(world.gail).get(reverse("gate"), {"q": "alex"}))


# -- expected -----------------------------------------------------------------------------------------------------


def let_come(world) -> None:
    told = {"begins": NOW, "until": NOW + timedelta(minutes=30), "place": "Meeting room", "with_whom": "Hari Head"}
    appointments.arrange(world.alex.cases.get(), by=world.olive, at=at("2026-04-17 09:00"), **told)


def test_somebody_expected_is_noted_with_one_press_and_nothing_is_logged(banned, client_of):
    let_come(banned)
    client = client_of(banned.gail)
    said = words(client.get(url(banned)))
    assert "They are expected From 15:30 to 16:00 in Meeting room, with Hari Head." in said
    response = client.post(url(banned, "gate_expected"), follow=True)
    assert "Noted: Alex Marsh came as expected. Nothing else is recorded." in words(response)
    assert AuditRow.objects.filter(deed="came_as_expected", by=banned.gail).count() == 1
    assert breaches() == 0


def test_somebody_expected_who_is_elsewhere_may_still_be_recorded(banned, client_of):
    let_come(banned)
    assert "Record that they are here against the ban" in words(client_of(banned.gail).get(url(banned)))
    pressed(client_of(banned.gail), banned)
    assert breaches() == 1


def test_an_exception_in_the_terms_is_offered_in_its_own_words(world, client_of):
    world.confirmed(terms=world.final_terms(exceptions="Parents' evening"))
    with time_machine.travel(NOW, tick=False):
        client = client_of(world.gail)
        assert "They are here for that: no breach" in words(client.get(url(world)))
        assert client.post(url(world, "gate_expected")).url == reverse("gate")
    assert AuditRow.objects.filter(deed="came_as_expected").count() == 1


def test_nobody_is_noted_as_expected_who_is_not(banned, client_of):
    response = client_of(banned.gail).post(url(banned, "gate_expected"))
    assert response.status_code == 422
    assert "No appointment and no exception covers this visit." in words(response)


# -- a ban of which they may not know ---------------------------------------------------------------------------------


@pytest.fixture
def untold(world) -> World:
    """A ban of this morning, its letter still in the post."""
    world.opened()
    with time_machine.travel(UNTOLD, tick=False):
        yield world


def test_staff_tell_them_and_say_so(untold, client_of):
    client = client_of(untold.olive)
    assert "They may not know of the ban yet" in words(client.get(url(untold)))
    response = client.post(url(untold, "gate_told"), {"sentence": "They left."}, follow=True)
    assert "Recorded: Alex Marsh has been told now." in words(response)
    assert Telling.objects.get().how == "In words, on the site, by Olive Office. They left."
    assert breaches() == 0


def test_reception_rings_somebody_who_tells_them(untold, client_of):
    client = client_of(untold.gail)
    said = words(client.get(url(untold)))
    assert "Ring now whom the card below names." in said
    assert "I have told them now" not in said
    assert client.post(url(untold, "gate_told")).status_code == 404
    assert Telling.objects.count() == 0


def test_pressed_all_the_same_it_is_refused(untold, client_of):
    response = pressed(client_of(untold.gail), untold)
    assert response.status_code == 422
    assert breaches() == 0


# -- who looked ---------------------------------------------------------------------------------------------------


def test_opening_the_page_by_its_address_is_a_look_up_like_any_other(banned, client_of):
    client_of(banned.gail).get(url(banned))
    rows = AuditRow.objects.filter(deed="gate_lookup").values_list("by__name", "about")
    assert list(rows) == [("Gail Gate", f"person {banned.alex.pk}")]


def test_the_page_asks_the_database_the_same_after_one_incident_and_after_three(
    banned, client_of, django_assert_num_queries
):
    client = client_of(banned.gail)
    client.get(url(banned))
    with django_assert_num_queries(QUERIES):
        client.get(url(banned))
    for clock in ("09:00", "09:10"):
        banned.incident(f"2026-04-20 {clock}")
    with django_assert_num_queries(QUERIES):
        client.get(url(banned))


QUERIES = 32
