"""The picture of a person: put in and taken away by the office, shown to the desk, to nobody else."""

import pytest
import time_machine
from django.urls import reverse

from conduct import files as kept_files
from conduct import merging, photos
from conduct.models import AuditRow, KeptFile
from tests.factories import STAFF, World, at
from tests.files import EXE, pdf, photograph, picture, upload

NOW = at("2026-03-02 09:00")


def shows(person) -> str:
    return reverse("person_photo", args=[person.pk])


def edits(person) -> str:
    return reverse("person_photo_edit", args=[person.pk])


def with_photo(world):
    with kept_files.stored(upload("a.jpg", photograph()), school=world.school) as file:
        photos.put_in(world.alex, by=world.olive, at=NOW, file=file)
    return world.alex


def test_a_picture_is_put_in_replaced_and_taken_away(client_of, world):
    client = client_of(world.olive)
    assert client.get(shows(world.alex)).status_code == 404
    page = client.post(edits(world.alex), {"photo": upload("alex.jpg", photograph())}, follow=True)
    assert page.redirect_chain == [(reverse("person", args=[world.alex.pk]), 302)]
    assert shows(world.alex) in page.content.decode()
    first = KeptFile.objects.get()
    client.post(edits(world.alex), {"photo": upload("alex.png", picture("PNG"))})
    world.alex.refresh_from_db()
    assert (world.alex.photo.name, KeptFile.objects.filter(pk=first.pk).exists()) == ("alex.png", False)
    page = client.post(edits(world.alex), {"remove": "1"}, follow=True).content.decode()
    assert "The picture is taken away." in page
    assert client.get(shows(world.alex)).status_code == 404
    assert KeptFile.objects.count() == 0


def test_what_is_shown_is_a_small_copy_that_says_nothing_of_where_it_was_taken(client_of, world):
    client = client_of(world.olive)
    client.post(edits(world.alex), {"photo": upload("alex.jpg", photograph(size=(2000, 1000)))})
    answer = client.get(shows(world.alex))
    content = b"".join(answer.streaming_content)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "no-store, private"
    assert content.startswith(b"\xff\xd8\xff")
    assert b"Secret" not in content


@pytest.mark.parametrize("name", STAFF)
def test_who_sees_it_and_who_changes_it(client_of, world, name):
    person, client, role = with_photo(world), client_of(getattr(world, name)), STAFF[name]
    changes = role in {"office", "senior", "head"}
    assert client.get(shows(person)).status_code == (200 if changes else 404)
    assert client.get(edits(person)).status_code == (200 if changes else 404)
    given = client.post(edits(person), {"photo": upload("a.jpg", picture())})
    assert given.status_code == (302 if changes else 404)


@pytest.mark.parametrize(("day", "status"), [("2026-03-03", 200), ("2026-05-04", 404)])
def test_reception_sees_it_while_something_applies(client_of, world, day, status):
    world.opened()
    person = with_photo(world)
    with time_machine.travel(at(f"{day} 09:00"), tick=False):
        assert client_of(world.gail).get(shows(person)).status_code == status


def test_the_picture_of_one_entry_is_that_of_the_person(client_of, world):
    known = world.person("Alexander Marsh")
    merging.merge(known, with_photo(world), by=world.olive, at=NOW)
    page = client_of(world.olive).get(reverse("person", args=[known.pk])).content.decode()
    assert shows(world.alex) in page
    assert (edits(world.alex) in page, edits(known) in page) == (True, False)
    assert shows(world.alex) in client_of(world.olive).get(reverse("gate"), {"q": "Alexander Marsh"}).content.decode()


def test_another_school_sees_nothing_of_it(client_of, world):
    person, client = with_photo(world), client_of(World("kingsley").hari)
    assert client.get(shows(person)).status_code == 404
    assert client.get(edits(person)).status_code == 404
    assert client.post(edits(person), {"remove": "1"}).status_code == 404
    person.refresh_from_db()
    assert person.photo is not None


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", pdf(), "“a.pdf” cannot be kept here: only pictures can be."),
        ("a.jpg", EXE, "“a.jpg” is not what its name says: it looks like .exe."),
        ("", None, "Choose a picture first."),
    ],
)
def test_anything_else_is_refused_and_the_picture_stays(client_of, world, name, content, said):
    person = with_photo(world)
    data = {"photo": upload(name, content)} if content else {}
    page = client_of(world.olive).post(edits(person), data)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert KeptFile.objects.count() == 1
    assert shows(person) in page.content.decode()


def test_whoever_opens_the_page_is_in_the_audit(client_of, world):
    client_of(world.olive).get(edits(world.alex))
    line = AuditRow.objects.last()
    assert (line.deed, line.by, line.about) == ("look", world.olive, f"person {world.alex.pk}")
