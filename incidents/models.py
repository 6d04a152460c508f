"""What happened: incidents as logged, the accounts given of them, and the facts as found."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from conduct.models import Adoption, Person, School

SEVERITY_LABELS = [("minor", "Minor"), ("serious", "Serious"), ("criminal", "Possibly criminal")]
PLACES = [
    ("site", "On the school site"),
    ("telephone", "Telephone"),
    ("email", "Email"),
    ("letter", "Letter"),
    ("message", "Message or school app"),
    ("social_media", "Social media"),
    ("other", "Somewhere else"),
]
# Online clauses ask whether it is conduct at all: criticism of a school is allowed, and its code must not silence it.
CONDUCT, CRITICISM = "conduct", "criticism"
ONLINE_IS = [
    (CONDUCT, "Conduct: abuse, a threat, a lie about somebody, pictures of pupils"),
    (CRITICISM, "Only criticism of the school, however harsh or unfair"),
]
ONLINE_SEEMS = [*ONLINE_IS, ("unsure", "Not sure yet")]
ACCOUNT_OF = [("staff", "Member of staff"), ("witness", "Witness"), ("subject", "The person themselves")]


class Incident(models.Model):
    """One person's alleged conduct on one occasion, in the words of whoever logged it. Its text is final.

    Two people in one event are two incidents: each is alleged, heard and found by itself.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="incidents")
    adoption = models.ForeignKey(Adoption, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=20)
    subject = models.ForeignKey(Person, models.PROTECT, related_name="incidents")
    logged_at = models.DateTimeField()
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    place = models.CharField(max_length=12, choices=PLACES)
    narrative = models.TextField()
    severity = models.CharField(max_length=8, choices=SEVERITY_LABELS)
    danger = models.BooleanField("an immediate threat to safety", default=False)
    within_exception = models.BooleanField("was here within an exception to a ban", default=False)
    ended_interaction = models.BooleanField("ended the conversation", default=False)
    asked_to_leave = models.BooleanField("asked to leave", default=False)
    online_is = models.CharField("conduct, or only criticism?", max_length=9, choices=ONLINE_SEEMS, blank=True)
    harmed = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    # One form, one incident: a double click or a retry carries the same token.
    token = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        indexes = [
            models.Index(fields=["school", "-occurred_at", "-id"], name="incident_by_time"),
            models.Index(fields=["subject", "logged_at"], name="incident_by_person"),
        ]
        constraints = [models.UniqueConstraint(fields=["school", "reference"], name="incident_reference_once")]

    def __str__(self) -> str:
        return self.reference

    @property
    def clause_ids(self) -> list[str]:
        return [c.clause for c in self.clauses.all()]

    @property
    def finding(self) -> "Finding | None":
        """The finding that stands: the latest. Uses what was prefetched."""
        return max(self.findings.all(), key=lambda f: (f.at, f.pk), default=None)


class IncidentClause(models.Model):
    """A clause of the code that the incident is said to breach; U35 may be added by the program itself."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="clauses")
    clause = models.CharField(max_length=8)
    by_program = models.BooleanField(default=False)

    class Meta:
        ordering = ["clause"]
        constraints = [models.UniqueConstraint(fields=["incident", "clause"], name="clause_once_an_incident")]

    def __str__(self) -> str:
        return self.clause


class Witness(models.Model):
    """Somebody who saw or heard it. Their name never goes into a letter."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="witnesses")
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """What somebody says happened; or how the person themselves was tried and not reached."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="accounts")
    of = models.CharField("whose account", max_length=8, choices=ACCOUNT_OF)
    text = models.TextField(blank=True)
    attempted = models.TextField("how we tried to reach them", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(~Q(text="") & Q(attempted="")) | (Q(text="", of="subject") & ~Q(attempted="")),
                name="account_or_attempt",
                violation_error_message="Write the account, or, for the person themselves, how you tried to reach them.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_of_display()}: {self.text or self.attempted}"


class Finding(models.Model):
    """The facts as found, clause by clause, on the balance of probabilities. The latest one stands."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="findings")
    upheld = models.JSONField(default=list)  # clause ids; none upheld dismisses the incident
    reason = models.TextField(blank=True)
    online_is = models.CharField("conduct, or only criticism?", max_length=9, choices=ONLINE_IS, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(upheld=[]) | ~Q(reason=""),
                name="dismissal_has_reason",
                violation_error_message="Say why nothing is upheld.",
            )
        ]

    def __str__(self) -> str:
        return ", ".join(self.upheld) or "dismissed"


class Reclassification(models.Model):
    """A change of severity after logging, with its reason."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="reclassifications")
    was = models.CharField(max_length=8, choices=SEVERITY_LABELS)
    now = models.CharField(max_length=8, choices=SEVERITY_LABELS)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.was} to {self.now}"
