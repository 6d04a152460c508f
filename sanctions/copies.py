"""A copy of an issued letter in the other size of print, for whoever cannot read it as it was sent."""

from datetime import datetime

from django.db import transaction

from conduct import audit
from conduct.models import User
from letters import characters, letterhead, press, rendering
from letters.models import Letter
from sanctions import ladder, parking
from sanctions.ladder import Refusal
from sanctions.standing import Refused, permit


def other_size(letter: Letter) -> str:
    """In what size a copy would be made: "large print", or of a letter in large print "the usual size"."""
    if "large_print" not in letter.facts or letter.kind in ladder.PACKS:
        return ""  # a notice for the desk has one size, and so has a pack
    return "the usual size" if letter.facts["large_print"] else "large print"


@transaction.atomic
def in_other_size(letter: Letter, *, by: User, at: datetime) -> bytes:
    """The same facts in the other size, each page marked as a copy. It is not kept: the letter is what was issued.

    Raises Refused.
    """
    permit(by, letter.school, "post_letter", at)
    size = other_size(letter)
    if not letter.is_issued or not size:
        raise Refused(
            [Refusal("wrong-state", "Only an issued letter is copied: of a draft the next PDF is the first.")]
        )
    facts = letter.facts | {"large_print": not letter.facts["large_print"]}
    try:
        pdf = press.letter(letter.kind, facts, look=letterhead.seen(letter.look), copy=True)
    except (characters.CannotPrint, rendering.IncompleteLetter, press.Stopped, press.OutOfOrder) as stopped:
        raise Refused([Refusal("letter-complete", parking.why_not(stopped), "letter")]) from stopped
    audit.record("copy_letter", by=by, at=at, school=letter.school, about=letter.reference, changes={"size": size})
    return pdf
