"""Keeping files: the bytes first, with their digest, then their row; bytes that nothing refers to do not stay.

The bytes are stored before the transaction begins and taken away again when it fails, so that a film that takes a minute
to copy holds no lock in the database, and a refused deed leaves nothing behind.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from conduct import audit, pictures, uploads
from conduct.models import KeptFile, School, User
from conduct.models.files import display_path, original_path
from conduct.uploads import KINDS, Examined, Kind

NOT_STORED = "could not be kept just now. Try again; if it goes on, tell whoever looks after Conduct."
FOLDERS = ("originals", "displays")
AT_ONCE = 200  # names of stored files looked up in one query
STRAY_AFTER = timedelta(days=1)  # longer than any upload takes
logger = logging.getLogger(__name__)


class Hashed(File):  # type: ignore[type-arg]
    """A file that counts and digests what is read of it, piece by piece."""

    def __init__(self, upload: UploadedFile) -> None:
        super().__init__(upload.file)
        self.digest, self.count = hashlib.sha256(), 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        for piece in super().chunks(chunk_size):
            self.digest.update(piece)
            self.count += len(piece)
            yield piece


@contextmanager
def stored(
    upload: UploadedFile, *, school: School, kinds: Iterable[Kind] = KINDS, side: int = pictures.ON_SCREEN
) -> Iterator[KeptFile]:
    """A file examined and stored, as a row that is not in the database yet: the block puts it there, by `record`.

    Raises ValidationError for a file that may not be kept. Whatever the block raises, the bytes are gone again; so they
    are when it ends without the row.
    """
    found = uploads.examined(upload, kinds)
    kept = KeptFile(school=school, name=found.name, sort=found.kind.key, content_type=found.format.content_type)
    try:
        store(kept, upload, found, side)
        yield kept
    except BaseException:
        take_away(kept.original.name, kept.display.name)
        raise
    if kept.pk is None:
        take_away(kept.original.name, kept.display.name)


def store(kept: KeptFile, upload: UploadedFile, found: Examined, side: int) -> None:
    """Store the bytes as they came and, of a picture, the copy for the screen."""
    try:
        store_original(kept, upload)
        if found.format.picture:
            store_display(kept, upload, found, side)
    except pictures.NotDecoded as problem:
        raise ValidationError(f"{uploads.shown(kept.name)} {problem}.") from problem
    except OSError as problem:
        logger.exception("A file could not be stored")
        raise ValidationError(f"{uploads.shown(kept.name)} {NOT_STORED}") from problem
    kept.caution = found.format.caution(uploads.stream_of(upload))


def store_original(kept: KeptFile, upload: UploadedFile) -> None:
    content = Hashed(upload)
    kept.original.name = original_path(kept, "")  # known before it is there: what is broken off is taken away
    kept.original.name = default_storage.save(kept.original.name, content)
    kept.sha256, kept.size = content.digest.hexdigest(), content.count


def store_display(kept: KeptFile, upload: UploadedFile, found: Examined, side: int) -> None:
    content, ending = pictures.for_screen(uploads.stream_of(upload), found.format.picture, side)
    kept.display.name = display_path(kept, f"copy{ending}")
    kept.display.name = default_storage.save(kept.display.name, ContentFile(content))


def record(kept: KeptFile, *, by: User, at: datetime) -> KeptFile:
    """Put the row of a stored file into the database; the deed that it belongs to writes the audit."""
    kept.by, kept.at = by, at
    kept.save(force_insert=True)
    return kept


def told(kept: KeptFile) -> dict[str, object]:
    """What the audit says of a file."""
    return {"file": kept.name, "sha256": kept.sha256, "bytes": kept.size}


# -- what does not stay -------------------------------------------------------------------------------------------


def drop(kept: KeptFile) -> None:
    """Delete a file that nothing refers to; its bytes go when the transaction is through."""
    names = (kept.original.name, kept.display.name)
    kept.delete()
    transaction.on_commit(lambda: take_away(*names))


def take_away(*names: str | None) -> None:
    for name in names:
        if name:
            default_storage.delete(name)


def unused() -> QuerySet[KeptFile]:
    """The files to which no row of the program refers: of drafts thrown away, say."""
    found = KeptFile.objects.all()
    for relation in KeptFile._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            rows = relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
            found = found.exclude(Exists(rows))
    return found


def sweep(at: datetime) -> int:
    """Delete the files that nothing refers to, and bytes without a row; how many."""
    return drop_unused(at) + remove_strays()


def drop_unused(at: datetime) -> int:
    dropped = 0
    for pk in list(unused().values_list("pk", flat=True)):
        with transaction.atomic():
            kept = unused().select_for_update(of=("self",)).filter(pk=pk).first()
            if kept is None:
                continue  # somebody was quicker, or it belongs to something by now
            audit.record(
                "drop_file",
                by=None,
                at=at,
                school=kept.school,
                about=f"file {kept.pk}",
                changes={"sha256": kept.sha256},
            )
            drop(kept)
            dropped += 1
    return dropped


def remove_strays() -> int:
    """Remove stored bytes of files that no row names: what a process left behind when it was killed in the middle."""
    return remove_unnamed(FOLDERS, named_by_rows)


def named_by_rows(names: list[str]) -> set[str]:
    rows = KeptFile.objects.filter(Q(original__in=names) | Q(display__in=names))
    return {name for pair in rows.values_list("original", "display") for name in pair}


def remove_unnamed(folders: Iterable[str], known: Callable[[list[str]], set[str]]) -> int:
    """Remove what is stored in these folders, is older than any upload takes, and is not among the names that are known.

    How old they are is measured by the real clock, as the storage does, wherever the program's own is set to.
    """
    removed, before = 0, timezone.now() - STRAY_AFTER
    for names in batched(name for folder in folders for name in stored_names(folder)):
        kept = known(names)
        for name in names:
            if name not in kept and is_older(name, before):
                take_away(name)
                removed += 1
    return removed


def is_older(name: str, moment: datetime) -> bool:
    """Whether a stored file is older; one that went while the folder was read is gone."""
    try:
        return default_storage.get_modified_time(name) < moment
    except FileNotFoundError:
        return False


def batched(names: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(names, AT_ONCE)):
        yield some


def stored_names(folder: str) -> Iterator[str]:
    """What is stored in a folder, school by school."""
    if not default_storage.exists(folder):
        return
    for school in default_storage.listdir(folder)[0]:
        for name in default_storage.listdir(f"{folder}/{school}")[1]:
            yield f"{folder}/{school}/{name}"
