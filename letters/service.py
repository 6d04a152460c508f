"""Issuing and sending: a letter gets its number and its final bytes, is printed, and is proved to have been sent."""

import hashlib
from datetime import datetime
from typing import Any

from conduct import audit
from conduct.models import User, next_reference
from letters import letterhead, press, rendering, wording
from letters.models import Document, Letter, Sending


def freeze(
    letter: Letter,
    *,
    facts: dict[str, Any],
    look: dict[str, str],
    by: User,
    signed_by: User,
    method: str,
    sent_at: datetime,
    at: datetime,
) -> None:
    """Make a draft final: its number, facts and look, its exact bytes and their SHA-256. The database refuses a second time.

    `facts` lacks the reference, which is given here. Raises what `press.letter` raises.
    """
    letter.reference = next_reference(letter.school, "L", at)
    letter.facts = facts | {"reference": letter.reference}
    letter.look = look
    letter.wording = wording.in_force(letter.school, letter.kind)
    letter.document = keep(press.letter(letter.kind, letter.facts, look=letterhead.seen(look)))
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
    was = {"sent_at": letter.sent_at, "method": letter.method}
    Sending.objects.create(
        letter=letter, method=method, sent_at=sent_at, proof=proof, proof_note=note.strip(), at=at, by=by
    )
    letter.sent_at, letter.method, letter.came_back_on = sent_at, method, None
    letter.posted_at, letter.posted_by = at, by
    letter.save(update_fields=["sent_at", "method", "came_back_on", "posted_at", "posted_by"])
    audit.record(
        "post_letter",
        by=by,
        at=at,
        school=letter.school,
        about=letter.reference,
        changes={"sent_at": [was["sent_at"], sent_at], "method": [was["method"], method], "proof": proof},
    )


class DamagedLetter(RuntimeError):
    """The kept PDF of an issued letter is no longer the one that was issued. Nothing is served in its place."""


def kept_bytes(letter: Letter) -> bytes:
    """The bytes of an issued letter, exactly as kept. Raises DamagedLetter when they do not match their SHA-256."""
    assert letter.document is not None
    pdf = bytes(letter.document.content)
    if hashlib.sha256(pdf).hexdigest() != letter.document.sha256:
        raise DamagedLetter(f"{letter.reference}: the kept PDF does not match its SHA-256 {letter.document.sha256}")
    return pdf
