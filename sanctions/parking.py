"""A letter whose PDF cannot be made is set aside with the reason, so that the others go on."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from conduct.models import User
from letters import characters, drafting, press
from sanctions import ladder, packs
from sanctions.ladder import Refusal
from sanctions.models import CaseLetter
from sanctions.standing import Refused, permit

Made = TypeVar("Made")
OUT_OF_ORDER = "No letter can be made at this moment. Nothing was changed; tell whoever looks after Conduct."


def why_not(lost: Exception) -> str:
    """Why a PDF could not be made, in words for whoever looks at it."""
    if isinstance(lost, press.OutOfOrder):
        return OUT_OF_ORDER
    return f"The PDF could not be made. {lost}" if isinstance(lost, press.Stopped) else str(lost)


def made_or_parked(case_letter: CaseLetter, make: Callable[[], Made], *, by: User | None, at: datetime) -> Made:
    """What `make` gives: the letter issued, or its PDF. `make` undoes its own changes when it fails, as a transaction does.

    When the press stops at it, the letter is set aside and Refused says why; `by` is whose doing it was, if anybody's.
    """
    try:
        return make()
    except press.OutOfOrder as broken:
        case_letter.letter.refresh_from_db()
        raise Refused([Refusal("cannot-be-made", OUT_OF_ORDER)]) from broken
    except press.Stopped as stopped:
        letter = case_letter.letter
        drafting.park(letter, stopped.why, by=by, at=at)
        letter.refresh_from_db()  # it had its number in memory already
        words = f"The PDF of this letter could not be made. {stopped.why} It is set aside; what helps is on its page."
        raise Refused([Refusal("cannot-be-made", words, "letter")]) from stopped


def try_again(case_letter: CaseLetter, make: Callable[[], object], *, by: User, at: datetime) -> None:
    """Make the PDF of a letter that was set aside: it goes on if that succeeds now. Raises Refused."""
    if case_letter.letter.kind in ladder.PACKS:
        packs.permit_making(case_letter.case.school, case_letter.letter.kind, by=by, at=at)
    else:
        permit(by, case_letter.case.school, "issue_letter", at)
    try:
        made_or_parked(case_letter, make, by=by, at=at)
    except characters.CannotPrint as lost:
        raise Refused([Refusal("cannot-be-made", str(lost), "letter")]) from lost
    drafting.take_up(case_letter.letter, by=by, at=at)
