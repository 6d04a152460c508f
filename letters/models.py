"""Letters: drafted from facts, frozen when issued, printed, and proved to have been sent."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from conduct.calendar import Computed, deemed_receipt
from conduct.models import KeptFile, Person, School
from letters.look import COLOUR

WHO = settings.AUTH_USER_MODEL

ENVELOPES = [("dl", "DL, the letter folded in three"), ("c5", "C5, the letter folded once")]
METHODS = [("post", "First-class post"), ("hand", "By hand"), ("email", "Email")]
PROOFS = [
    ("certificate", "Certificate of posting"),
    ("signed_for", "Signed-for number"),
    ("handed_over", "Handed over in person"),
    ("sent_email", "Sent email kept"),
    ("accepted", "Accepted by the mail server"),
    ("none", "No proof kept"),
]


def run_path(run: "Run", name: str) -> str:
    """Where the file of a run lies: under a name that nobody can guess."""
    return f"runs/{run.school_id}/{uuid.uuid4().hex}.pdf"


class Document(models.Model):
    """The exact bytes of an issued letter, or of a picture printed in one, kept once for each content."""

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.sha256[:12]


class Letterhead(models.Model):
    """How a school's letters look. An issued letter keeps the look that it was issued with."""

    school = models.OneToOneField(School, models.CASCADE, related_name="letterhead")
    logo = models.ForeignKey(KeptFile, models.PROTECT, null=True, blank=True, related_name="+")
    logo_printed = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    logo_words = models.CharField("the logo in words", max_length=120, blank=True)
    colour = models.CharField("colour of lines and headings", max_length=7, default=COLOUR)
    address = models.TextField("address block", blank=True, help_text="Left empty, the address under School.")
    footer = models.CharField("at the foot of every page", max_length=200, blank=True)
    envelope = models.CharField(max_length=3, choices=ENVELOPES, default="dl")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"letterhead of {self.school}"


class Signature(models.Model):
    """The picture of somebody's signature, printed in the letters that they have approved."""

    school = models.ForeignKey(School, models.PROTECT, related_name="signatures")
    user = models.ForeignKey(WHO, models.PROTECT, related_name="signatures")
    picture = models.ForeignKey(KeptFile, models.PROTECT, related_name="+")
    printed = models.ForeignKey(Document, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "user"],
                condition=Q(withdrawn_at=None),
                name="one_signature_a_signatory",
                violation_error_message="There is a signature of this person already: take it out first.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="signature_withdrawn_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"signature of {self.user}"


class Wording(models.Model):
    """A school's own paragraphs for one kind of letter; a change makes a further version, and none is ever changed."""

    school = models.ForeignKey(School, models.PROTECT, related_name="wordings")
    kind = models.CharField(max_length=24)
    number = models.PositiveSmallIntegerField()  # 1, 2, … of this school and kind
    texts = models.JSONField(default=dict)  # paragraph to text; what is not there is the starter's
    note = models.CharField("what was changed, and why", max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "kind", "number"],
                name="one_wording_a_number",
                violation_error_message="Somebody else saved a version of this text meanwhile.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}, version {self.number}"


class WordingChecked(models.Model):
    """The school says that somebody competent has looked at the texts of a kind as they stood: their digest."""

    school = models.ForeignKey(School, models.PROTECT, related_name="wordings_checked")
    kind = models.CharField(max_length=24)
    digest = models.CharField(max_length=64)
    checked_by = models.CharField("who looked at it", max_length=120, help_text="A solicitor, the trust's lawyers.")
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["school", "kind", "digest"], name="wording_checked")]

    def __str__(self) -> str:
        return f"{self.kind} looked at by {self.checked_by}"


class Letter(models.Model):
    """One letter to one person, or to an authority.

    A draft has no reference and no document. Issuing gives it both, freezes the facts it was made of, and from then on
    the database refuses to change anything but how it was printed and sent.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="letters")
    recipient = models.ForeignKey(Person, models.PROTECT, null=True, related_name="letters")
    addressee = models.CharField("authority or desk", max_length=200, blank=True)  # in place of a person
    kind = models.CharField(max_length=24)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(WHO, models.PROTECT, related_name="+")
    # The two passages that the school words itself; everything else comes from the case, the terms and the settings.
    account = models.TextField("what happened, in neutral words", blank=True)
    extra = models.TextField("a paragraph of your own", blank=True)
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")

    reference = models.CharField(max_length=20, blank=True)
    facts = models.JSONField(default=dict)
    look = models.JSONField(default=dict)  # the letterhead and signature that it was issued with
    wording = models.ForeignKey(Wording, models.PROTECT, null=True, related_name="letters")  # none: the starters
    template_version = models.CharField(max_length=40, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="letters")
    signed_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")

    approval_asked_at = models.DateTimeField(null=True)  # of its signatory, because it has changed since they gave it
    approval_asked_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")
    parked_at = models.DateTimeField(null=True)  # its PDF could not be made, and why
    parked_why = models.CharField(max_length=300, blank=True)

    # How it goes, or went: of a letter that was sent more than once the latest. `Sending` keeps each of them.
    method = models.CharField(max_length=5, choices=METHODS, blank=True)
    sent_at = models.DateTimeField(null=True)
    sent_again = models.BooleanField(default=False)  # what counts is not the first time that it left
    came_back_on = models.DateField(null=True)  # or could not be delivered; and it has not been sent again since
    printed_at = models.DateTimeField(null=True)
    printed_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")
    posted_at = models.DateTimeField(null=True)
    posted_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-drafted_at", "-pk"]
        indexes = [
            models.Index(fields=["school", "-issued_at", "-id"], name="letter_by_issue"),
            models.Index(
                fields=["school", "issued_at"],
                condition=Q(issued_at__isnull=False, posted_at=None),
                name="letter_to_post",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["school", "reference"], condition=~Q(reference=""), name="letter_reference_once"
            ),
            models.CheckConstraint(
                condition=Q(issued_at=None, issued_by=None, document=None, reference="")
                | (
                    Q(issued_at__isnull=False, issued_by__isnull=False, document__isnull=False, sent_at__isnull=False)
                    & Q(signed_by__isnull=False)
                    & ~Q(reference="")
                    & ~Q(method="")
                ),
                name="letter_draft_or_issued_whole",
                violation_error_message="A letter is a draft, or issued with its reference, signatory, method and document.",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=False, addressee="") | (Q(recipient=None) & ~Q(addressee="")),
                name="letter_to_one",
                violation_error_message="A letter goes to one person, or to one authority or desk.",
            ),
        ]

    def __str__(self) -> str:
        return self.reference or f"draft {self.kind}"

    @property
    def to(self) -> str:
        """To whom it goes, in words."""
        return str(self.recipient) if self.recipient else self.addressee

    @property
    def is_issued(self) -> bool:
        return self.issued_at is not None

    @property
    def received(self) -> Computed | None:
        """The day of deemed receipt and how it was computed; nothing for a draft, or a letter that came back."""
        return None if self.came_back_on else self.due_there

    @property
    def receipts(self) -> list[Computed]:
        """Every day on which it counts as received: of a letter sent twice both, without what came back."""
        left = [s for s in self.sendings.all() if s.sent_at]
        if not left:
            return [self.received] if self.received else []
        return [deemed_receipt(s.method, s.sent_at) for s in left if s.sent_at and s.came_back_on is None]

    @property
    def due_there(self) -> Computed | None:
        """The same as if it had not come back."""
        return deemed_receipt(self.method, self.sent_at) if self.sent_at else None


class Approval(models.Model):
    """The signatory has seen a draft as it stands and puts their name to it: bound to the digest of what it says."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="approvals")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.letter} approved by {self.by}"


class Sending(models.Model):
    """One time that an issued letter left the school: how, with what proof, and whether it came back.

    An email that the program sends itself waits first, and is claimed by one worker. What the mail server takes has left;
    where nobody knows whether it did, a person says so. Until one of them is through, no other is begun.
    """

    STAGES = [
        ("left", "Sent"),
        ("waiting", "Waits to be emailed"),
        ("going", "Being emailed"),
        ("doubt", "May have been emailed"),
        ("failed", "Could not be emailed"),
        ("stopped", "Stopped before it was emailed"),
    ]
    UNDER_WAY = ("waiting", "going", "doubt")

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="sendings")
    method = models.CharField(max_length=5, choices=METHODS)
    sent_at = models.DateTimeField(null=True)  # none: an email that waits to be sent
    proof = models.CharField(max_length=12, choices=PROOFS, blank=True)
    proof_note = models.CharField("number, or who handed it to whom", max_length=120, blank=True)
    to_email = models.EmailField(blank=True)
    scan = models.ForeignKey(KeptFile, models.PROTECT, null=True, blank=True, related_name="+")
    scanned_at = models.DateTimeField(null=True)
    scanned_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")
    # of an email that the program sends itself
    stage = models.CharField(max_length=7, choices=STAGES, default="left")
    claimed_at = models.DateTimeField(null=True)  # by a worker, to send it
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)  # none: nothing is left to be tried
    outcome = models.CharField(max_length=300, blank=True)  # what the mail server said
    message_id = models.CharField(max_length=200, blank=True)
    came_back_on = models.DateField(null=True)
    came_back_why = models.CharField(max_length=200, blank=True)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(WHO, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [
            models.Index(fields=["next_try_at"], name="sending_to_try", condition=Q(next_try_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(returned_at=None, returned_by=None, came_back_on=None)
                | Q(returned_at__isnull=False, returned_by__isnull=False, came_back_on__isnull=False),
                name="sending_returned_whole",
            ),
            models.CheckConstraint(
                condition=Q(scan=None, scanned_at=None, scanned_by=None)
                | Q(scan__isnull=False, scanned_at__isnull=False, scanned_by__isnull=False),
                name="sending_scanned_whole",
            ),
            models.CheckConstraint(
                condition=Q(stage="left", sent_at__isnull=False) | (~Q(stage="left") & Q(sent_at=None)),
                name="sending_left_with_its_time",
            ),
            models.UniqueConstraint(
                fields=["letter"],
                condition=Q(stage__in=["waiting", "going", "doubt"]),
                name="one_email_of_a_letter_under_way",
                violation_error_message="An email with this letter is on its way already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.get_method_display()}"


class Run(models.Model):
    """Several letters taken in hand at once by one person: to be issued, or to be printed as one PDF."""

    WORKS = [("issue", "Issue"), ("print", "Print")]
    STAGES = [
        ("waiting", "Waiting"),
        ("working", "Working"),
        ("ready", "Ready"),
        ("closed", "Done"),
        ("failed", "Failed"),
    ]

    school = models.ForeignKey(School, models.PROTECT, related_name="letter_runs")
    work = models.CharField(max_length=5, choices=WORKS)
    stage = models.CharField(max_length=7, choices=STAGES, default="waiting")
    duplex = models.BooleanField("printed on both sides", default=False)
    file = models.FileField(upload_to=run_path, max_length=120, blank=True)  # the PDF for the printer, for a day
    why = models.CharField(max_length=300, blank=True)  # it failed
    made = models.PositiveSmallIntegerField(default=0)  # so many of its letters the worker has been through
    claimed_at = models.DateTimeField(null=True)  # by a worker, who has said so last at that moment
    at = models.DateTimeField()
    by = models.ForeignKey(WHO, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["school", "-at", "-id"], name="run_by_time"),
            models.Index(fields=["stage", "at"], name="run_to_do", condition=Q(stage__in=["waiting", "working"])),
        ]

    def __str__(self) -> str:
        return f"{self.get_work_display()} {self.at:%Y-%m-%d %H:%M}"


class RunLetter(models.Model):
    """A letter of a run. While it is held, no other run takes it."""

    FATES = [
        ("held", "In hand"),
        ("done", "Done"),
        ("put_back", "Put back"),
        ("stale", "Not confirmed in time"),
        ("failed", "Failed"),
    ]

    run = models.ForeignKey(Run, models.CASCADE, related_name="parts")
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="in_runs")
    place = models.PositiveSmallIntegerField()  # in the order of the addresses: 1, 2, …
    fate = models.CharField(max_length=8, choices=FATES, default="held")
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                fields=["letter"],
                condition=Q(fate="held"),
                name="letter_in_one_hand",
                violation_error_message="Somebody else has this letter in hand.",
            ),
            models.UniqueConstraint(fields=["run", "letter"], name="letter_once_a_run"),
        ]

    def __str__(self) -> str:
        return f"{self.letter} in {self.run}"
