"""The letterhead of a school: as it stands now, as JSON that an issued letter keeps, and as the press needs it.

The JSON holds what differs from the plain look, and of a picture the SHA-256 of the bytes that print. These are kept like
documents, once for each content and for ever: so a letter can be made again after the logo has changed.
"""

from base64 import b64encode
from collections.abc import Mapping

from conduct.models import School, User
from letters.look import PLAIN, Look
from letters.models import Document, Letterhead, Signature

WORDS = ("colour", "address", "footer", "envelope")
PICTURES = ("logo", "signature")
PNG = b"\x89PNG"


def current(school: School, signs: User | None = None) -> dict[str, str]:
    """How a letter would look if it were issued now in somebody's name, pictures by the SHA-256 of their kept bytes."""
    head = (
        Letterhead.objects.filter(school=school).select_related("logo_printed").defer("logo_printed__content").first()
    )
    return as_json(head, signature_of(school, signs) if signs else None)


def as_json(head: Letterhead | None, signature: Signature | None = None) -> dict[str, str]:
    """A letterhead, saved or not, and a signature."""
    look: dict[str, str] = {}
    if head is not None:
        look = {name: getattr(head, name) for name in WORDS}
        if head.logo_printed is not None:
            look |= {"logo": head.logo_printed.sha256, "logo_words": head.logo_words or f"Logo of {head.school.name}"}
    if signature is not None:
        look["signature"] = signature.printed.sha256
    return {name: value for name, value in look.items() if value != getattr(PLAIN, name)}


def signature_of(school: School, user: User) -> Signature | None:
    """The picture of a signature that letters in this person's name bear."""
    standing = Signature.objects.filter(school=school, user=user, withdrawn_at=None)
    return standing.select_related("printed").defer("printed__content").first()


def seen(look: Mapping[str, str]) -> Look:
    """The same as the press needs it, with the pictures themselves."""
    wanted = {look[name] for name in PICTURES if name in look}
    kept = {row.sha256: bytes(row.content) for row in Document.objects.filter(sha256__in=wanted)} if wanted else {}
    return Look(**{**look, **{name: as_data(kept[look[name]]) for name in PICTURES if name in look}})


def as_data(picture: bytes) -> str:
    """A picture as the address of itself, so that nothing outside the page is reached for it."""
    kind = "png" if picture.startswith(PNG) else "jpeg"
    return f"data:image/{kind};base64,{b64encode(picture).decode('ascii')}"
