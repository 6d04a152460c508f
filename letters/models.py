"""Letters: drafted from facts, frozen when issued, printed, and proved to have been sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from conduct.calendar import Computed, deemed_receipt
from conduct.models import Person, School

METHODS = [("post", "First-class post"), ("hand", "By hand"), ("email", "Email")]
PROOFS = [
    ("certificate", "Certificate of posting"),
    ("signed_for", "Signed-for number"),
    ("handed_over", "Handed over in person"),
    ("sent_email", "Sent email kept"),
    ("none", "No proof kept"),
]


class Document(models.Model):
    """The exact bytes of an issued letter, kept once for each content."""

    sha256 = models.CharField(max_length=64, unique=True)
    pdf = models.BinaryField()

    def __str__(self) -> str:
        return self.sha256[:12]


class Letter(models.Model):
    """One letter to one person.

    A draft has no reference and no document. Issuing gives it both, freezes the facts it was made of, and from then on
    the database refuses to change anything but how it was printed and sent.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="letters")
    recipient = models.ForeignKey(Person, models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=24)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # The two passages that the school words itself; everything else comes from the case, the terms and the settings.
    account = models.TextField("what happened, in neutral words", blank=True)
    extra = models.TextField("a paragraph of your own", blank=True)
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="superseded_by")

    reference = models.CharField(max_length=20, blank=True)
    facts = models.JSONField(default=dict)
    template_version = models.CharField(max_length=40, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="letters")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(null=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    method = models.CharField(max_length=5, choices=METHODS, blank=True)
    sent_at = models.DateTimeField(null=True)
    printed_at = models.DateTimeField(null=True)
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    posted_at = models.DateTimeField(null=True)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proof = models.CharField(max_length=12, choices=PROOFS, blank=True)
    proof_note = models.CharField("number, or who handed it to whom", max_length=120, blank=True)

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
        ]

    def __str__(self) -> str:
        return self.reference or f"draft {self.kind}"

    @property
    def is_issued(self) -> bool:
        return self.issued_at is not None

    @property
    def received(self) -> Computed | None:
        """The day of deemed receipt and how it was computed; nothing for a draft."""
        if self.sent_at is None:
            return None
        return deemed_receipt(self.method, self.sent_at)
