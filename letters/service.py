"""Issuing and sending: a letter gets its number and its final bytes, is printed, and is proved to have been sent."""

import hashlib
from datetime import date, datetime
from typing import Any

from conduct import audit
from conduct.models import User, next_reference
from letters import binding, letterhead, rendering
from letters.models import Document, Letter, Sending, Wording


def freeze(
    letter: Letter,
    *,
    facts: dict[str, Any],
    look: dict[str, str],
    version: Wording | None,
    by: User,
    signed_by: User,
    method: str,
    sent_at: datetime,
    at: datetime,
) -> None:
    """Make a draft final: its number, facts and look, its exact bytes and their SHA-256. The database refuses a second time.

    `facts` lacks the reference, which is given here; `version` is that of the texts. Raises what `press.letter` raises.
    """
    letter.reference = next_reference(letter.school, "L", at)
    letter.facts = facts | {"reference": letter.reference}
    letter.look = look
    letter.wording = version
    letter.document = keep(binding.printed(letter.kind, letter.facts, look=letterhead.seen(look)))
    letter.parked_at, letter.parked_why = None, ""
    letter.template_version = rendering.TEMPLATE_VERSION
    letter.method, letter.sent_at, letter.signed_by = method, sent_at, signed_by
    letter.issued_at, letter.issued_by = at, by
    letter.save()
    audit.record(
        "issue_letter",
        by=by,
        at=at,
        school=letter.school,
        about=letter.reference,
        changes={"kind": letter.kind, "method": method, "sha256": letter.document.sha256, "signed_by": signed_by},
    )


def keep(content: bytes) -> Document:
    """Keep these bytes once."""
    digest = hashlib.sha256(content).hexdigest()
    return Document.objects.get_or_create(sha256=digest, defaults={"content": content})[0]


def record_sent(
    letter: Letter, *, by: User, at: datetime, sent_at: datetime, method: str, proof: str, note: str
) -> None:
    """How and when the letter really left: what its day of receipt is computed from."""
    sending = Sending(letter=letter, method=method, sent_at=sent_at, proof=proof, proof_note=note.strip(), at=at, by=by)
    sending.save(force_insert=True)
    has_left(sending, at=at)


def has_left(sending: Sending, *, at: datetime) -> None:
    """A letter has left: from now on what its receipt is computed from is this, unless a later one stands already."""
    letter = sending.letter
    was = {"sent_at": letter.sent_at, "method": letter.method}
    letter.posted_at, letter.posted_by = at, sending.by
    letter.save(update_fields=["posted_at", "posted_by"])
    settle(letter)
    audit.record(
        "post_letter",
        by=sending.by,
        at=at,
        school=letter.school,
        about=letter.reference,
        changes={
            "sent_at": [was["sent_at"], sending.sent_at],
            "method": [was["method"], sending.method],
            "proof": sending.proof,
        },
    )


def record_back(sending: Sending, *, by: User, at: datetime, on: date, why: str) -> None:
    """A letter that left has come back."""
    sending.came_back_on, sending.came_back_why = on, why.strip()
    sending.returned_at, sending.returned_by = at, by
    sending.save(update_fields=["came_back_on", "came_back_why", "returned_at", "returned_by"])
    settle(sending.letter)
    audit.record(
        "letter_came_back",
        by=by,
        at=at,
        school=sending.letter.school,
        about=sending.letter.reference,
        changes={"on": on, "why": sending.came_back_why, "sent_at": sending.sent_at, "method": sending.method},
    )


def settle(letter: Letter) -> None:
    """Which time that it left counts: the latest that has not come back; where each has, that it is back."""
    gone = list(letter.sendings.filter(stage="left").order_by("sent_at", "pk"))
    there = [s for s in gone if s.came_back_on is None]
    if there:
        letter.sent_at, letter.method, letter.came_back_on = there[-1].sent_at, there[-1].method, None
        letter.sent_again = there[-1].pk != gone[0].pk
    elif gone:
        letter.came_back_on = max(s.came_back_on for s in gone if s.came_back_on)
    letter.save(update_fields=["sent_at", "method", "came_back_on", "sent_again"])


class DamagedLetter(RuntimeError):
    """The kept PDF of an issued letter is no longer the one that was issued. Nothing is served in its place."""


def kept_bytes(letter: Letter) -> bytes:
    """The bytes of an issued letter, exactly as kept. Raises DamagedLetter when they do not match their SHA-256."""
    assert letter.document is not None
    pdf = bytes(letter.document.content)
    if hashlib.sha256(pdf).hexdigest() != letter.document.sha256:
        raise DamagedLetter(f"{letter.reference}: the kept PDF does not match its SHA-256 {letter.document.sha256}")
    return pdf
