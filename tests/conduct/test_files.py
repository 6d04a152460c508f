"""Keeping files: as they came, with their digest; what belongs to nothing does not stay."""

import hashlib
import os
import stat
import time

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.management import CommandError, call_command

from conduct import files as kept_files
from conduct import photos, pictures
from conduct.models import AuditRow, KeptFile
from incidents.models import Draft, DraftFile
from tests.factories import at
from tests.files import picture, upload

NOW = at("2026-03-02 09:00")


@pytest.fixture
def stored(settings):
    """The paths of everything in the storage."""
    root = settings.STORAGES["default"]["OPTIONS"]["location"]
    return lambda: sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def keep(world, name="a.jpg", content=None) -> KeptFile:
    with kept_files.stored(upload(name, content or picture()), school=world.school) as found:
        return kept_files.record(found, by=world.olive, at=NOW)


def large(content: bytes) -> TemporaryUploadedFile:
    """A file of a size that Django leaves in a temporary file."""
    made = TemporaryUploadedFile("large.txt", "text/plain", len(content), "utf-8")
    made.write(content)
    made.flush()
    return made


def test_the_original_is_kept_as_it_came_with_its_digest(world, stored):
    content = picture("PNG")
    kept = keep(world, "Über den Zaun.png", content)
    assert kept.original.read() == content
    assert (kept.name, kept.sort, kept.content_type, kept.size, kept.sha256, kept.caution) == (
        "Über den Zaun.png",
        "image",
        "image/png",
        len(content),
        hashlib.sha256(content).hexdigest(),
        "",
    )
    assert stored() == sorted([kept.original.name, kept.display.name])
    assert kept.display.name.endswith(".png")


def test_a_large_file_is_copied_piece_by_piece(world, monkeypatch):
    content = b"Word after word. " * 250_000
    given, read = large(content), []
    really = kept_files.Hashed.chunks

    def chunks(self, chunk_size=None):
        for piece in really(self, chunk_size):
            read.append(len(piece))
            yield piece

    monkeypatch.setattr(kept_files.Hashed, "chunks", chunks)
    with kept_files.stored(given, school=world.school) as found:
        kept = kept_files.record(found, by=world.olive, at=NOW)
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert max(read) <= 64 * 1024 < len(content) == kept.size
    assert os.path.exists(given.temporary_file_path())  # copied: the temporary one goes with the request


def test_stored_files_are_readable_for_the_program_alone(world):
    kept = keep(world)
    mode = os.stat(kept.original.path).st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_of_a_file_that_is_no_picture_there_is_no_copy(world, stored):
    kept = keep(world, "a.txt", b"words")
    assert (kept.display.name, stored()) == ("", [kept.original.name])


def test_the_name_in_the_storage_says_nothing(world):
    assert "marsh" not in keep(world, "Alex Marsh.jpg").original.name.lower()


# -- nothing is left of what was not kept -------------------------------------------------------------------------


def test_what_is_refused_is_not_stored(world, stored):
    with pytest.raises(ValidationError), kept_files.stored(upload("a.exe", b"MZ"), school=world.school):
        pytest.fail("not refused")
    assert stored() == []


def test_when_the_deed_fails_the_bytes_go(world, stored):
    seen = []

    def fail(_file):
        seen.extend(stored())
        raise LookupError

    with pytest.raises(LookupError), kept_files.stored(upload("a.jpg", picture()), school=world.school) as found:
        fail(found)
    assert len(seen) == 2
    assert (stored(), KeptFile.objects.count()) == ([], 0)


def test_when_nobody_records_it_the_bytes_go(world, stored):
    with kept_files.stored(upload("a.jpg", picture()), school=world.school):
        pass
    assert stored() == []


@pytest.mark.parametrize("broken", ["the original", "the copy"])
def test_when_the_storage_fails_midway_nothing_is_left_and_it_is_said(world, stored, monkeypatch, broken, caplog):
    really, calls = FileSystemStorage._save, []

    def save(self, name, content):
        calls.append(name)
        written = really(self, name, content)
        if len(calls) == (1 if broken == "the original" else 2):
            raise OSError(28, "No space left on device")
        return written

    monkeypatch.setattr(FileSystemStorage, "_save", save)
    said = "“a.jpg” could not be kept just now. Try again; if it goes on, tell whoever looks after Conduct."
    with pytest.raises(ValidationError) as told, kept_files.stored(upload("a.jpg", picture()), school=world.school):
        pytest.fail("kept")
    assert told.value.message == said
    assert stored() == []
    assert "No space left" in caplog.text


def test_a_copy_that_cannot_be_made_leaves_nothing(world, stored, monkeypatch):
    monkeypatch.setattr(pictures, "for_screen", lambda *_, **__: (_ for _ in ()).throw(MemoryError))
    with pytest.raises(MemoryError), kept_files.stored(upload("a.jpg", picture()), school=world.school):
        pytest.fail("kept")
    assert stored() == []


# -- the sweep ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_nothing_refers_to_is_swept_and_what_is_in_use_stays(stored):
    from tests.factories import World

    world = World()
    incident = world.incident()
    unused, of_evidence, of_draft, of_person = (keep(world) for _ in range(4))
    incident.evidence.create(file=of_evidence, by=world.olive, at=NOW)
    draft = Draft.objects.create(school=world.school, token="0" * 32, by=world.olive, at=NOW, saved_at=NOW)
    DraftFile.objects.create(draft=draft, file=of_draft)
    world.alex.photo = of_person
    world.alex.save()
    assert kept_files.sweep(NOW) == 1
    in_use = [of_evidence, of_draft, of_person]
    assert list(KeptFile.objects.order_by("pk")) == in_use
    assert stored() == sorted(name for kept in in_use for name in (kept.original.name, kept.display.name))
    row = AuditRow.objects.get(deed="drop_file")
    assert (row.by, row.about, row.changes) == (None, f"file {unused.pk}", {"sha256": unused.sha256})
    draft.delete()
    assert kept_files.sweep(NOW) == 1
    assert list(KeptFile.objects.order_by("pk")) == [of_evidence, of_person]
    assert kept_files.sweep(NOW) == 0


def test_bytes_without_a_row_are_swept_after_a_day(world, stored):
    kept = keep(world, "a.txt", b"words")
    world.alex.photo = kept
    world.alex.save()
    for age, name in ((2, "old"), (0, "new")):
        path = default_storage.save(f"originals/{world.school.pk}/{name}", upload(name, b"x"))
        moment = time.time() - age * 86_400
        os.utime(default_storage.path(path), (moment, moment))
    assert kept_files.remove_strays() == 1
    assert stored() == sorted([kept.original.name, f"originals/{world.school.pk}/new"])


def test_files_that_go_while_the_folder_is_read_do_not_end_the_sweep(world, stored, monkeypatch):
    monkeypatch.setattr(kept_files, "AT_ONCE", 2)
    kept = keep(world, "a.txt", b"words")
    world.alex.photo = kept
    world.alex.save()
    for n in range(4):
        path = default_storage.path(default_storage.save(f"originals/{world.school.pk}/old{n}", upload("a", b"x")))
        os.utime(path, (time.time() - 2 * 86_400,) * 2)
    names = list(kept_files.stored_names("originals"))
    monkeypatch.setattr(kept_files, "stored_names", lambda folder: iter(names if folder == "originals" else []))
    default_storage.delete(f"originals/{world.school.pk}/old1")
    assert kept_files.remove_strays() == 3
    assert stored() == [kept.original.name]


def test_the_sweep_asks_in_a_fixed_number_of_queries(world, django_assert_num_queries):
    for _ in range(3):
        world.incident().evidence.create(file=keep(world), by=world.olive, at=NOW)
    with django_assert_num_queries(2):
        assert kept_files.sweep(NOW) == 0


# -- the picture of a person --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_is_replaced_or_taken_away_goes(stored):
    from tests.factories import World

    world = World()
    for colour in ("red", "blue"):
        with kept_files.stored(upload("a.jpg", picture(colour=colour)), school=world.school) as found:
            photos.put_in(world.alex, by=world.olive, at=NOW, file=found)
        world.alex.refresh_from_db()
        assert stored() == sorted([world.alex.photo.original.name, world.alex.photo.display.name])
    photos.take_away(world.alex, by=world.olive, at=NOW)
    world.alex.refresh_from_db()
    assert (world.alex.photo, stored()) == (None, [])
    photos.take_away(world.alex, by=world.olive, at=NOW)
    rows = AuditRow.objects.filter(deed="change_photo").order_by("pk")
    first, second = (row.changes["photo"][1] for row in rows[:2])
    assert [row.changes for row in rows] == [
        {"photo": ["", first]},
        {"photo": [first, second]},
        {"photo": [second, ""]},
    ]
    assert {row.about for row in rows} == {f"person {world.alex.pk}"}


# -- the command --------------------------------------------------------------------------------------------------


def test_the_command_sweeps_and_checks_each_file_by_its_digest(world, capsys):
    kept = keep(world, "a.txt", b"words")
    call_command("sweep_files", "--check")
    assert capsys.readouterr().out == "1 looked at, each as it came.\n"
    with default_storage.open(kept.original.name, "wb") as original:
        original.write(b"other words")
    with pytest.raises(CommandError, match=f"^file {kept.pk}: is not what came$"):
        call_command("sweep_files", "--check")
    default_storage.delete(kept.original.name)
    with pytest.raises(CommandError, match=f"^file {kept.pk}: cannot be read \\(No such file or directory\\)$"):
        call_command("sweep_files", "--check")
    call_command("sweep_files")
    assert capsys.readouterr().out == "1 removed.\n"
    assert KeptFile.objects.count() == 0
