"""A draft approved as it stands by the one in whose name it goes: bound to what it says, so that any change asks again.

The rule is `approved-as-it-stands`. What follows from the day and way of sending is not part of it (letter_facts.OF_SENDING).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from conduct import audit
from conduct.models import User
from letters.models import Approval, Letter
from sanctions.ladder import Refusal
from sanctions.letter_facts import digest_of, facts_of, look_of
from sanctions.models import CaseLetter
from sanctions.standing import Refused, locked, permit


def digest_now(case_letter: CaseLetter, at: datetime) -> str:
    """The digest of what a draft says at this moment. How it is sent makes no difference to it."""
    facts = facts_of(case_letter, method="post", sent_at=at, at=at)
    return digest_of(case_letter, facts, look_of(case_letter))


@dataclass(frozen=True)
class Standing:
    """Where the approval of a draft stands: the digest of what it says now, and the last approval, of that or of what was."""

    digest: str
    last: Approval | None

    @property
    def given(self) -> bool:
        return self.last is not None and self.last.digest == self.digest

    @property
    def changed(self) -> bool:
        return self.last is not None and not self.given


def standing(case_letter: CaseLetter, at: datetime) -> Standing:
    """What the page of a draft shows. What was approved once counts again when a change is taken back."""
    digest = digest_now(case_letter, at)
    mine = list(Approval.objects.filter(letter=case_letter.letter_id, by=case_letter.signs).select_related("by"))
    same = [each for each in mine if each.digest == digest]
    return Standing(digest, (same or mine or [None])[-1])


# A draft whose signatory has approved it, and has not been asked again since.
APPROVED = Exists(
    Approval.objects.filter(
        Q(by=OuterRef("case_letter__decision__by")) | Q(by=OuterRef("case_letter__signatory")), letter=OuterRef("pk")
    ).filter(
        Q(at__gte=OuterRef("approval_asked_at"))
        | Exists(Letter.objects.filter(pk=OuterRef("letter"), approval_asked_at=None))
    )
)


def to_approve(drafts: QuerySet[Letter], user: User) -> QuerySet[Letter]:
    """Those of these drafts that go out in the user's name and wait for their approval."""
    return drafts.filter(in_name_of(user)).exclude(APPROVED)


def in_name_of(user: User) -> Q:
    """Letters that go out in the user's name."""
    return Q(case_letter__decision__by=user) | Q(case_letter__signatory=user)


@transaction.atomic
def ask_again(case_letter: CaseLetter, *, by: User, at: datetime) -> None:
    """Put a draft that has changed before its signatory again: it stands on their Today."""
    permit(by, case_letter.case.school, "issue_letter", at)
    locked(case_letter.case)
    letter = case_letter.letter
    letter.refresh_from_db()
    if letter.is_issued:
        raise Refused([Refusal("issued-is-final", f"{letter.reference} is issued already.")])
    letter.approval_asked_at, letter.approval_asked_by = at, by
    letter.save(update_fields=["approval_asked_at", "approval_asked_by"])
    audit.record("ask_approval", by=by, at=at, school=letter.school, about=f"letter {letter.pk}")


def hold(case_letter: CaseLetter) -> None:
    """Lock the case of a draft; what was changed in the draft while one waited for that stands in it afterwards."""
    case_letter.case = locked(case_letter.case)
    case_letter.refresh_from_db(fields=["chosen", "signatory"])
    case_letter.letter.refresh_from_db()


def asked_by_change(drafts: QuerySet[Letter], *, by: User, at: datetime) -> int:
    """Put those of these drafts that were approved before their signatories again, since they may say something else now.

    How many they are. Issuing judges by what is said alone: a change that is taken back leaves the approval standing.
    """
    waiting = drafts.filter(APPROVED, issued_at=None).values_list("pk", flat=True)
    return Letter.objects.filter(pk__in=list(waiting)).update(approval_asked_at=at, approval_asked_by=by)


@transaction.atomic
def asked_when_refused(case_letter: CaseLetter, refused: Refused, *, by: User, at: datetime) -> None:
    """A draft that was refused because it has changed since it was approved stands before its signatory again."""
    if "approved-as-it-stands" in {refusal.rule for refusal in refused.refusals}:
        letter = case_letter.letter
        if asked_by_change(Letter.objects.filter(pk=letter.pk), by=by, at=at):
            audit.record("ask_approval", by=by, at=at, school=letter.school, about=f"letter {letter.pk}")


def stands(case_letter: CaseLetter, facts: dict[str, Any], look: dict[str, str], signer: User) -> bool:
    """Whether the signatory has approved exactly this."""
    digest = digest_of(case_letter, facts, look)
    return Approval.objects.filter(letter=case_letter.letter_id, by=signer, digest=digest).exists()


def sign(case_letter: CaseLetter, *, by: User, at: datetime) -> None:
    """Put one's name to a draft as it stands now. Of somebody who does not sign it, nothing is kept."""
    if by.pk == case_letter.signs.pk:
        keep(case_letter, digest_now(case_letter, at), by=by, at=at)


@transaction.atomic
def approve(case_letter: CaseLetter, *, by: User, at: datetime, digest: str) -> Approval:
    """Approve a draft; `digest` is that of what was looked at. Raises Refused when it is another by now, or not theirs."""
    permit(by, case_letter.case.school, "approve_letter", at)
    hold(case_letter)
    if case_letter.letter.is_issued:
        raise Refused([Refusal("issued-is-final", f"{case_letter.letter.reference} is issued already.")])
    if by.pk != case_letter.signs.pk:
        name = case_letter.signs.name
        raise Refused([Refusal("signer-allowed", f"It goes out in the name of {name}: they approve it.", "letter")])
    if digest != digest_now(case_letter, at):
        text = "What it says has changed since you opened it. Read it again as it stands now, then approve it."
        raise Refused([Refusal("approved-as-it-stands", text, "approval")])
    return keep(case_letter, digest, by=by, at=at)


def keep(case_letter: CaseLetter, digest: str, *, by: User, at: datetime) -> Approval:
    letter = case_letter.letter
    made = Approval.objects.create(letter=letter, digest=digest, by=by, at=at)
    audit.record(
        "approve_letter", by=by, at=at, school=letter.school, about=f"letter {letter.pk}",
        changes={"kind": letter.kind, "digest": digest},
    )  # fmt: skip
    return made
