"""How an issued letter reaches the person: each time it left, what proves it, and whether it came back.

Whatever is recorded moves the dates that hang on its receipt, and says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from conduct import audit, files
from conduct.calendar import local_date, words
from conduct.models import KeptFile, User
from conduct.roles import MAY, may
from conduct.titles import whom
from letters import service
from letters.models import Letter, Sending
from sanctions import contents, diary, ladder, outbox
from sanctions.contents import long
from sanctions.dates import BanRecord
from sanctions.ladder import Refusal
from sanctions.models import CaseLetter, Measure
from sanctions.situation import dates_of, with_history
from sanctions.standing import Refused, locked, permit, titles_at

DATED = {"site_ban", *ladder.PLANS}  # what falls due hangs on when their letters were issued
UNDER_WAY = {
    "waiting": "An email with this letter waits to be sent: stop it first, or wait for what comes of it.",
    "going": "An email with this letter is being sent at this moment: see in a minute what came of it.",
    "doubt": "An email with this letter may have been sent, and nobody knows: say first whether it was.",
}


class Moved(NamedTuple):
    """A date that a letter's service moved."""

    what: str
    was: date | None
    now: date | None

    def __str__(self) -> str:
        was, now = (words(day) if day else "no day yet" for day in (self.was, self.now))
        return f"{self.what}: {was} → {now}"


class Service:
    """A letter in the hand of one person, and the dates that its service has moved."""

    def __init__(self, about: CaseLetter) -> None:
        self.about, self.letter = about, about.letter
        self.moved: list[Moved] = []


def permit_sending(letter: Letter, *, by: User, at: datetime) -> None:
    """Whoever posts letters; a pack passes on, also, whoever may make it: the post room does not see it."""
    roles, also = by.roles_at(letter.school, local_date(at)), ladder.PACKS.get(letter.kind, "")
    if not (also and may(roles, also)):
        permit(by, letter.school, "post_letter", at)


def refuse(text: str) -> Refused:
    return Refused([Refusal("wrong-state", text)])


@contextmanager
def served(letter: Letter, *, by: User | None, at: datetime) -> Iterator[Service]:
    """An issued letter, its case locked; afterwards what hangs on its receipt is looked at again. Raises Refused."""
    about = CaseLetter.objects.select_related("measure", "case__school").get(letter=letter)
    if by is not None:
        permit_sending(letter, by=by, at=at)
    about.case, about.letter = locked(about.case), letter
    letter.refresh_from_db()
    if not letter.is_issued:
        who = whom(titles_at(letter.school, at), MAY["issue_letter"])
        raise refuse(f"The letter is not issued yet: {who} issues it first.")
    dated = about.measure is not None and about.measure.response in DATED
    if dated:
        diary.sweep_case(about.case, at=at)  # what has fallen due, fell due on the dates as they were
    before, held = clocks(about.measure), Service(about)
    yield held
    if dated and about.measure is not None:
        about.measure.refresh_from_db()
        diary.served_anew(about.measure, at=at)
    after = clocks(about.measure)
    held.moved = [
        Moved(what, before.get(what), after.get(what)) for what in LABELS if before.get(what) != after.get(what)
    ]
    if held.moved:
        changes = {m.what: [m.was, m.now] for m in held.moved}
        audit.record("dates_moved", by=by, at=at, school=about.case.school, about=letter.reference, changes=changes)


LABELS = ("Last day for a reply", "Decide by")


def clocks(measure: Measure | None) -> dict[str, date | None]:
    """The dates of a ban that hang on when its opening letter was received."""
    if measure is None or measure.response != "site_ban":
        return {}
    fresh = with_history(Measure.objects.filter(pk=measure.pk)).select_related("case__school").get()
    record = dates_of(fresh, fresh.case.school.calendar)
    assert isinstance(record, BanRecord)
    if record.confirmation or not record.opening_letters:
        return {}
    return dict(zip(LABELS, (record.window.on if record.window else None, record.decision_by), strict=True))


def refuse_under_way(letter: Letter) -> None:
    """Of two ways at once nobody could say afterwards which one counted."""
    under_way = letter.sendings.filter(stage__in=Sending.UNDER_WAY).first()
    if under_way is not None:
        raise refuse(UNDER_WAY[under_way.stage])


def refuse_replaced(letter: Letter) -> None:
    later = letter.superseded_by.filter(issued_at__isnull=False).first()
    if later is not None:
        raise refuse(f"{later.reference} has replaced this letter: send that one.")


@transaction.atomic
def record_sent(
    letter: Letter, *, by: User, at: datetime, sent_at: datetime, method: str, proof: str = "", note: str = ""
) -> list[Moved]:
    """Record how and when an issued letter really left; dates that hang on its receipt move with it. Raises Refused."""
    with served(letter, by=by, at=at) as held:
        refuse_under_way(letter)
        if letter.posted_at is not None:
            raise refuse(f"It was recorded as sent on {long(local_date(letter.posted_at))}.")
        service.record_sent(letter, by=by, at=at, sent_at=sent_at, method=method, proof=proof, note=note)
    return held.moved


@transaction.atomic
def send_again(
    letter: Letter, *, by: User, at: datetime, sent_at: datetime, method: str, proof: str = "", note: str = ""
) -> list[Moved]:
    """Record that the same letter left once more, after it came back or beside the first: their time to reply starts again.

    Raises Refused.
    """
    with served(letter, by=by, at=at) as held:
        refuse_under_way(letter)
        refuse_replaced(letter)
        if letter.posted_at is None:
            raise refuse("It has not been marked as sent yet: do that first.")
        if letter.sendings.filter(stage="left", method=method, sent_at=sent_at).exists():
            raise refuse("That it left in this way at this time is recorded already.")
        service.record_sent(letter, by=by, at=at, sent_at=sent_at, method=method, proof=proof, note=note)
    return held.moved


@transaction.atomic
def came_back(sending: Sending, *, by: User, at: datetime, on: date, why: str) -> list[Moved]:
    """Record that a letter that had left came back: it counts as received no more. Raises Refused."""
    with served(sending.letter, by=by, at=at) as held:
        sending.refresh_from_db()
        sending.letter = held.letter
        if sending.sent_at is None:
            raise refuse("It has not left, so it cannot have come back.")
        if sending.came_back_on is not None:
            raise refuse(f"That it came back on {long(sending.came_back_on)} is recorded already.")
        if not local_date(sending.sent_at) <= on <= local_date(at):
            raise refuse(
                f"It left on {long(local_date(sending.sent_at))}: it came back on that day or later, up to today."
            )
        service.record_back(sending, by=by, at=at, on=on, why=why)
    return held.moved


@transaction.atomic
def keep_scan(sending: Sending, *, by: User, at: datetime, file: KeptFile) -> None:
    """Keep a picture or PDF of what proves that a letter left, in place of another one if there is one. Raises Refused."""
    letter = sending.letter
    permit_sending(letter, by=by, at=at)
    locked(CaseLetter.objects.select_related("case").get(letter=letter).case)
    sending.refresh_from_db()
    if sending.sent_at is None:
        raise refuse("It has not left yet: there is nothing to prove.")
    was = sending.scan
    sending.scan, sending.scanned_at, sending.scanned_by = files.record(file, by=by, at=at), at, by
    sending.save(update_fields=["scan", "scanned_at", "scanned_by"])
    told = files.told(file)
    if was is not None:
        told["in_place_of"] = was.sha256
        files.drop(was)
    audit.record("keep_proof", by=by, at=at, school=letter.school, about=letter.reference, changes=told)


# -- by email, sent by the program --------------------------------------------------------------------------------


@transaction.atomic
def email(letter: Letter, *, by: User, at: datetime, to: str) -> Sending:
    """Have the program email a letter; `to` is the address that was looked at. Raises Refused.

    It has left when the mail server has taken it, and not before.
    """
    with served(letter, by=by, at=at):
        refuse_under_way(letter)
        refuse_replaced(letter)
        refuse_address(letter, to)
        sending = Sending(letter=letter, method="email", to_email=to, stage="waiting", next_try_at=at, at=at, by=by)
        sending.save(force_insert=True)
        told = {} if is_protected(letter) else {"to": to}  # more people read the audit than see such an address
        audit.record("email_letter", by=by, at=at, school=letter.school, about=letter.reference, changes=told)
        transaction.on_commit(lambda: outbox.tell(sending.pk))
    return sending


def is_protected(letter: Letter) -> bool:
    return letter.recipient is not None and letter.recipient.is_protected()


def refuse_address(letter: Letter, to: str) -> None:
    now = contents.of_recipient(letter).get("recipient_email", "")
    if not now:
        text = "There is no email address. Add it to the person's details, or send the letter another way."
        raise Refused([Refusal("one-recipient", text, "person")])
    if to != now:
        text = f"Their address is {now} now: look at it again, then send the letter."
        raise Refused([Refusal("one-recipient", text, "person")])


@transaction.atomic
def stop_email(sending: Sending, *, by: User, at: datetime) -> None:
    """Stop an email that waits. Raises Refused when a worker has taken it, or it is gone."""
    with served(sending.letter, by=by, at=at):
        waiting = Sending.objects.filter(pk=sending.pk, stage="waiting")
        if not waiting.update(stage="stopped", next_try_at=None, outcome=f"Stopped by {by}."):
            raise refuse("It waits no more: see what came of it.")
        letter = sending.letter
        audit.record("stop_email", by=by, at=at, school=letter.school, about=letter.reference)


@transaction.atomic
def settle_doubt(sending: Sending, *, by: User, at: datetime, left: bool) -> list[Moved]:
    """Somebody has found out whether an email left of which nobody knew: it did, or it did not and is tried again.

    It is not sent where the letter has been replaced meanwhile, or the address changed: `outbox.deliver` looks at that
    each time. Raises Refused.
    """
    with served(sending.letter, by=by, at=at) as held:
        sending.refresh_from_db()
        sending.letter = held.letter
        if sending.stage != "doubt":
            raise refuse("This is settled already: see what came of it.")
        told = "it left" if left else "it did not leave"
        about = {"school": held.letter.school, "about": held.letter.reference}
        audit.record("settle_email", by=by, at=at, changes={"told": told}, **about)
        if left:
            outbox.taken(sending, sent_at=sending.claimed_at or at, at=at, outcome=f"{by} found out that it left.")
        else:
            doubtful = Sending.objects.filter(pk=sending.pk)
            doubtful.update(stage="waiting", next_try_at=at, tries=0, outcome=f"{by} found out that it did not leave.")
            transaction.on_commit(lambda: outbox.tell(sending.pk))
    return held.moved
