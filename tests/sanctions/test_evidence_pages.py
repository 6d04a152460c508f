"""Evidence on screen: giving it with and without script, reading it only through the case, taking it out."""

import hashlib
import json
import re
from uuid import uuid4

import pytest
from django.urls import reverse

from conduct import files as kept_files
from conduct.models import AuditRow, KeptFile
from incidents import evidence as record
from incidents.models import Draft, DraftFile, Evidence
from sanctions import cases, evidence
from tests.factories import STAFF, World, at
from tests.files import EXE, film, pdf, photograph, picture, upload

NOW = at("2026-03-02 09:00")
SCRIPT = {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}


@pytest.fixture(autouse=True)
def on_that_day(settings):
    from datetime import UTC, datetime

    settings.CLOCK_OFFSET = (NOW - datetime.now(UTC)).total_seconds()


@pytest.fixture
def incident(world):
    return world.incident()


def given(world, incident, name="a.jpg", content=None, note="The car park") -> Evidence:
    with kept_files.stored(upload(name, content or photograph()), school=world.school) as file:
        return evidence.add(incident, by=world.olive, at=NOW, file=file, note=note)


def url(name, incident, *more) -> str:
    return reverse(name, args=[incident.in_case.case.reference, *more])


def to_add(incident) -> str:
    return url("evidence_add", incident, incident.reference)


def drafted(world, by=None) -> DraftFile:
    with kept_files.stored(upload("a.png", picture("PNG")), school=world.school) as file:
        return record.add_to_draft(uuid4(), school=world.school, by=by or world.olive, at=NOW, file=file)


# -- giving files -------------------------------------------------------------------------------------------------


def test_without_script_several_files_come_together_and_a_bad_one_does_not_lose_the_others(client_of, world, incident):
    files = [upload("a.jpg", picture()), upload("evil.jpg", EXE), upload("b.pdf", pdf())]
    page = client_of(world.olive).post(to_add(incident), {"files": files, "note": "The gate"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "2 files kept, and this was not" in text
    assert "“evil.jpg” is not what its name says: it looks like .exe." in text
    assert 'value="The gate"' in text
    assert [(row.file.name, row.note) for row in incident.evidence.all()] == [
        ("a.jpg", "The gate"),
        ("b.pdf", "The gate"),
    ]


def test_without_script_sound_files_lead_back_to_the_incident(client_of, world, incident):
    client = client_of(world.olive)
    back = url("incident", incident, incident.reference)
    page = client.post(to_add(incident), {"files": [upload("a.jpg", picture()), upload("b.mp4", film())]}, follow=True)
    assert page.redirect_chain == [(back, 302)]
    assert "2 files are kept." in page.content.decode()


def test_without_a_file_the_page_says_so(client_of, world, incident):
    page = client_of(world.olive).post(to_add(incident), {"note": "The gate"})
    assert page.status_code == 422
    assert "Choose at least one file." in page.content.decode()


def test_by_script_a_file_is_answered_with_how_the_page_shows_it(client_of, world, incident):
    answer = client_of(world.olive).post(to_add(incident), {"files": upload("a.jpg", picture())}, **SCRIPT)
    assert answer.status_code == 201
    row = Evidence.objects.get()
    told = answer.json()
    assert told["name"] == "a.jpg"
    assert f'id="evidence-{row.pk}"' in told["item"]
    assert row.file.sha256 in told["item"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (EXE, "“a.jpg” is not what its name says: it looks like .exe."),
        (None, "No file came with this. Choose it again."),
    ],
)
def test_by_script_a_bad_file_is_answered_with_why(client_of, world, incident, content, said):
    data = {"files": upload("a.jpg", content)} if content else {}
    answer = client_of(world.olive).post(to_add(incident), data, **SCRIPT)
    assert (answer.status_code, answer.json()) == (422, {"wrong": said})
    assert KeptFile.objects.count() == 0


def test_the_page_tells_the_script_what_may_be_given(client_of, world, incident):
    page = client_of(world.olive).get(to_add(incident)).content.decode()
    limits = json.loads(re.search(r'data-limits="([^"]*)"', page)[1].replace("&quot;", '"'))
    assert limits[".jpg"] == ["a picture", 25 * 1024 * 1024]
    assert limits[".mp4"] == ["a film", 200 * 1024 * 1024]


def test_what_is_larger_than_any_file_is_refused_unread(client_of, world, incident, settings):
    client = client_of(world.olive)
    settings.MOST_MB_A_REQUEST, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1, 1000
    page = client.post(to_add(incident), {"files": upload("a.txt", b"x" * 1024 * 1024)})
    assert page.status_code == 413
    assert "has more than 1 MB" in page.content.decode()
    assert client.post(to_add(incident), {"files": upload("a.txt", b"x" * 1024)}).status_code == 302


def test_somebody_not_signed_in_may_send_no_more_than_a_form(client, db, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    login = reverse("account_login")
    assert client.post(login, {"x": upload("a.txt", b"x" * 2000)}).status_code == 413
    assert client.post(login, {"x": upload("a.txt", b"x" * 200)}).status_code == 200


# -- who may what -------------------------------------------------------------------------------------------------

READERS = {"office", "senior", "head", "trust", "chair"}  # a serious incident is put before the chair


@pytest.mark.parametrize("name", STAFF)
def test_who_may_read_give_and_take_out(client_of, world, incident, name):
    row = given(world, incident)
    client, role = client_of(getattr(world, name)), STAFF[name]
    expected = {
        url("evidence_original", incident, row.pk): role in READERS,
        url("evidence_picture", incident, row.pk): role in READERS,
        to_add(incident): role in {"office", "senior", "head"},
        url("evidence_note", incident, row.pk): role in {"office", "senior", "head"},
        url("evidence_take_out", incident, row.pk): role in {"senior", "head"},
    }
    assert {address: client.get(address).status_code for address in expected} == {
        address: 200 if allowed else 404 for address, allowed in expected.items()
    }
    posted = {address: client.post(address).status_code for address in list(expected)[2:]}
    assert {address for address, status in posted.items() if status == 404} == {
        address for address in list(expected)[2:] if not expected[address]
    }


def test_a_chair_reads_the_evidence_of_a_case_put_before_them_alone(client_of, world):
    incident = world.incident(clauses=["U01"], severity="minor", place="telephone")
    row = given(world, incident)
    case, client = incident.in_case.case, client_of(world.cora)
    address = url("evidence_original", incident, row.pk)
    assert client.get(address).status_code == 404
    cases.put_before_chair(case, at=NOW, why="Asked")
    assert client.get(address).status_code == 200


def test_a_foreign_case_is_an_unknown_one(client_of, world):
    world.incident(subject=world.person("Ben Stone"))  # so that the next bears another reference than theirs
    incident, other = world.incident(), World("kingsley")
    row, theirs = given(world, incident), given(other, other.incident())
    client = client_of(other.hari)
    for name in ("evidence_original", "evidence_picture", "evidence_note", "evidence_take_out"):
        assert client.get(url(name, incident, row.pk)).status_code == 404, name
        # their own case, another school's file
        assert client.get(reverse(name, args=[theirs.incident.in_case.case.reference, row.pk])).status_code == 404, name
        assert client.get(url(name, theirs.incident, theirs.pk)).status_code == 200, name
    assert client.post(to_add(incident), {"files": upload("a.jpg", picture())}, **SCRIPT).status_code == 404


def test_evidence_of_another_case_of_the_school_is_not_under_this_one(client_of, world, incident):
    ben = world.person("Ben Stone")
    row = given(world, world.incident(subject=ben))
    assert client_of(world.olive).get(url("evidence_original", incident, row.pk)).status_code == 404


# -- reading them -------------------------------------------------------------------------------------------------


def test_the_original_comes_as_a_download_that_cannot_run(client_of, world, incident):
    content = photograph()
    row = given(world, incident, "Über „den“ Zaun.jpg", content)
    answer = client_of(world.olive).get(url("evidence_original", incident, row.pk))
    assert b"".join(answer.streaming_content) == content
    assert hashlib.sha256(content).hexdigest() == row.file.sha256
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%C3%9Cber")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "no-store, private"


def test_what_is_shown_is_the_copy_that_says_nothing_of_where_it_was_taken(client_of, world, incident):
    row = given(world, incident)
    answer = client_of(world.olive).get(url("evidence_picture", incident, row.pk))
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xff\xd8\xff")
    assert b"Secret" not in content
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "Content-Disposition" not in answer or answer["Content-Disposition"].startswith("inline")


def test_of_what_is_no_picture_none_is_shown(client_of, world, incident):
    row = given(world, incident, "a.pdf", pdf())
    client = client_of(world.olive)
    assert client.get(url("evidence_picture", incident, row.pk)).status_code == 404
    assert AuditRow.objects.filter(about=record.about(row), deed="look").count() == 0


@pytest.mark.parametrize(("name", "what"), [("evidence_original", "download"), ("evidence_picture", "picture")])
def test_each_look_is_in_the_audit(client_of, world, incident, name, what):
    row = given(world, incident)
    client_of(world.tess).get(url(name, incident, row.pk))
    line = AuditRow.objects.filter(deed="look").last()
    assert (line.by, line.about, line.changes) == (
        world.tess,
        f"{incident.reference} evidence {row.pk}",
        {"what": what},
    )


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_files_are_only_read(client_of, world, incident, method):
    row = given(world, incident)
    for name in ("evidence_original", "evidence_picture"):
        assert getattr(client_of(world.olive), method)(url(name, incident, row.pk)).status_code == 405


def test_the_incident_shows_its_evidence_with_what_each_shows(client_of, world, incident):
    row = given(world, incident, "a.pdf", pdf(script=True), note="The car park")
    page = client_of(world.olive).get(url("incident", incident, incident.reference)).content.decode()
    for words in ("The car park", "a.pdf", row.file.sha256, "This PDF holds a script: open it with care."):
        assert words in page
    assert url("evidence_original", incident, row.pk) in page
    assert url("evidence_take_out", incident, row.pk) not in page
    page = client_of(world.sena).get(url("incident", incident, incident.reference)).content.decode()
    assert url("evidence_take_out", incident, row.pk) in page


def test_the_story_of_the_case_tells_of_it(client_of, world, incident):
    row = given(world, incident)
    client, address = client_of(world.olive), url("case", incident)
    page = client.get(address).content.decode()
    assert "Evidence kept" in page
    assert "The car park" in page
    evidence.withdraw(row, by=world.sena, at=NOW, reason="Another child is in it.")
    page = client.get(address).content.decode()
    assert "Evidence taken out" in page
    assert "The car park" not in page
    assert "Another child" not in page


# -- what it shows, and taking it out -----------------------------------------------------------------------------


def test_what_it_shows_is_said_on_a_page_or_beside_the_file(client_of, world, incident):
    row, client = given(world, incident), client_of(world.olive)
    address = url("evidence_note", incident, row.pk)
    page = client.post(address, {"note": "The gate"}, follow=True)
    assert page.redirect_chain == [(url("incident", incident, incident.reference), 302)]
    assert "The gate" in page.content.decode()
    item = client.post(address, {"note": "The front gate"}, headers={"HX-Request": "true"})
    assert item.content.decode().strip().startswith(f'<li class="file" id="evidence-{row.pk}">')
    assert "Saved." in item.content.decode()
    row.refresh_from_db()
    assert row.note == "The front gate"
    assert client.post(address, {"note": "x" * 201}).status_code == 422


def test_taken_out_only_senior_staff_go_on_seeing_it(client_of, world, incident):
    row = given(world, incident)
    head = client_of(world.hari)
    address = url("evidence_take_out", incident, row.pk)
    assert head.post(address, {"reason": " "}).status_code == 422
    page = head.post(address, {"reason": "Another child is in it."}, follow=True).content.decode()
    assert "Another child is in it." in page
    assert "The file is taken out." in page
    for name, sees in {"olive": False, "tess": False, "sena": True, "hari": True}.items():
        client = client_of(getattr(world, name))
        status = 200 if sees else 404
        assert client.get(url("evidence_original", incident, row.pk)).status_code == status, name
        assert client.get(url("evidence_picture", incident, row.pk)).status_code == status, name
        page = client.get(url("incident", incident, incident.reference)).content.decode()
        assert ("Another child is in it." in page, "The car park" in page) == (sees, sees), name
        assert ("A file was taken out" in page) == (not sees), name


# -- with what is not saved yet -----------------------------------------------------------------------------------


def test_by_script_a_file_is_kept_with_the_draft(client_of, world):
    token, client = uuid4(), client_of(world.olive)
    told = {"files": upload("a.png", picture("PNG")), "token": str(token)}
    answer = client.post(reverse("draft_file_add"), told, **SCRIPT)
    assert answer.status_code == 201
    row = DraftFile.objects.get()
    assert (row.draft.token, row.draft.by, row.file.name) == (token, world.olive, "a.png")
    assert reverse("draft_file_remove", args=[row.pk]) in answer.json()["item"]
    shown = client.get(reverse("draft_file_picture", args=[row.pk]))
    assert shown["Content-Type"] == "image/png"


def test_once_the_incident_is_saved_a_late_file_is_not_begun_as_another_draft(client_of, world):
    token = uuid4()
    world.incident(token=token)
    told = {"files": upload("a.png", picture("PNG")), "token": str(token)}
    answer = client_of(world.olive).post(reverse("draft_file_add"), told, **SCRIPT)
    said = {"wrong": "The incident is saved already. Add the file on its own page."}
    assert (answer.status_code, answer.json()) == (422, said)
    assert (Draft.objects.count(), KeptFile.objects.count()) == (0, 0)


@pytest.mark.parametrize("token", ["", "none", "0", "0" * 33])
def test_a_token_that_is_none_is_no_draft(client_of, world, token):
    told = {"files": upload("a.png", picture("PNG")), "token": token}
    assert client_of(world.olive).post(reverse("draft_file_add"), told, **SCRIPT).status_code == 404
    assert KeptFile.objects.count() == 0


def test_a_draft_is_its_authors_alone(client_of, world):
    row = drafted(world)
    told = {"files": upload("a.png", picture("PNG")), "token": str(row.draft.token)}
    for other in (world.sena, world.hari, World("kingsley").olive):
        client = client_of(other)
        assert client.get(reverse("draft_file_picture", args=[row.pk])).status_code == 404
        assert client.post(reverse("draft_file_remove", args=[row.pk])).status_code == 404
        told["files"].seek(0)
        assert client.post(reverse("draft_file_add"), told, **SCRIPT).status_code == 404
    assert DraftFile.objects.count() == KeptFile.objects.count() == 1


@pytest.mark.parametrize("name", STAFF)
def test_only_who_logs_incidents_gives_files_to_a_draft(client_of, world, name):
    told = {"files": upload("a.png", picture("PNG")), "token": str(uuid4())}
    answer = client_of(getattr(world, name)).post(reverse("draft_file_add"), told, **SCRIPT)
    assert answer.status_code == (201 if STAFF[name] in {"office", "senior", "head"} else 404)


def test_a_file_of_a_draft_can_be_taken_away_again(client_of, world):
    row, client = drafted(world), client_of(world.olive)
    assert client.get(reverse("draft_file_remove", args=[row.pk])).status_code == 405
    assert client.post(reverse("draft_file_remove", args=[row.pk])).status_code == 204
    assert (DraftFile.objects.count(), KeptFile.objects.count(), Draft.objects.count()) == (0, 0, 1)


# -- queries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_as_often_for_three_files_as_for_one(
    client_of, world, incident, count, django_assert_num_queries
):
    for _ in range(count):
        given(world, incident)
    client = client_of(world.olive)
    client.get(to_add(incident))
    with django_assert_num_queries(9):
        client.get(to_add(incident))
    with django_assert_num_queries(22):
        client.get(url("incident", incident, incident.reference))
