"""Files given while an incident is logged: they become evidence with it, wait with its draft, and are lost by nothing."""

from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from conduct.models import KeptFile
from incidents.models import Draft, DraftFile, Evidence, Incident
from tests.files import EXE, picture, upload
from tests.incidents.test_log_page import NOW, answers

SCRIPT = {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


def give(client, token, name="a.png"):
    told = {"files": upload(name, picture("PNG")), "token": token}
    assert client.post(reverse("draft_file_add"), told, **SCRIPT).status_code == 201


def test_files_sent_by_script_become_evidence_when_the_incident_is_saved(world, client_of):
    client, token = client_of(world.olive), str(uuid4())
    give(client, token)
    give(client, token, "b.png")
    assert client.post(reverse("log"), answers(token=token, person=world.alex.pk)).status_code == 302
    incident = Incident.objects.get()
    assert [(row.incident, row.file.name, row.by) for row in Evidence.objects.order_by("pk")] == [
        (incident, "a.png", world.olive),
        (incident, "b.png", world.olive),
    ]
    assert (Draft.objects.count(), DraftFile.objects.count(), KeptFile.objects.count()) == (0, 0, 2)


def test_files_that_come_with_the_form_do_so_as_well_and_a_bad_one_is_said(world, client_of):
    files = [upload("a.png", picture("PNG")), upload("evil.png", EXE)]
    page = client_of(world.olive).post(reverse("log"), answers(person=world.alex.pk, files=files), follow=True)
    assert [row.file.name for row in Evidence.objects.all()] == ["a.png"]
    said = "A file is not kept. “evil.png” is not what its name says: it looks like .exe."
    assert said in page.content.decode()


def test_a_form_that_comes_back_has_its_files_still(world, client_of):
    client, told = client_of(world.olive), answers(person=world.alex.pk, narrative="")
    page = client.post(reverse("log"), {**told, "files": upload("a.png", picture("PNG"))})
    assert page.status_code == 422
    assert "a.png" in page.content.decode()
    assert [row.file.name for row in DraftFile.objects.all()] == ["a.png"]
    client.post(reverse("log"), {**told, "narrative": "Shouted “get out” twice."})
    assert [row.file.name for row in Evidence.objects.all()] == ["a.png"]


def test_sent_twice_the_files_are_there_once_and_no_draft_is_begun(world, client_of):
    client, told = client_of(world.olive), answers(person=world.alex.pk)
    for _ in range(2):
        client.post(reverse("log"), {**told, "files": upload("a.png", picture("PNG"))})
    assert (Incident.objects.count(), Evidence.objects.count(), KeptFile.objects.count()) == (1, 1, 1)
    assert Draft.objects.count() == 0


def test_what_is_thrown_away_takes_its_files_along(world, client_of):
    client, token = client_of(world.olive), str(uuid4())
    give(client, token)
    client.post(reverse("log_discard", args=[token]))
    assert (Draft.objects.count(), DraftFile.objects.count()) == (0, 0)


def test_of_several_people_each_incident_has_the_files(world, client_of):
    client, token, jo = client_of(world.olive), str(uuid4()), world.person("Jo Brown")
    give(client, token)
    told = answers(token=token, person=world.alex.pk, **{"also-1-person": jo.pk})
    assert client.post(reverse("log"), told).status_code == 302
    rows = Evidence.objects.order_by("incident__pk")
    assert [row.incident.subject for row in rows] == [world.alex, jo]
    assert {row.file for row in rows} == {KeptFile.objects.get()}
