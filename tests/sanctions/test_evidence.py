"""Evidence: who may give, describe and take out files; what the record says; what becomes of a draft's files."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from conduct import files as kept_files
from conduct.models import AuditRow, KeptFile
from incidents import evidence as record
from incidents.models import Draft, DraftFile, Evidence
from sanctions import evidence, inquiry
from sanctions.inquiry import Part
from sanctions.standing import Refused
from tests.factories import STAFF, World, at
from tests.files import picture, upload

NOW, LATER = at("2026-03-02 09:00"), at("2026-03-03 09:00")


def stored(world, name="a.png"):
    return kept_files.stored(upload(name, picture("PNG")), school=world.school)


def given(world, incident, by=None, note="The car park") -> Evidence:
    with stored(world) as file:
        return evidence.add(incident, by=by or world.olive, at=NOW, file=file, note=note)


def drafted(world, token, by=None) -> DraftFile:
    with stored(world) as file:
        return record.add_to_draft(token, school=world.school, by=by or world.olive, at=NOW, file=file)


def test_a_file_is_kept_with_its_note_and_its_digest_in_the_audit(world):
    incident = world.incident()
    row = given(world, incident, note=" The car park ")
    assert (row.note, row.by, row.at, row.file.by, row.file.at) == ("The car park", world.olive, NOW, world.olive, NOW)
    line = AuditRow.objects.get(deed="add_evidence")
    assert (line.about, line.by, line.at) == (f"{incident.reference} evidence {row.pk}", world.olive, NOW)
    assert line.changes == {"file": "a.png", "sha256": row.file.sha256, "bytes": row.file.size, "note": "The car park"}


@pytest.mark.parametrize("name", STAFF)
def test_who_may_give_and_take_out(world, name):
    incident = world.incident()
    mine = getattr(world, name)
    row = given(world, incident)
    if STAFF[name] in {"office", "senior", "head"}:
        given(world, incident, by=mine)
        evidence.describe(row, by=mine, at=LATER, note="The gate")
    else:
        with pytest.raises(Refused, match="not-permitted"):
            given(world, incident, by=mine)
        with pytest.raises(Refused, match="not-permitted"):
            evidence.describe(row, by=mine, at=LATER, note="The gate")
    if STAFF[name] in {"senior", "head"}:
        evidence.withdraw(row, by=mine, at=LATER, reason="Another child is in it.")
    else:
        with pytest.raises(Refused, match="not-permitted"):
            evidence.withdraw(row, by=mine, at=LATER, reason="Another child is in it.")


def test_what_may_not_be_given_leaves_nothing(world, settings):
    incident = world.incident()
    with pytest.raises(Refused):
        given(world, incident, by=world.adam)
    root = settings.STORAGES["default"]["OPTIONS"]["location"]
    assert [p for p in root.rglob("*") if p.is_file()] == []
    assert (KeptFile.objects.count(), Evidence.objects.count()) == (0, 0)


def test_a_closed_case_takes_evidence_too(world):
    incident = world.incident()
    case = incident.in_case.case
    case.closed_at, case.closed_by, case.close_reason = LATER, world.hari, "Over."
    case.save()
    assert given(world, incident).incident == incident


def test_what_it_shows_can_be_said_better_and_both_stand_in_the_audit(world):
    row = given(world, world.incident())
    evidence.describe(row, by=world.sena, at=LATER, note="The gate")
    evidence.describe(row, by=world.sena, at=LATER, note="The gate ")
    line = AuditRow.objects.get(deed="describe_evidence")
    assert (line.by, line.changes) == (world.sena, {"note": ["The car park", "The gate"]})


def test_taken_out_it_is_marked_and_stays(world):
    row = given(world, world.incident())
    for by, reason in ((world.sena, "Another child is in it."), (world.hari, "Once more.")):
        evidence.withdraw(row, by=by, at=LATER, reason=reason)
    row = Evidence.objects.get()
    assert (row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason) == (LATER, world.sena, "Another child is in it.")
    assert AuditRow.objects.filter(deed="withdraw_evidence").count() == 1
    assert row.file.original.read()


def test_what_was_given_with_a_report_of_several_is_taken_out_of_each(world):
    parts = [Part(world.alex, ("U03",)), Part(world.person("Jo Brown"), ("U06",))]
    told = inquiry.log_event(by=world.olive, at=NOW, parts=parts, place="site", narrative="Both shouted.")
    one = given(world, told[0])
    other = evidence.add(told[1], by=world.olive, at=NOW, file=one.file)
    elsewhere = evidence.add(world.incident("2026-03-02 10:00"), by=world.olive, at=LATER, file=one.file)
    own = given(world, told[1])
    evidence.withdraw(other, by=world.sena, at=LATER, reason="Another child is in it.")
    assert set(Evidence.objects.exclude(withdrawn_at=None)) == {one, other}
    assert set(Evidence.objects.filter(withdrawn_at=None)) == {elsewhere, own}
    lines = AuditRow.objects.filter(deed="withdraw_evidence").order_by("about")
    assert [line.about for line in lines] == sorted(record.about(row) for row in (one, other))


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_keeps_evidence():
    world = World()
    row, other = given(world, world.incident()), given(world, world.incident("2026-03-02 10:00"))
    for change in (
        lambda: Evidence.objects.filter(pk=row.pk).delete(),
        lambda: Evidence.objects.filter(pk=row.pk).update(file=other.file),
        lambda: Evidence.objects.filter(pk=row.pk).update(incident=other.incident, file=row.file),
        lambda: Evidence.objects.filter(pk=row.pk).update(at=LATER),
        lambda: Evidence.objects.filter(pk=row.pk).update(by=world.hari),
    ):
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            change()


def test_one_incident_has_so_many_files_at_most(world, monkeypatch):
    monkeypatch.setattr(record, "MOST_FILES", 2)
    incident = world.incident()
    given(world, incident)
    given(world, incident)
    with pytest.raises(Refused) as refused:
        given(world, incident)
    assert refused.value.refusals[0].text.startswith("This incident has 50 files already.")
    assert (KeptFile.objects.count(), Evidence.objects.count()) == (2, 2)


# -- with what is not saved yet -----------------------------------------------------------------------------------


def test_a_file_makes_the_draft_where_there_is_none(world):
    token = uuid4()
    first, second = drafted(world, token), drafted(world, token)
    draft = Draft.objects.get()
    assert (draft.token, draft.by, draft.school, draft.saved_at) == (token, world.olive, world.school, NOW)
    assert [first.draft, second.draft] == [draft, draft]


def test_nobody_else_may_add_to_a_draft(world):
    token = uuid4()
    drafted(world, token)
    with pytest.raises(Draft.DoesNotExist):
        drafted(world, token, by=world.sena)
    other = World("kingsley")
    with pytest.raises(Draft.DoesNotExist), stored(other) as file:
        record.add_to_draft(token, school=other.school, by=world.olive, at=NOW, file=file)
    assert DraftFile.objects.count() == 1


def test_the_files_of_a_draft_become_evidence_of_every_incident_that_came_of_it(world):
    token = uuid4()
    rows = [drafted(world, token), drafted(world, token)]
    ben = world.person("Ben Marsh")
    incidents = [world.incident(), world.incident(subject=ben)]
    made = record.take_over(Draft.objects.get(), incidents, by=world.olive, at=LATER)
    told = [(row.incident, row.file, row.by, row.at) for row in made]
    assert told == [(incident, row.file, world.olive, LATER) for incident in incidents for row in rows]
    assert (DraftFile.objects.count(), KeptFile.objects.count()) == (0, 2)
    Draft.objects.get().delete()
    assert kept_files.sweep(LATER) == 0


def test_where_nothing_was_given_there_is_nothing_to_take_over(world):
    incident = world.incident()
    empty = Draft.objects.create(school=world.school, token=uuid4(), by=world.olive, at=NOW, saved_at=NOW)
    assert [record.take_over(draft, [incident], by=world.olive, at=NOW) for draft in (None, empty)] == [[], []]


@pytest.mark.django_db(transaction=True)
def test_a_file_taken_away_again_was_never_evidence_and_goes(settings):
    world = World()
    row = drafted(world, uuid4())
    digest = row.file.sha256
    record.remove_from_draft(row, by=world.olive, at=NOW)
    root = settings.STORAGES["default"]["OPTIONS"]["location"]
    assert [p for p in root.rglob("*") if p.is_file()] == []
    assert AuditRow.objects.get(deed="remove_draft_file").changes == {"sha256": digest}
