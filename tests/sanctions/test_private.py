"""What few may know stays with them, whichever way somebody comes to it; and a repeated or spoilt request spoils nothing."""

import uuid
from datetime import date

import pytest

from conduct import files as kept_files
from conduct import households, photos, pictures, register, uploads
from conduct.importing import course
from conduct.models import AuditRow, Distinct, Import, Person
from incidents import evidence
from incidents.models import Draft, DraftFile, Evidence, Incident
from letters.models import Letter
from sanctions import aftercare, inquiry, presence
from sanctions.standing import Refused
from tests.factories import at
from tests.files import photograph, upload

NOON = at("2026-03-10 12:00")
FILE = b"Adult name,Address,Child name\nAlex Marsh,77 New Way,Robin Marsh\n"
COLUMNS = {"Adult name": "adult_name", "Address": "address", "Child name": "child_name"}


@pytest.fixture
def protected(world):
    register.protect_address(world.alex, True, by=world.hari, at=NOON)
    return world.alex


@pytest.mark.parametrize(
    ("who", "status"), [("olive", 404), ("cora", 404), ("tess", 404), ("hari", 200), ("adam", 200)]
)
def test_an_issued_letter_to_a_protected_address_is_opened_by_those_who_may_see_it(world, client_of, who, status):
    world.opened()
    register.protect_address(world.alex, True, by=world.hari, at=NOON)
    client, letter = client_of(getattr(world, who)), Letter.objects.get()
    assert client.get(f"/letters/{letter.pk}/pdf/").status_code == status
    page = client.get(f"/letters/{letter.pk}/").content.decode()
    assert ("is protected, and this letter bears it" in page) is (status == 404)


def checked(world) -> Import:
    row = course.begin(world.school, name="a.csv", text=FILE.decode(), by=world.olive, at=NOON)
    course.say_columns(row, COLUMNS, by=world.olive, at=NOON)
    course.work(row.pk, now=lambda: NOON)
    return row


def test_the_preview_of_an_import_shows_addresses_to_those_who_may_see_protected_ones(world, client_of):
    row = checked(world)
    pages = {who: client_of(getattr(world, who)).get(f"/people/import/{row.pk}/") for who in ("olive", "sena")}
    assert ["77 New Way" in page.content.decode() for page in pages.values()] == [False, True]
    assert "Who may see protected addresses sees examples here." in pages["olive"].content.decode()


def test_the_columns_of_somebody_else_s_file_have_no_samples_for_the_office(world, client_of):
    row = course.begin(world.school, name="a.csv", text=FILE.decode(), by=world.adam, at=NOON)
    pages = [client_of(u).get(f"/people/import/{row.pk}/columns/").content.decode() for u in (world.olive, world.adam)]
    assert ["77 New Way" in page for page in pages] == [False, True]


def test_whoever_keeps_the_addresses_tells_nobody_apart(world, client_of):
    other = world.person("Berta Brown")
    told = {"address": "x", "email": "", "phone": "", "not_same": str(other.pk)}
    assert client_of(world.adam).post(f"/people/{world.alex.pk}/edit/", told).status_code == 302
    assert Distinct.objects.count() == 0


def test_the_office_does_not_part_a_household_that_it_may_not_see(world, client_of, protected):
    pat = world.person("Pat Hill", pupils=["Robin Marsh"])
    households.live_together(pat, protected, by=world.hari, at=NOON)
    for person in (pat, protected):
        client_of(world.olive).post(f"/people/{person.pk}/lives-alone/")
    assert Person.objects.exclude(household=None).count() == 2
    client_of(world.hari).post(f"/people/{pat.pk}/lives-alone/")
    assert Person.objects.exclude(household=None).count() == 0


@pytest.fixture
def hurt(world):
    incident = world.incident()
    told = {"name": "Lena Lunch", "what": "Broken wrist", "treatment": "hospital"}
    return aftercare.record_injury(incident, by=world.sena, at=at("2026-03-02 10:00"), **told)


def about(injury) -> str:
    return f"/cases/{injury.incident.in_case.case.reference}/incidents/{injury.incident.reference}/"


def test_opening_the_form_of_an_injury_is_a_look_at_it(world, client_of, hurt):
    client_of(world.hari).get(f"{about(hurt)}injuries/{hurt.pk}/")
    assert AuditRow.objects.filter(deed="look_injury", by=world.hari).count() == 1


def test_a_talk_does_not_tell_who_was_hurt(world, client_of, hurt):
    day = date(2026, 3, 9)
    talk = aftercare.arrange_check_in(hurt.incident, by=world.hari, at=NOON, due_on=day, name="Lena Lunch")
    pages = [client_of(u).get(about(hurt)).content.decode() for u in (world.olive, world.tess, world.sena)]
    assert ["Lena" in page for page in pages] == [False, False, True]
    assert client_of(world.olive).get(f"{about(hurt)}check-ins/{talk.pk}/").status_code == 404


def test_reception_sees_the_picture_of_whom_something_applies_to_alone(world, client_of):
    gail, address = client_of(world.gail), f"/people/{world.alex.pk}/photo/"
    with kept_files.stored(
        upload("a.jpg", photograph()), school=world.school, kinds=(uploads.PICTURE,), side=pictures.AT_THE_GATE
    ) as found:
        photos.put_in(world.alex, by=world.olive, at=NOON, file=found)
    assert gail.get(address).status_code == 404
    assert address not in gail.get("/gate/", {"q": "Alex Marsh"}).content.decode()
    assert client_of(world.olive).get(address).status_code == 200


def test_a_form_of_somebody_else_is_no_form(world, client_of):
    token = uuid.uuid4()
    told = {"clauses": ["U03"], "place": "site", "narrative": "x"}
    inquiry.log_incident(by=world.sena, at=NOON, subject=world.person("Berta Brown"), token=token, **told)
    answers = {**told, "token": token, "person": world.alex.pk, "occurred_on": "2026-03-02", "occurred_time": "09:00"}
    assert client_of(world.olive).post("/log/", answers).status_code == 404
    assert Incident.objects.count() == 1


def test_the_mark_of_another_form_records_nobody_as_here(world):
    world.opened()
    token = uuid.uuid4()
    told = {"clauses": ["U03"], "place": "site", "narrative": "x"}
    inquiry.log_incident(by=world.olive, at=NOON, subject=world.person("Berta Brown"), token=token, **told)
    with pytest.raises(Refused) as refused:
        presence.here_now(world.alex, by=world.olive, at=NOON, token=token)
    assert [r.rule for r in refused.value.refusals] == ["wrong-state"]


def test_a_spoilt_character_stops_no_draft_and_no_joining(world, client_of):
    client, other = client_of(world.olive), world.person("Berta Brown")
    told = {"token": uuid.uuid4(), "narrative": "a\0b"}
    assert client.post("/log/draft/", told).status_code == 200
    assert Draft.objects.get().answers["narrative"] == ["ab"]
    assert client.post(f"/people/{world.alex.pk}/same/{other.pk}/", {"reason": "a\0b"}).status_code == 302


def test_a_file_that_became_evidence_meanwhile_is_not_taken_away(world):
    with kept_files.stored(upload("a.txt", b"hello"), school=world.school) as found:
        evidence.add_to_draft(uuid.uuid4(), school=world.school, by=world.olive, at=NOON, file=found)
    row = DraftFile.objects.select_related("file", "draft").get()
    evidence.take_over(Draft.objects.get(), [world.incident()], by=world.olive, at=NOON)
    evidence.remove_from_draft(row, by=world.olive, at=NOON)
    assert Evidence.objects.count() == 1


def test_the_same_appointment_twice_is_one(world, client_of):
    case, client = world.incident().in_case.case, client_of(world.olive)
    told = {"on": "2099-12-31", "begins": "10:00", "until": "11:00", "place": "Room 1", "with_whom": "Hari"}
    answers = [client.post(f"/cases/{case.reference}/appointments/", told).status_code for _ in range(2)]
    assert (answers, case.appointments.count()) == ([302, 302], 1)
