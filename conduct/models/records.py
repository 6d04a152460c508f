"""What the program keeps of its own work: the audit, the heartbeat of the scheduler, and the lists that somebody saved."""

from django.db import models

from conduct.models.schools import School
from conduct.models.users import User


class AuditRow(models.Model):
    """One thing that was done or looked at: who, when, what, from what to what. Never changed, never deleted.

    `case_ref` and `about` name the thing in words a reader knows (C-2026-0042), not by table and key, so that the row
    still says what it means when the thing itself has been disposed of.
    """

    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+")
    deed = models.CharField(max_length=40)
    about = models.CharField(max_length=80)
    changes = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["school", "-at"], name="audit_by_time"),
            models.Index(fields=["about", "at"], name="audit_by_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by or 'the program'}: {self.deed} {self.about}"


class Heartbeat(models.Model):
    """When the scheduler last ran: what `/healthz` and the banner on every page look at."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"


class SavedView(models.Model):
    """A list as somebody likes to see it: its filters and its order, under a name of their own."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    school = models.ForeignKey(School, models.CASCADE, related_name="+")
    page = models.CharField(max_length=20)  # which list
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "school", "page", "name"],
                name="one_saved_view_a_name",
                violation_error_message="You have a view of that name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name
