"""Referrals: the matter put before police, trust, lawyers or the Local Authority; sent, acknowledged, answered."""

from datetime import datetime

from django.db import transaction

from conduct import audit
from conduct.calendar import local_date, words
from conduct.models import Person, User
from sanctions import cases, duties
from sanctions.inquiry import report_significant
from sanctions.ladder import Refusal
from sanctions.models import Referral
from sanctions.standing import Refused, locked, permit

CLOSES = {"police": ["police"], "legal": ["legal"]}


@transaction.atomic
def refer(person: Person, *, by: User, at: datetime, to: str, reference: str) -> Referral:
    """Record a referral with its reference, or "none given". Closes the task that asked for it."""
    permit(by, person.school, "refer", at)
    case = cases.required_case(person)
    referral = Referral.objects.create(case=case, to=to, reference=reference.strip(), at=at, by=by)
    duties.close_tasks(case, CLOSES.get(to, []), at=at, by=by)
    audit.record(
        "refer", by=by, at=at, school=case.school, about=case.reference, changes={"to": to, "reference": reference}
    )
    if to == "police":
        report_significant(case, case.school.adoption_on(local_date(at)).pack.significant_reports, at=at)
    return referral


@transaction.atomic
def do_not_refer(person: Person, *, by: User, at: datetime, because: str) -> Referral:
    """The head writes down why the police are not told."""
    permit(by, person.school, "refer_not_because", at)
    case = cases.required_case(person)
    referral = Referral.objects.create(case=case, to="police", not_because=because.strip(), at=at, by=by)
    duties.close_tasks(case, CLOSES["police"], at=at, by=by)
    audit.record("do_not_refer", by=by, at=at, school=case.school, about=case.reference, changes={"because": because})
    return referral


def settled(referral: Referral) -> str:
    """Why nothing more is to be recorded of a referral, in words."""
    if referral.not_because:
        day = words(local_date(referral.at))
        return f"On {day} it was written down why they are not told: there is nothing to follow. Refer it, if they now are."
    if referral.outcome_at:
        day = words(local_date(referral.outcome_at))
        return f"Its outcome was recorded on {day} by {referral.outcome_by}. What is new goes into a new referral."
    assert referral.acknowledged_at is not None
    day = words(local_date(referral.acknowledged_at))
    return f"It was recorded as acknowledged on {day} by {referral.acknowledged_by}. What is left to record is its outcome."


@transaction.atomic
def acknowledge(referral: Referral, *, by: User, at: datetime) -> None:
    """They have received it."""
    permit(by, referral.case.school, "follow_referral", at)
    locked(referral.case)
    referral.refresh_from_db()
    if referral.not_because or referral.acknowledged_at or referral.outcome_at:
        raise Refused([Refusal("wrong-state", settled(referral))])
    referral.acknowledged_at, referral.acknowledged_by = at, by
    referral.save(update_fields=["acknowledged_at", "acknowledged_by"])
    audit.record("acknowledge_referral", by=by, at=at, school=referral.case.school, about=referral.case.reference)


@transaction.atomic
def conclude(referral: Referral, *, by: User, at: datetime, outcome: str) -> None:
    """What came of it."""
    permit(by, referral.case.school, "follow_referral", at)
    locked(referral.case)
    referral.refresh_from_db()
    if referral.not_because or referral.outcome_at:
        raise Refused([Refusal("wrong-state", settled(referral))])
    referral.outcome, referral.outcome_at, referral.outcome_by = outcome.strip(), at, by
    referral.save(update_fields=["outcome", "outcome_at", "outcome_by"])
    audit.record(
        "referral_outcome", by=by, at=at, school=referral.case.school, about=referral.case.reference,
        changes={"outcome": outcome},
    )  # fmt: skip
