"""The post room's queue: which letters wait to be issued, printed and sent."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from conduct.calendar import LONDON
from conduct.models import School
from letters import runs
from letters.models import Letter, Sending
from sanctions import approvals, correspondence, ladder, notices

POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})\b")


TOLD_LATER = Exists(correspondence.told_later(OuterRef("case_letter__measure"), OuterRef("case_letter__decision")))
REVIEWED = Exists(notices.reviewed_since(OuterRef("case_letter__measure"), OuterRef("drafted_at")))
OVERTAKEN = Q(TOLD_LATER) | (Q(kind="review_notice") & REVIEWED)


# A pack is made, read and passed on by those who see its case: the post room has nothing to do with it.
OF_THE_POST_ROOM = ~Q(kind__in=sorted(ladder.PACKS))


def fitting() -> Q:
    """Drafts whose measure still stands where a letter of their kind may be issued; the others are no longer needed."""
    wanted = Q()
    for kind, tells in ladder.LETTER_KINDS.items():
        for verb, states in tells.verbs.items():
            stands = Q(case_letter__decision__verb=verb, case_letter__measure__state__in=[s.value for s in states])
            wanted |= Q(kind=kind) & stands
    for kind, asks in ladder.UNDECIDED.items():
        stands = Q(case_letter__measure__state__in=[s.value for s in asks.states])
        if not asks.responses:
            stands = Q(case_letter__case__closed_at=None) | Q(case_letter__referral__isnull=False)
        wanted |= Q(kind=kind, case_letter__decision=None) & stands
    return Q(issued_at=None) & OF_THE_POST_ROOM & wanted & ~OVERTAKEN


REPLACED = Exists(Letter.objects.filter(supersedes=OuterRef("pk"), issued_at__isnull=False))
UNSENT = Q(issued_at__isnull=False, posted_at=None) & ~REPLACED & OF_THE_POST_ROOM
# and nothing has taken its place
BACK = Q(posted_at__isnull=False, came_back_on__isnull=False) & OF_THE_POST_ROOM & ~REPLACED
# Where the email stands that the program is to send, as long as nobody knows what became of it.
EMAIL_STAGE = Subquery(Sending.objects.filter(letter=OuterRef("pk"), stage__in=Sending.UNDER_WAY).values("stage")[:1])
EMAIL_WORDS = {
    "waiting": ("Being emailed", "wait"),
    "going": ("Being emailed", "wait"),
    "doubt": ("May have been emailed", "stop"),
}
READY = Q(printed_at__isnull=False) | Q(method="email")  # an email needs no paper


@dataclass(frozen=True)
class Stage:
    """One stage of the queue: its address, what it is called, which letters stand in it, in which order."""

    key: str
    label: str
    holds: Q
    order: tuple[str, ...]
    nothing: str

    @property
    def moment(self) -> str:
        """The field whose day the letters of this stage are grouped by."""
        return self.order[0].removeprefix("-")


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see of a stage: one kind, one way of sending, one day; nothing said means all."""

    kind: str = ""
    method: str = ""
    day: date | None = None

    def __bool__(self) -> bool:
        return bool(self.kind or self.method or self.day)

    def of(self, stage: Stage) -> Q:
        said = {name: value for name, value in (("kind", self.kind), ("method", self.method)) if value}
        if self.day:
            begins = datetime.combine(self.day, time(), LONDON)
            said |= {f"{stage.moment}__gte": begins, f"{stage.moment}__lt": begins + timedelta(days=1)}
        return stage.holds & Q(**said)


EVERYTHING = Wanted()


PARKED = Q(parked_at__isnull=False)
DRAFTS = Stage("drafts", "Drafts", fitting(), ("drafted_at", "pk"), "")  # in two stages of the queue
STAGES = (
    Stage("to-issue", "To issue", fitting() & ~PARKED, ("drafted_at", "pk"), "No draft waits to be issued."),
    Stage(
        "not-made",
        "Could not be made",
        fitting() & PARKED,
        ("parked_at", "pk"),
        "The PDF of every letter could be made.",
    ),
    Stage("to-print", "To print", UNSENT & ~READY, ("issued_at", "pk"), "Every issued letter has been printed."),
    Stage("to-post", "To post", (UNSENT & READY) | BACK, ("issued_at", "pk"), "No letter waits to be sent."),
    Stage(
        "sent",
        "Sent",
        Q(posted_at__isnull=False) & ~BACK & OF_THE_POST_ROOM,
        ("-posted_at", "-pk"),
        "No letter has been sent yet.",
    ),
    Stage("all", "All", OF_THE_POST_ROOM, ("-drafted_at", "-pk"), "Letters appear here when a decision has been made."),
)
BY_KEY = {stage.key: stage for stage in STAGES}


def letters_in(stage: Stage, school: School, wanted: Wanted = EVERYTHING) -> QuerySet[Letter]:
    """The letters of a school in one stage, with what a row of the queue shows."""
    found = Letter.objects.filter(wanted.of(stage), school=school)
    return (
        found.select_related("recipient", "case_letter__measure", "case_letter__decision", "case_letter__case")
        .defer("facts")
        .annotate(
            overtaken=ExpressionWrapper(OVERTAKEN, BooleanField()),
            approved=approvals.APPROVED,
            email_stage=EMAIL_STAGE,
            replaced=REPLACED,
        )
        .order_by(*stage.order)
    )


def free_to_print(school: School, at: datetime, wanted: Wanted = EVERYTHING) -> QuerySet[Letter]:
    """The letters that are not printed yet and that nobody has in hand."""
    stage = BY_KEY["to-print"]
    held = Exists(runs.held(at).filter(letter=OuterRef("pk")))
    return Letter.objects.filter(~held, wanted.of(stage), school=school).order_by(*stage.order)


def counts(school: School, wanted: Wanted = EVERYTHING) -> dict[str, int]:
    """How many letters stand in each stage, in one query."""
    numbers = {stage.key.replace("-", "_"): Count("pk", filter=wanted.of(stage) or Q(pk__gt=0)) for stage in STAGES}
    found: dict[str, Any] = Letter.objects.filter(school=school).aggregate(**numbers)
    return {key.replace("_", "-"): number for key, number in found.items()}


def state_word(letter: Letter) -> tuple[str, str]:
    """Where a letter stands, as a word and its tone."""
    if letter.is_issued and (email := email_stage(letter)):
        return EMAIL_WORDS[email]
    if letter.came_back_on is not None:
        return ("Came back" if letter.posted_at else "Email failed"), "stop"
    if letter.posted_at is not None:
        return "Sent", "go"
    if letter.is_issued:
        if replaced(letter):
            return "Replaced", "plain"
        if letter.method == "email":
            return "To email", "wait"
        if letter.printed_at is None:
            return "To print", "wait"
        return ("To hand over" if letter.method == "hand" else "To post"), "wait"
    if not still_wanted(letter):
        return "No longer needed", "plain"
    if letter.parked_at is not None:
        return "Could not be made", "stop"
    return ("To issue" if approved(letter) else "To approve"), "wait"


def approved(letter: Letter) -> bool:
    """Whether its signatory has approved it, and has not been asked again since."""
    if hasattr(letter, "approved"):
        return bool(letter.approved)
    return Letter.objects.filter(approvals.APPROVED, pk=letter.pk).exists()


def replaced(letter: Letter) -> bool:
    """Whether an issued letter has taken its place."""
    if hasattr(letter, "replaced"):
        return bool(letter.replaced)
    return letter.superseded_by.filter(issued_at__isnull=False).exists()


def email_stage(letter: Letter) -> str:
    """Where the email stands that the program is to send with a letter, if one is under way."""
    if hasattr(letter, "email_stage"):
        return letter.email_stage or ""
    return letter.sendings.filter(stage__in=Sending.UNDER_WAY).values_list("stage", flat=True).first() or ""


def still_wanted(letter: Letter) -> bool:
    """Whether a draft may still be issued, as far as its row and its measure say."""
    about = letter.case_letter
    overtaken = letter.overtaken if hasattr(letter, "overtaken") else correspondence.overtaken(about)
    if about.decision is None:
        asks = ladder.UNDECIDED[letter.kind]
        if not asks.responses:
            return about.case.is_open or about.referral_id is not None
        return about.measure is not None and about.measure.state in asks.states and not overtaken
    states = ladder.LETTER_KINDS[letter.kind].verbs[about.decision.verb]
    return about.measure.state in states and not overtaken


def address_order(letter: Letter) -> tuple[bool, str, str, str, int]:
    """By postcode, then address, then name: as the envelopes lie. Letters without a postcode come last."""
    lines = [str(line) for line in letter.facts.get("recipient_address") or []]
    address = " ".join(lines).upper()
    codes = POSTCODE.findall(address)
    code = " ".join(codes[-1]) if codes else ""
    return (not code, code, address, str(letter.facts.get("recipient_name", "")).casefold(), letter.pk)
