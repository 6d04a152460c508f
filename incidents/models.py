"""What happened: incidents as logged, the accounts given of them, and the facts as found."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from conduct.models import Adoption, KeptFile, Person, School

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


class IncidentQuerySet(models.QuerySet["Incident"]):
    def counting(self) -> "IncidentQuerySet":
        """Those that no standing mark takes out: the rules look at these alone."""
        return self.exclude(Exists(Mark.objects.filter(incident=OuterRef("pk"), undone_at=None)))


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
    # Whoever logs it may not have been there: then this is who was, staff by their account, anybody else by name.
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="for a colleague",
    )
    on_behalf_name = models.CharField("for somebody else", max_length=120, blank=True)
    # One form, one incident of each person: a double click or a retry carries the same token.
    token = models.UUIDField(unique=True, null=True, editable=False)
    event = models.UUIDField(null=True, editable=False)  # the same for all whom one form told of
    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        indexes = [
            models.Index(fields=["school", "-occurred_at", "-id"], name="incident_by_time"),
            models.Index(fields=["school", "-logged_at", "-id"], name="incident_by_logging"),
            models.Index(fields=["school", "severity", "-occurred_at", "-id"], name="incident_by_severity"),
            models.Index(fields=["school", "place", "-occurred_at", "-id"], name="incident_by_place"),
            models.Index(fields=["school", "online_is", "-occurred_at", "-id"], name="incident_by_online"),
            models.Index(fields=["logged_by", "-occurred_at", "-id"], name="incident_by_logger"),
            models.Index(fields=["subject", "logged_at"], name="incident_by_person"),
            models.Index(fields=["event"], name="incident_by_event", condition=Q(event__isnull=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["school", "reference"], name="incident_reference_once")]

    def __str__(self) -> str:
        return self.reference

    @property
    def reporters(self) -> frozenset[int]:
        """Whose word it is: whoever logged it, and the colleague for whom they did."""
        return frozenset({self.logged_by_id, self.on_behalf_of_id} - {None})

    @property
    def told_by(self) -> str:
        """Who was there, where whoever logged it was not; else nothing."""
        return str(self.on_behalf_of or self.on_behalf_name)

    @property
    def clause_ids(self) -> list[str]:
        return [c.clause for c in self.clauses.all()]

    @property
    def finding(self) -> "Finding | None":
        """The finding that stands: the latest. Uses what was prefetched."""
        return max(self.findings.all(), key=lambda f: (f.at, f.pk), default=None)

    @property
    def mark(self) -> "Mark | None":
        """The mark that takes the incident out of what counts, while it stands. Uses what was prefetched."""
        return next((m for m in self.marks.all() if m.undone_at is None), None)

    @property
    def counts(self) -> bool:
        """Whether the rules look at it: a marked incident stays readable and counts for none."""
        return self.mark is None


# What is done at once after an incident and nothing else records.
STEPS = [
    ("head_told", "The head has been told"),
    ("recording_kept", "The recording is kept, or was asked for"),
    ("nobody_hurt", "Nobody was hurt"),
]


class Step(models.Model):
    """One of the first things to do after an incident, done: when, and who said so."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=14, choices=STEPS)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind"],
                name="step_once_an_incident",
                violation_error_message="This is recorded already.",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class IncidentClause(models.Model):
    """A clause of the code that the incident is said to breach; U35 may be added by the program itself."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="clauses")
    clause = models.CharField(max_length=8)
    by_program = models.BooleanField(default=False)

    class Meta:
        ordering = ["clause"]
        indexes = [models.Index(fields=["clause", "incident"], name="incident_by_clause")]
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


class Draft(models.Model):
    """What somebody has typed of an incident and not saved yet. Theirs alone; gone when it is saved or thrown away."""

    school = models.ForeignKey(School, models.CASCADE, related_name="+")
    token = models.UUIDField(unique=True)  # of the form: the incident made of it carries it on
    answers = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-saved_at", "-pk"]
        indexes = [models.Index(fields=["by", "school", "-saved_at"], name="draft_by_user")]

    def __str__(self) -> str:
        return f"draft of {self.by}"


class DraftFile(models.Model):
    """A file given with what is not saved yet; it becomes evidence with it."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    file = models.ForeignKey(KeptFile, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.file)


class Evidence(models.Model):
    """A file that shows what happened. Put in by mistake it is marked so, with the reason; it is never deleted."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="evidence")
    file = models.ForeignKey(KeptFile, models.PROTECT, related_name="evidence")
    note = models.CharField("what it shows", max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "file"], name="evidence_once_an_incident"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                name="evidence_withdrawn_whole",
                violation_error_message="Evidence taken out says when, by whom and why.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.file)


class Correction(models.Model):
    """What is to be added to the text as logged, or put right in it: beside it, never in its place."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="corrections")
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="correction_says_something")]

    def __str__(self) -> str:
        return self.text


MARKS = [
    ("wrong", "Logged wrongly: another person, twice, or not at all so"),
    ("withdrawn", "Withdrawn by whoever reported it"),
]


class Mark(models.Model):
    """An incident that does not count any more, and why. It stays readable; the mark can be taken back."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=9, choices=MARKS)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(undone_at=None),
                name="one_standing_mark_an_incident",
                violation_error_message="This incident is marked already.",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="mark_has_reason"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="mark_undone_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def said(self) -> str:
        """The mark as it stands in a sentence: "logged wrongly"."""
        return {"wrong": "logged wrongly", "withdrawn": "withdrawn by whoever reported it"}[self.kind]


TREATMENTS = [
    ("none", "None needed"),
    ("first_aid", "First aid here"),
    ("doctor", "Seen by a doctor"),
    ("hospital", "Hospital"),
]


class Injury(models.Model):
    """Somebody of the staff was hurt in an incident: what, and how long it keeps them from work. Health: few see it.

    Whether the injury rules ask for a report (RIDDOR 2013) is computed from it, never stored.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="injuries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120, blank=True)  # of somebody who has no account here
    what = models.TextField("what was hurt")
    treatment = models.CharField(max_length=9, choices=TREATMENTS)
    specified = models.BooleanField("a broken bone, or another of the gravest injuries", default=False)
    away_from = models.DateField("first day away from their usual work", null=True, blank=True)
    back_on = models.DateField("back at their usual work on", null=True, blank=True)
    reported_on = models.DateField("reported under the injury rules on", null=True, blank=True)
    report_reference = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, name="") | (Q(user=None) & ~Q(name="")), name="injury_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(back_on=None) | Q(back_on__gt=models.F("away_from")),
                name="injury_away_runs_forward",
                violation_error_message="They are back before they were away.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.name}: {self.what}"


class CheckIn(models.Model):
    """A talk with somebody whom an incident touched: arranged for a day, then held."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="check_ins")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120, blank=True)  # of somebody who has no account here
    due_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["due_on"], condition=Q(done_at=None), name="check_in_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, name="") | (Q(user=None) & ~Q(name="")), name="check_in_with_somebody"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="check_in_done_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.name} on {self.due_on}"


class OutcomeTold(models.Model):
    """Whoever reported an incident has been told, or has read, what came of it."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="outcomes_told")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120, blank=True)  # of somebody who has no account here
    what = models.TextField()
    how = models.CharField("how they were told", max_length=120, blank=True)  # of somebody who has no account here
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, name="") | (Q(user=None) & ~Q(name="")), name="outcome_told_somebody"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user or self.name}: {self.what}"
