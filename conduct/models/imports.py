"""What a school takes over from its information system: which column is what, and each import with how it went."""

from django.conf import settings
from django.db import models

from conduct.models.schools import School

IMPORT_STATES = [
    ("columns", "Waits: say what its columns are"),
    ("checking", "Being checked"),
    ("ready", "Checked: waits for your word"),
    ("running", "Being taken over"),
    ("indexing", "Taken over: the search is brought up to date"),
    ("done", "Taken over"),
    ("failed", "Stopped: nothing was taken over"),
    ("dropped", "Dropped: nothing was taken over"),
]


class ColumnMap(models.Model):
    """Which column of a file with these headings is what, as somebody of the school said once."""

    school = models.ForeignKey(School, models.CASCADE, related_name="column_maps")
    fingerprint = models.CharField(max_length=64)  # of the headings, in their order
    columns = models.JSONField()  # heading: field
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "fingerprint"], name="one_map_a_file_shape")]

    def __str__(self) -> str:
        return ", ".join(f"{heading}: {field}" for heading, field in self.columns.items())


class Import(models.Model):
    """One file of people and pupils, from its upload to the moment when all of it, or nothing, was taken over."""

    school = models.ForeignKey(School, models.PROTECT, related_name="imports")
    name = models.CharField(max_length=120)
    content = models.TextField(blank=True)  # emptied when it is over: the register has what was taken over
    columns = models.JSONField(default=dict)  # heading: field
    state = models.CharField(max_length=8, choices=IMPORT_STATES, default="columns")
    rows = models.PositiveIntegerField(default=0)
    rows_seen = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)  # new, changed, same, …
    problems = models.JSONField(default=list)  # row, column, what is wrong
    examples = models.JSONField(default=dict)  # who is new, what changes from what to what, what is left as it is
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True)  # when somebody last gave the word: to check it, to take it over
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)  # the last sign of the worker that does it; empty until one begins
    over_at = models.DateTimeField(null=True)
    unfound = models.JSONField(default=list)  # people whom it changed, and whom the search does not know like that yet

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["school", "-at"], name="import_by_time")]

    def __str__(self) -> str:
        return self.name
