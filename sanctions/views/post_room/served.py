"""How an issued letter reached the person, for its page: each time it left, what hangs on that, and what may be done."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from conduct.roles import may
from conduct.templatetags.words import day_and_time, long_day
from letters.models import Letter, Sending
from sanctions import contents, copies, hanging
from sanctions.forms.post_room import METHOD_LABELS, CameBackForm, EmailForm, SentForm
from sanctions.models import CaseLetter

TONES = {"waiting": "wait", "going": "wait", "doubt": "stop", "failed": "stop"}


def issued_part(request: HttpRequest, case_letter: CaseLetter, *, sees: bool) -> dict[str, Any]:
    """The parts of the page of an issued letter; whoever `sees` may see where it goes."""
    row = case_letter.letter
    sendings = list(row.sendings.select_related("scan", "by", "returned_by"))
    may_post = may(request.roles, "post_letter")
    context: dict[str, Any] = {
        "other_size": copies.other_size(row),
        "sendings": [sending_shown(s, may_post=may_post, at=request.at, sees=sees) for s in sendings],
        "hanging": hanging.hanging(case_letter),
        "replaced": row.superseded_by.filter(issued_at__isnull=False).exists(),
    }
    under_way = any(s.stage in Sending.UNDER_WAY for s in sendings)
    if not may_post or under_way or (context["replaced"] and row.posted_at):
        return context
    context["again"] = row.posted_at is not None
    context["sent_form"] = SentForm(letter=row, at=request.at)
    if to := contents.of_recipient(row).get("recipient_email"):
        context |= {
            "email_form": EmailForm(initial={"to": to}, prefix="email"),
            "email_to": to,
            "email_moved": email_moved(row, to),
        }
    return context


def email_moved(row: Letter, to: str) -> str:
    """The address that the letter was issued with, where it is another by now."""
    was = str(row.facts.get("recipient_email") or "")
    return was if was and was != to else ""


def sending_shown(sending: Sending, *, may_post: bool, at: datetime, sees: bool) -> dict[str, Any]:
    """One time that the letter left, or was to leave, and what may be recorded of it."""
    back = sending.came_back_on is not None
    takes = sending.stage == "left" and may_post
    return {
        "row": sending,
        "title": f"{METHOD_LABELS[sending.method]}, {day_and_time(sending.sent_at or sending.at)}",
        "word": "Came back" if back else sending.get_stage_display(),
        "tone": "stop" if back else TONES.get(sending.stage, "go"),
        "lines": lines_of(sending, sees=sees),
        "back_form": CameBackForm(sending=sending, at=at, prefix=f"back{sending.pk}") if takes and not back else None,
        "takes_scan": takes,
        "shows_scan": sees and sending.scan is not None,
    }


def lines_of(sending: Sending, *, sees: bool) -> list[str]:
    """Proof, address, what the mail server said, the return: a line each, as far as there is something to say.

    To whom a protected address is not shown, what the server said is not either: it names the address.
    """
    address = (f"To {sending.to_email}", sending.outcome) if sees else ("To (a protected address)",)
    proof = sending.get_proof_display() if sending.stage == "left" and sending.proof != "accepted" else ""
    back = f"Came back on {long_day(sending.came_back_on)}" if sending.came_back_on else ""
    again = f"Next try {day_and_time(sending.next_try_at)}" if sending.next_try_at and sending.tries else ""
    lines = [
        (proof, sending.proof_note),
        address if sending.to_email else (sending.outcome,),
        (f"Message id {sending.message_id.strip('<>')}" if sending.message_id else "",),
        (again,),
        (back, sending.came_back_why),
        (f"Recorded by {sending.by}, {day_and_time(sending.at)}",),
    ]
    return [" · ".join(part for part in line if part) for line in lines if any(line)]
