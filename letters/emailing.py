"""A letter by email: the PDF as it is kept, with a few words that tell nothing of the case.

What the mail server said is one of three things: it has the letter; it has it not, now or for good; or the line went
dead while it was being handed over, and nobody knows.
"""

import smtplib
from contextlib import suppress
from email.utils import formataddr, make_msgid, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string

from letters import service
from letters.models import Letter

LONGEST = 300  # of what the mail server said


class NotTaken(Exception):
    """The mail server has not got it. `for_good`: it will not take it another time either."""

    def __init__(self, said: str, *, for_good: bool, unreachable: bool = False) -> None:
        super().__init__(said)
        self.said, self.for_good, self.unreachable = said, for_good, unreachable


class InDoubt(Exception):
    """The line went dead after the letter had begun to go over it."""


def new_id() -> str:
    """A message id: known before the email goes, so that the mail server's log can be asked about it."""
    return make_msgid(domain=parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or None)


def written(letter: Letter, *, to: str, message_id: str) -> EmailMessage:
    """The email around a letter. Raises DamagedLetter."""
    school = letter.school
    message = EmailMessage(
        subject=f"A letter from {school.name}",
        body=render_to_string("letters/email.txt", {"letter": letter, "school": school}),
        from_email=formataddr((school.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[to],
        reply_to=[school.email] if school.email else None,
        headers={"Message-ID": message_id},
    )
    message.attach(f"{letter.reference}.pdf", service.kept_bytes(letter), "application/pdf")
    return message


def hand_over(message: EmailMessage) -> None:
    """Give an email to the mail server. Raises NotTaken and InDoubt."""
    server = get_connection()
    try:
        server.open()
    except (smtplib.SMTPException, OSError) as problem:
        raise NotTaken(words(problem), for_good=False, unreachable=True) from problem
    try:
        taken = server.send_messages([message])
    except smtplib.SMTPRecipientsRefused as refused:
        code, said = next(iter(refused.recipients.values()))
        raise NotTaken(answer(code, said), for_good=code >= 500) from refused
    except smtplib.SMTPResponseException as refused:
        raise NotTaken(words(refused), for_good=refused.smtp_code >= 500) from refused
    except (smtplib.SMTPException, OSError) as dead:
        raise InDoubt(words(dead)) from dead
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.close()
    if not taken:
        raise NotTaken("The mail server took nothing", for_good=False)


def words(problem: Exception) -> str:
    """What went wrong, in the mail server's own words where it said something."""
    if isinstance(problem, smtplib.SMTPResponseException):
        return answer(problem.smtp_code, problem.smtp_error)
    return (str(problem) or type(problem).__name__)[:LONGEST]


def answer(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(text.split())}"[:LONGEST]
