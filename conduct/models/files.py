"""Files that somebody gave to the school: kept as they came, with their digest, and never changed."""

import uuid
from pathlib import PurePosixPath

from django.conf import settings
from django.db import models

from conduct.models.schools import School

FILE_SORTS = [
    ("image", "Picture"),
    ("pdf", "PDF"),
    ("text", "Text"),
    ("email", "Email"),
    ("audio", "Sound recording"),
    ("video", "Film"),
]


def original_path(kept: "KeptFile", name: str) -> str:
    """Where the original lies: under a name that says nothing of it and that nobody can guess."""
    return f"originals/{kept.school_id}/{uuid.uuid4().hex}"


def display_path(kept: "KeptFile", name: str) -> str:
    """The same for the copy; its ending says whether it is a JPEG or a PNG."""
    return f"displays/{kept.school_id}/{uuid.uuid4().hex}{PurePosixPath(name).suffix}"


class KeptFile(models.Model):
    """A file as it came, with its SHA-256; of a picture also a copy for the screen, without where it was taken.

    Who may have it is said by what it belongs to (evidence of an incident, the picture of a person); it is served by
    the views of these alone.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120, help_text="As it was called where it came from.")
    sort = models.CharField(max_length=5, choices=FILE_SORTS)
    content_type = models.CharField(max_length=80)  # as its content shows, not as the sender said
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    caution = models.CharField(max_length=200, blank=True)  # what whoever opens it should know
    original = models.FileField(upload_to=original_path, max_length=120)
    display = models.FileField(upload_to=display_path, max_length=120, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        indexes = [  # by which the sweep finds the row of stored bytes
            models.Index(fields=["original"], name="kept_by_original"),
            models.Index(fields=["display"], name="kept_by_display"),
        ]

    def __str__(self) -> str:
        return self.name
