"""Cases: opened by the first incident, seen by whom they concern, closed when everything in them has ended."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from conduct import audit
from conduct.calendar import local_date, words
from conduct.models import Membership, Person, User, next_reference
from conduct.roles import MAY
from incidents.models import Incident
from sanctions import diary, ladder
from sanctions.ladder import Attempt, Refusal
from sanctions.models import Case
from sanctions.situation import read_case
from sanctions.standing import Refused, locked, permit


def visible_to(user: User, at: datetime) -> QuerySet[Case]:
    """The cases that the user may see: all of a school for its staff and its trust; for a chair those put before them."""
    return Case.objects.filter(seen_by(user, at, before_chair=Q(put_before_chair_at__isnull=False)))


def incidents_visible_to(user: User, at: datetime) -> QuerySet[Incident]:
    """The incidents of those cases."""
    put_before = Case.objects.filter(caseincident__incident=OuterRef("pk"), put_before_chair_at__isnull=False)
    return Incident.objects.filter(seen_by(user, at, before_chair=Q(Exists(put_before))))


def seen_by(user: User, at: datetime, *, before_chair: Q) -> Q:
    """What of a school the user may see; a chair only what fulfils `before_chair`."""
    held = Membership.objects.on(local_date(at)).filter(user=user)
    all_of = held.filter(role__in=MAY["see_cases"])
    some_of = held.filter(role__in=MAY["see_cases_put_before_them"])
    return (
        Q(school__in=all_of.values("school"))
        | Q(school__trust__in=all_of.values("trust"))
        | (Q(school__in=some_of.values("school")) & before_chair)
    )


def open_case_of(person: Person) -> Case | None:
    """The person's open case, locked; None when there is none.

    Somebody written down more than once may have an open case under each row: then it is that of the row given, else of
    the one that stands for them, else the earliest.
    """
    order = {person.pk: 0, person.identity_id: 1}
    found = list(Case.objects.filter(person__in=person.rows(), closed_at=None))
    if not found:
        return None
    case = min(found, key=lambda c: (order.get(c.person_id, 2), c.opened_at, c.pk))
    case = locked(case)
    return case if case.is_open else None


def held(person: Person) -> None:
    """Lock every row of a person until the transaction ends: so that two cases, or bans, are not opened side by side."""
    list(person.rows().select_for_update(of=("self",)).order_by("pk"))


def required_case(person: Person) -> Case:
    """The person's open case, locked; `wrong-state` when there is none."""
    case = open_case_of(person)
    if case is None:
        raise Refused([Refusal("wrong-state", "This person has no open case. Log an incident first: that opens one.")])
    return case


def opened_case(person: Person, *, by: User, at: datetime) -> Case:
    """The person's open case, opened now when there is none: for the row that stands for them."""
    held(person)
    case = open_case_of(person)
    if case is not None:
        return case
    person = person.stands_for
    case = Case.objects.create(
        school=person.school,
        person=person,
        reference=next_reference(person.school, "C", at),
        opened_at=at,
        opened_by=by,
    )
    audit.record("open_case", by=by, at=at, school=case.school, about=case.reference, changes={"person": person})
    return case


def put_before_chair(case: Case, *, at: datetime, why: str, by: User | None = None) -> None:
    """Let the chair of governors see the case, from now on. Once is enough."""
    if case.put_before_chair_at is not None:
        return
    case.put_before_chair_at, case.put_before_chair_why = at, why
    case.save(update_fields=["put_before_chair_at", "put_before_chair_why"])
    audit.record("put_before_chair", by=by, at=at, school=case.school, about=case.reference, changes={"why": why})


@transaction.atomic
def show_to_chair(case: Case, *, by: User, at: datetime, why: str) -> None:
    """The head puts a case before the chair by hand."""
    permit(by, case.school, "put_before_chair", at)
    put_before_chair(locked(case), at=at, why=why, by=by)


@transaction.atomic
def close_case(case: Case, *, by: User, at: datetime, reason: str) -> None:
    """Close a case in which nothing runs and nothing is left to do. Rule `close-needs-end`."""
    permit(by, case.school, "close_case", at)
    case = locked(case)
    if case.closed_at is not None:
        text = f"The case was closed on {words(local_date(case.closed_at))} by {case.closed_by}: nothing is left to do."
        raise Refused([Refusal("wrong-state", text)])
    # What a tick would open must be dealt with first; a refusal rolls this back with everything else.
    diary.sweep_case(case, at=at)
    found = ladder.refusals(ladder.CLOSE, read_case(case, by=by, at=at, attempt=Attempt(reasons=reason)))
    if found:
        raise Refused(found)
    case.closed_at, case.closed_by, case.close_reason = at, by, reason.strip()
    case.save(update_fields=["closed_at", "closed_by", "close_reason"])
    audit.record("close_case", by=by, at=at, school=case.school, about=case.reference, changes={"reason": reason})


def seen(case: Case, *, by: User, at: datetime) -> None:
    """Record that somebody looked at a case."""
    audit.record("look", by=by, at=at, school=case.school, about=case.reference)
