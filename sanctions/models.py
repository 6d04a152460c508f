"""What the school did: cases, measures and their terms, decisions, hearing, referrals, tasks.

The rows record what happened and when. Whether a ban is in force today, by when a reply is due or when a ban lapses is
computed from them (`sanctions.dates`), never stored a second time.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from conduct.models import Adoption, Person, Pupil, School, User
from incidents.models import Incident
from letters.models import Letter
from sanctions.branches import STEP_LABELS
from sanctions.ladder import RESPONSES
from sanctions.states import LIVE_BAN, State

WHO = settings.AUTH_USER_MODEL
FOLLOW_STEPS = list(STEP_LABELS.items())
RESPONSE_CHOICES = [(key, label) for key, label in RESPONSES.items()]
METHODS = [
    ("email", "Email"),
    ("telephone", "Telephone"),
    ("letter", "Letter"),
    ("meeting", "Meeting arranged through the office"),
    ("app", "Message in the school app"),
    ("talk", "A brief talk at the end of the day"),
    ("website", "School website"),
]
CLOSABLE = [
    ("telephone", "Telephone calls"),
    ("email", "Email"),
    ("app", "Messages in the school app"),
    ("meetings", "Meetings without appointment"),
    ("social_media", "The school's social media"),
]


class Case(models.Model):
    """What the school has open, or had, with one person. A person has at most one open case."""

    school = models.ForeignKey(School, models.PROTECT, related_name="cases")
    person = models.ForeignKey(Person, models.PROTECT, related_name="cases")
    reference = models.CharField(max_length=20)
    incidents = models.ManyToManyField(Incident, through="CaseIncident", related_name="cases")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(WHO, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")
    close_reason = models.TextField(blank=True)
    # When and why the case came before the chair of governors, who sees no other.
    put_before_chair_at = models.DateTimeField(null=True)
    put_before_chair_why = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [
            models.Index(fields=["school", "-opened_at", "-id"], name="case_by_time"),
            models.Index(fields=["school", "-opened_at", "-id"], name="case_open", condition=Q(closed_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["school", "reference"], name="case_reference_once"),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(closed_at=None),
                name="one_open_case_a_person",
                violation_error_message="This person has an open case already.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, close_reason="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(close_reason="")),
                name="case_closed_whole",
                violation_error_message="A closed case says when, by whom and why.",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class CaseIncident(models.Model):
    """An incident stands in exactly one case."""

    case = models.ForeignKey(Case, models.PROTECT)
    incident = models.OneToOneField(Incident, models.PROTECT, related_name="in_case")

    def __str__(self) -> str:
        return f"{self.incident} in {self.case}"


class Measure(models.Model):
    """One response to a case, from its proposal to its end. Only `sanctions.measures.move` writes its state."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="measures")
    person = models.ForeignKey(Person, models.PROTECT, related_name="measures")
    adoption = models.ForeignKey(Adoption, models.PROTECT, related_name="+")
    response = models.CharField(max_length=20, choices=RESPONSE_CHOICES)
    opening = models.CharField(
        max_length=11, blank=True, choices=[("provisional", "Provisional ban"), ("intent", "Notice of intent")]
    )
    state = models.CharField(max_length=13, choices=[(s.value, s.label) for s in State], default=State.PROPOSED)
    state_at = models.DateTimeField()
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(WHO, models.PROTECT, related_name="+")
    severity_reason = models.TextField(blank=True)
    lesser_options = models.TextField(blank=True)
    served_at = models.DateTimeField(null=True)  # when the letter that puts it to the person was first issued
    due_on = models.DateField(null=True)  # the next day on which the sweeper must look at it

    class Meta:
        ordering = ["proposed_at", "pk"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(due_on__isnull=False), name="measure_due"),
            models.Index(fields=["person", "response", "state"], name="measure_by_person"),
            models.Index(fields=["state", "response", "case"], name="measure_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(response="site_ban", state__in=sorted(s.value for s in LIVE_BAN)),
                name="one_live_ban_a_person",
                violation_error_message="A ban of this person is already proposed or running.",
            ),
            models.CheckConstraint(
                condition=Q(response="site_ban", opening__in=["provisional", "intent"])
                | (~Q(response="site_ban") & Q(opening="")),
                name="ban_has_opening",
                violation_error_message="A ban opens as a provisional ban or with a notice of intent.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_response_display()} ({self.case_id})"


class Terms(models.Model):
    """The terms of a measure as somebody set them; a change makes a new row."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="terms")
    starts = models.DateField("in force from", null=True, blank=True)
    ends = models.DateField("last day", null=True, blank=True)
    review_on = models.DateField("review on", null=True, blank=True)
    latest_decision_on = models.DateField("decided by, at the latest", null=True, blank=True)
    scope = models.TextField("where it applies", blank=True)
    exceptions = models.TextField(blank=True)
    contact_who = models.CharField("whom to contact", max_length=120, blank=True)
    contact_methods = models.JSONField("by which methods", default=list, blank=True)
    closes = models.JSONField("what it closes", default=list, blank=True)
    when = models.CharField("day and time", max_length=120, blank=True)
    where = models.CharField("place", max_length=120, blank=True)
    attends = models.CharField("who attends", max_length=200, blank=True)
    ways = models.JSONField("purpose, method and member of staff", default=list, blank=True)  # of a plan
    deputy = models.CharField("deputy", max_length=120, blank=True)
    cap = models.CharField("at most", max_length=200, blank=True)
    reply_days = models.PositiveSmallIntegerField("school days to answer", null=True, blank=True)

    def __str__(self) -> str:
        return f"terms of {self.measure_id}"


class Handover(models.Model):
    """How one child is brought and collected while the ban lasts."""

    terms = models.ForeignKey(Terms, models.CASCADE, related_name="handovers")
    pupil = models.ForeignKey(Pupil, models.PROTECT, related_name="+")
    arrangement = models.TextField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["terms", "pupil"], name="one_handover_a_pupil")]

    def __str__(self) -> str:
        return f"{self.pupil}: {self.arrangement}"


class Decision(models.Model):
    """A decision about a measure: by whom, why, on what terms, with what thought of equality."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="decisions")
    verb = models.CharField(max_length=14)
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")
    reasons = models.TextField(blank=True)
    equality = models.TextField(blank=True)
    run_out = models.BooleanField(default=False)
    terms = models.ForeignKey(Terms, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.verb} of {self.measure_id}"


class CaseLetter(models.Model):
    """Which letter tells which decision of which case.

    Some tell no decision: they ask for an account, ask for views before a review, or put the case before an authority.
    """

    letter = models.OneToOneField(Letter, models.PROTECT, related_name="case_letter")
    case = models.ForeignKey(Case, models.PROTECT, related_name="case_letters")
    measure = models.ForeignKey(Measure, models.PROTECT, null=True, related_name="case_letters")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="case_letters")
    referral = models.ForeignKey("Referral", models.PROTECT, null=True, related_name="case_letters")
    # In whose name it goes where it tells no decision; the one who decided signs what does.
    signatory = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")
    # What whoever drafted it chose to tell, where that is not all: incidents, evidence and letters by id, what is asked.
    chosen = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision=None) | Q(measure__isnull=False),
                name="letter_tells_decision_of_measure",
                violation_error_message="A letter that tells a decision is about its measure.",
            ),
            models.CheckConstraint(
                condition=Q(decision=None, signatory__isnull=False) | Q(decision__isnull=False, signatory=None),
                name="letter_has_one_signatory",
                violation_error_message="A letter is signed by whoever took its decision, or by whoever is named for it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} of {self.case}"

    @property
    def signs(self) -> "User":
        """In whose name the letter goes."""
        signer = self.decision.by if self.decision else self.signatory
        assert signer is not None
        return signer


class Consultation(models.Model):
    """Chair or trust consulted on a proposal: who, when, how, their view; in person when they entered it themselves."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="consultations")
    consulted = models.ForeignKey(WHO, models.PROTECT, related_name="+")
    roles = models.JSONField(default=list)  # those that the one consulted held then
    how = models.CharField(max_length=80)
    view = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.consulted}: {self.view}"


class SignOff(models.Model):
    """Chair or trust put their own name to a long ban, up to a date."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="sign_offs")
    until = models.DateField("signed off up to")
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"up to {self.until}"


class Representation(models.Model):
    """What the person said to a ban; or that nothing came by the deadline."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="representations")
    text = models.TextField(blank=True)
    complete = models.BooleanField("they have said that this is all", default=False)
    none_received = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(none_received=True, text="", complete=False) | (Q(none_received=False) & ~Q(text="")),
                name="reply_or_none",
                violation_error_message="Write what they said, or record that nothing came.",
            )
        ]

    def __str__(self) -> str:
        return self.text or "none received"


class Answer(models.Model):
    """The written answer to everything the person had said so far."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="answers")
    last_reply = models.ForeignKey(Representation, models.PROTECT, null=True, related_name="+")  # it answers up to this
    points = models.TextField("what they said, in short", blank=True)
    text = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text


class Telling(models.Model):
    """The person was told in words that a ban is in force."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="tellings")
    how = models.TextField("how they were told")
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.how


class MeetingRecord(models.Model):
    """What became of a meeting: held, missed or turned down; the notes, agreed or not; mediation offered."""

    measure = models.OneToOneField(Measure, models.PROTECT, related_name="meeting_record")
    outcome = models.CharField(max_length=11)
    notes = models.TextField(blank=True)
    notes_are = models.CharField(
        "the notes are",
        max_length=8,
        blank=True,
        choices=[("agreed", "Agreed by both sides"), ("disputed", "Disputed"), ("sent", "Sent, no answer yet")],
    )
    mediation = models.BooleanField("mediation was offered", default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.outcome


class Contact(models.Model):
    """The person got in touch while a communication plan applied. Counted against its cap; over it is shown, no more."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="contacts")
    method = models.CharField(max_length=40, choices=METHODS)
    text = models.TextField("what it was about", blank=True)
    on = models.DateField("day on which they got in touch")
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["on", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_method_display()} on {self.on}"


class Follow(models.Model):
    """How a side branch went on: a post captured, asked about, taken down; mediation offered, held, agreed."""

    measure = models.ForeignKey(Measure, models.PROTECT, related_name="follows")
    step = models.CharField(max_length=12, choices=FOLLOW_STEPS)
    where = models.CharField("address of the post", max_length=500, blank=True)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.where or self.note}"


class Referral(models.Model):
    """The matter put before police, trust, lawyers or the Local Authority; or the head's reason for not telling the police."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="referrals")
    to = models.CharField(
        max_length=15,
        choices=[
            ("police", "Police"),
            ("trust", "Trust"),
            ("legal", "Legal advice"),
            ("local_authority", "Local Authority"),
        ],
    )
    reference = models.CharField(max_length=80, blank=True)
    not_because = models.TextField("why the police are not told", blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")
    outcome = models.TextField(blank=True)
    outcome_at = models.DateTimeField(null=True)
    outcome_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(~Q(reference="") & Q(not_because="")) | (Q(reference="", to="police") & ~Q(not_because="")),
                name="referred_or_why_not",
                violation_error_message="Give the reference (or 'none given'), or say why the police are not told.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_to_display()}: {self.reference or self.not_because}"


class Task(models.Model):
    """Something that somebody must do about a case. At most one of a kind is open in a case at a time."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=20)
    measure = models.ForeignKey(Measure, models.PROTECT, null=True, related_name="tasks")
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["case", "due_on"], condition=Q(closed_at=None), name="task_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(closed_at=None), name="one_open_task_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.case_id}"


class Prepared(models.Model):
    """A decision prepared and not yet made: what was typed, kept on the server, and what the pre-flight list ticks off."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="prepared")
    verb = models.CharField(max_length=14)
    data = models.JSONField(default=dict)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["measure", "verb"], name="one_preparation_a_verb")]

    def __str__(self) -> str:
        return f"{self.verb} prepared"


class Appointment(models.Model):
    """A time at which somebody may come although a ban or a plan says otherwise: a meeting, a parents' evening."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="appointments")
    begins = models.DateTimeField()
    until = models.DateTimeField()
    place = models.CharField("where", max_length=120)
    with_whom = models.CharField("with whom", max_length=120)
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["begins", "pk"]
        indexes = [models.Index(fields=["case", "until"], name="appointment_by_case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=models.F("begins")),
                name="appointment_runs_forward",
                violation_error_message="The appointment ends before it begins.",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="appointment_cancelled_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.begins:%Y-%m-%d %H:%M}, {self.place}"
