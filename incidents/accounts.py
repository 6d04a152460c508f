"""Accounts of an incident: staff, witnesses and the person themselves, side by side."""

from datetime import datetime

from conduct import audit
from conduct.models import User
from incidents.models import Account, Incident


def record_account(
    incident: Incident, *, by: User, at: datetime, of: str, text: str = "", attempted: str = ""
) -> Account:
    """Add an account, or how the person was tried and not reached."""
    account = Account.objects.create(
        incident=incident, of=of, text=text.strip(), attempted=attempted.strip(), at=at, by=by
    )
    audit.record(
        "record_account",
        by=by,
        at=at,
        school=incident.school,
        about=incident.reference,
        changes={"of": of, "reached": bool(account.text)},
    )
    return account
