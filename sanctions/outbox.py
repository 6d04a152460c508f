"""The emails that carry letters: claimed by one worker, given to the mail server once, and recorded.

The row is the truth; the message to the worker holds its number only, and the minute's sweep finds what was left lying.
A claim is a conditional update whose count says who was quicker, so nothing is sent twice. Between sending and recording
lies the one moment of which nobody can know: what is found there is marked as in doubt, and a person says what happened.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from conduct import audit
from conduct.calendar import local_date
from conduct.celery import app
from letters import emailing, service
from letters.models import Letter, Sending
from sanctions import contents, diary
from sanctions.models import CaseLetter
from sanctions.standing import locked

log = logging.getLogger(__name__)
Now = Callable[[], datetime]

TASK = "sanctions.tasks.email_letter"
AGAIN_AFTER = (timedelta(minutes=5), timedelta(minutes=30))  # then it is tried once more, and no further
SILENT_AFTER = timedelta(minutes=10)  # then the worker that had it is dead
AT_ONCE = 10  # emails in one sweep: a mail server that answers slowly must not hold up the next
ACCEPTED = "Accepted by the mail server."


def tell(pk: int) -> None:
    """Tell a worker of an email. A broker that is down must not fail the request."""
    try:
        app.send_task(TASK, (pk,), retry=False)
    except Exception as lost:  # each transport raises errors of its own, and every one of them means the same here
        log.warning("The broker took no message (%s): email %s waits for the next sweep.", lost, pk)


def due(at: datetime) -> "QuerySet[Sending]":
    return Sending.objects.filter(stage="waiting", next_try_at__lte=at)


def deliver(pk: int, *, now: Now) -> str:
    """Send an email that is due, if nobody else does: what became of it, or nothing where there was nothing to do."""
    at = now()
    claim = {"stage": "going", "claimed_at": at, "next_try_at": None, "tries": F("tries") + 1}
    if not due(at).filter(pk=pk).update(**claim, message_id=emailing.new_id()):
        return ""
    sending = Sending.objects.select_related("letter__school", "letter__document", "by").get(pk=pk)
    if why := obstacle(sending):
        return not_taken(sending, emailing.NotTaken(why, for_good=True), at=at)
    try:
        message = emailing.written(sending.letter, to=sending.to_email, message_id=sending.message_id)
        emailing.hand_over(message)
    except emailing.NotTaken as refused:
        return not_taken(sending, refused, at=now())
    except service.DamagedLetter as damaged:
        log.exception("A letter cannot be emailed")
        return not_taken(sending, emailing.NotTaken(str(damaged), for_good=True), at=now())
    except emailing.InDoubt as dead:
        return in_doubt(held(sending), f"The line went dead while it was being sent: {dead}")
    record(sending, at=now())
    return "left"


def obstacle(sending: Sending) -> str:
    """Why an email must not go out any more, whatever was right when it was asked for; else nothing."""
    later = sending.letter.superseded_by.filter(issued_at__isnull=False).first()
    if later is not None:
        return f"It was not sent: {later.reference} has replaced this letter."
    if sending.to_email != contents.of_recipient(sending.letter).get("recipient_email", ""):
        return "It was not sent: the person’s address was changed after it was looked at."
    return ""


def held(sending: Sending) -> "QuerySet[Sending]":
    """The email, while it is this worker's."""
    return Sending.objects.filter(pk=sending.pk, stage="going", claimed_at=sending.claimed_at)


@transaction.atomic
def record(sending: Sending, *, at: datetime) -> None:
    """The mail server has it. Found in doubt meanwhile, it is so no more; what a person has settled stays."""
    about = CaseLetter.objects.select_related("case", "measure").get(letter=sending.letter_id)
    locked(about.case)
    mine = Sending.objects.filter(pk=sending.pk, stage__in=["going", "doubt"], claimed_at=sending.claimed_at)
    if not mine.exists():
        return
    sending.letter = Letter.objects.select_related("school").get(pk=sending.letter_id)
    taken(sending, sent_at=at, at=at, outcome=ACCEPTED)
    if about.measure is not None and about.measure.response == "site_ban":
        diary.served_anew(about.measure, at=at)


def taken(sending: Sending, *, sent_at: datetime, at: datetime, outcome: str) -> None:
    """An email has left; its case is locked."""
    sending.stage, sending.sent_at, sending.proof, sending.outcome = "left", sent_at, "accepted", outcome
    sending.save(update_fields=["stage", "sent_at", "proof", "outcome"])
    service.has_left(sending, at=at)


def not_taken(sending: Sending, refused: emailing.NotTaken, *, at: datetime) -> str:
    """Refused, or nobody was there: it is tried again a little later, or has failed."""
    if not refused.for_good and sending.tries <= len(AGAIN_AFTER):
        held(sending).update(stage="waiting", next_try_at=at + AGAIN_AFTER[sending.tries - 1], outcome=refused.said)
        return "unreachable" if refused.unreachable else "waiting"
    fail(sending, refused.said, at=at)
    return "failed"


@transaction.atomic
def fail(sending: Sending, said: str, *, at: datetime) -> None:
    """The letter did not reach the person this way; if it did in no other, it counts as come back."""
    about = CaseLetter.objects.select_related("case", "measure").get(letter=sending.letter_id)
    locked(about.case)
    if not held(sending).update(stage="failed", outcome=said):
        return
    letter = Letter.objects.select_related("school").get(pk=sending.letter_id)
    hidden = letter.recipient is not None and letter.recipient.is_protected()  # what the server said names the address
    told = {} if hidden else {"said": said}
    audit.record("email_failed", by=None, at=at, school=letter.school, about=letter.reference, changes=told)
    if not letter.sendings.filter(stage="left").exists():
        letter.came_back_on = local_date(at)
        letter.save(update_fields=["came_back_on"])
        if about.measure is not None and about.measure.response == "site_ban":
            diary.served_anew(about.measure, at=at)


def in_doubt(emails: "QuerySet[Sending]", why: str) -> str:
    emails.update(stage="doubt", outcome=why[: emailing.LONGEST])
    return "doubt"


def sweep(at: datetime, *, now: Now) -> int:
    """Send what waits, and mark what a dead worker had in its hand; how many were sent or tried."""
    in_doubt(
        Sending.objects.filter(stage="going", claimed_at__lt=at - SILENT_AFTER),
        "The program stopped while it was being sent.",
    )
    tried = 0
    for pk in list(due(at).order_by("next_try_at", "pk").values_list("pk", flat=True)[:AT_ONCE]):
        fate = deliver(pk, now=now)
        tried += bool(fate)
        if fate == "unreachable":
            break
    return tried
