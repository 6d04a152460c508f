"""A school's own settings: its calendar, its letterhead, who holds which role. Every change is in the audit."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from conduct import audit
from conduct.calendar import Calendar, local_date, words
from conduct.models import Membership, School, SchoolClosure, User
from conduct.roles import ABOVE_THE_SCHOOL, LABELS, MAY, Role, may
from sanctions import diary
from sanctions.ladder import Refusal
from sanctions.models import Measure
from sanctions.situation import record_of, with_history
from sanctions.standing import Refused, locked, permit
from sanctions.states import LIVE_BAN

DETAILS = (
    "address", "phone", "email", "contact_name", "contact_role", "complaints", "privacy_notice", "police_force",
)  # fmt: skip


# -- the calendar -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moved:
    """A date of a running ban that a change of the calendar moved."""

    reference: str
    what: str
    was: date
    now: date


@transaction.atomic
def add_closure(school: School, *, by: User, at: datetime, first: date, last: date, reason: str = "") -> list[Moved]:
    """Close the school on some days; which dates of running bans moved. Raises Refused."""
    permit(by, school, "edit_calendar", at)
    school = School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    before = school.calendar
    SchoolClosure.objects.create(school=school, first=first, last=last, reason=reason.strip())
    changes = {"first": first, "last": last, "reason": reason}
    return recomputed(school, before, "add_closure", changes, by=by, at=at)


@transaction.atomic
def remove_closure(closure: SchoolClosure, *, by: User, at: datetime) -> list[Moved]:
    """Take days of closure away again; which dates of running bans moved. Raises Refused."""
    permit(by, closure.school, "edit_calendar", at)
    school = School.objects.select_for_update(of=("self",)).get(pk=closure.school_id)
    before = school.calendar
    changes = {"first": closure.first, "last": closure.last, "reason": closure.reason}
    closure.delete()
    return recomputed(school, before, "remove_closure", changes, by=by, at=at)


def recomputed(
    school: School, before: Calendar, deed: str, changes: dict[str, Any], *, by: User, at: datetime
) -> list[Moved]:
    """Look at every running ban again under the school's calendar as it is now; one audit row says what moved."""
    after = school.calendar
    moved: list[Moved] = []
    live = Measure.objects.filter(case__school=school, response="site_ban", state__in=LIVE_BAN)
    for ban in with_history(live).select_related("case"):
        ban.case = locked(ban.case)
        moved += moved_dates(ban, before, after)
        diary.reschedule(ban, at=at)
    told = [[m.reference, m.what, m.was, m.now] for m in moved]
    audit.record(deed, by=by, at=at, school=school, about=school.name[:80], changes={**changes, "moved": told})
    return moved


def moved_dates(ban: Measure, before: Calendar, after: Calendar) -> list[Moved]:
    """By when to reply and by when to decide, where the two calendars differ; nothing once that is behind the ban."""
    was, now = record_of(ban, before), record_of(ban, after)
    if was.confirmation is not None or not was.opening_letters:
        return []
    windows = [record.window.on if record.window else None for record in (was, now)]
    pairs = [("reply by", *windows), ("decide by", was.decision_by, now.decision_by)]
    return [Moved(ban.case.reference, what, old, new) for what, old, new in pairs if old and new and old != new]


# -- letterhead and contact details -------------------------------------------------------------------------------


@transaction.atomic
def change_details(school: School, *, by: User, at: datetime, details: Mapping[str, str]) -> School:
    """Change what stands in the letterhead and in every letter; the audit says from what to what. Raises Refused."""
    permit(by, school, "edit_school", at)
    row = School.objects.select_for_update(of=("self",)).get(pk=school.pk)
    changes = {f: [getattr(row, f), details[f]] for f in DETAILS if f in details and getattr(row, f) != details[f]}
    for field, (_, now) in changes.items():
        setattr(row, field, now)
    if changes:
        row.save(update_fields=list(changes))
        audit.record("change_school", by=by, at=at, school=row, about=row.name[:80], changes=changes)
    return row


# -- roles --------------------------------------------------------------------------------------------------------


@transaction.atomic
def give_role(
    school: School, *, by: User, at: datetime, email: str, name: str, role: str, starts_on: date, ends_on: date | None
) -> tuple[Membership, bool]:
    """Give somebody a role; the membership, and whether an account was made for them. Raises Refused.

    Nobody gives themselves a role. A role of the trust counts in all its schools, so it takes somebody who gives roles
    in every one of them.
    """
    permit(by, school, "give_roles", at)
    user = User.objects.select_for_update().filter(email__iexact=email).first()
    if user is not None and user.pk == by.pk:
        raise Refused([Refusal("not-permitted", "Nobody gives themselves a role: ask another administrator.")])
    where: dict[str, Any] = {"trust": school.trust} if role == Role.TRUST else {"school": school}
    if role == Role.TRUST:
        permit_everywhere(by, school, at)
    made = user is None
    if user is None:
        user = User.objects.create_user(email, name)
    refuse_overlap(user, role, where, starts_on, ends_on)
    membership = Membership.objects.create(user=user, role=role, starts_on=starts_on, ends_on=ends_on, **where)
    changes = {"user": user.email, "role": role, "from": starts_on, "to": ends_on, "new_account": made}
    audit.record("give_role", by=by, at=at, school=school, about=user.name[:80], changes=changes)
    return membership, made


def permit_everywhere(by: User, school: School, at: datetime) -> None:
    """Refuse unless somebody gives roles in every school of the trust."""
    for each in school.trust.schools.all():
        if not may(by.roles_at(each, local_date(at)), "give_roles"):
            text = "A role of the trust counts in all its schools: it takes an administrator of every one of them."
            raise Refused([Refusal("not-permitted", text)])


def refuse_overlap(user: User, role: str, where: dict[str, Any], starts_on: date, ends_on: date | None) -> None:
    """The same role twice for the same days would only confuse."""
    held = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on), user=user, role=role, **where)
    if ends_on is not None:
        held = held.filter(starts_on__lte=ends_on)
    if held.exists():
        text = f"{user.name} holds that role in those days already. Choose other days, or end that one first."
        raise Refused([Refusal("wrong-state", text)])


@transaction.atomic
def end_role(membership: Membership, school: School, *, by: User, at: datetime, ends_on: date) -> None:
    """Set the last day of a role. Nobody ends their own. Raises Refused."""
    permit(by, school, "give_roles", at)
    row = Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    if row.user_id == by.pk:
        raise Refused([Refusal("not-permitted", "Nobody ends their own role: ask another administrator.")])
    if row.trust_id is not None:
        permit_everywhere(by, school, at)
    if ends_on < row.starts_on:
        text = f"The last day is before the first, {words(row.starts_on)}: choose that day or a later one."
        raise Refused([Refusal("dated", text)])
    was, row.ends_on = row.ends_on, ends_on
    row.save(update_fields=["ends_on"])
    changes = {"user": row.user.email, "role": row.role, "to": [was, ends_on]}
    audit.record("end_role", by=by, at=at, school=school, about=row.user.name[:80], changes=changes)


def gaps(school: School, on: date) -> list[str]:
    """What the school lacks to keep its own rules: somebody else to be consulted, to review, to propose."""
    held: dict[int, set[Role]] = defaultdict(set)
    for user, role in Membership.objects.of_school(school).on(on).values_list("user_id", "role"):
        held[user].add(Role(role))
    found = []
    above = sum(1 for roles in held.values() if roles & ABOVE_THE_SCHOOL)
    if above < 2:
        found.append(
            f"Fewer than two people hold “{LABELS[Role.CHAIR]}” or “{LABELS[Role.TRUST]}”: if one of them is harmed or "
            "away, nobody is left to be consulted, to confirm or to review."
        )
    if not any(roles & MAY["propose"] and Role.HEAD not in roles for roles in held.values()):
        found.append("Nobody but the head could propose a response: give somebody the office or the senior role.")
    return found
