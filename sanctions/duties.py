"""Duties: what somebody must do about a case. Opened by what happens and by the diary, closed by the act itself."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from conduct import audit
from conduct.calendar import local_date
from conduct.models import School, User
from conduct.roles import Role
from conduct.titles import whom
from sanctions import ladder
from sanctions.ladder import Refusal
from sanctions.models import Case, Measure, Task
from sanctions.situation import state_of
from sanctions.standing import Refused, locked, titles_at
from sanctions.states import State

KINDS: dict[str, str] = {
    "police": "Tell the police, or write down why not",
    "legal": "Ask for legal advice",
    "trust_notice": "Read this significant incident (trust)",
    "chair_notice": "Read this significant incident (chair)",
    "repeat_review": "Review repeated breaches",
    "decision_due": "Decide on the ban",
    "decision_overdue": "The decision on the ban is overdue",
    "provisional_alert": "A provisional ban is still undecided",
    "review_due": "Review the ban",
    "review_overdue": "The review of the ban is overdue",
    "plan_review": "Review the plan, block or notice",
}
DECISION_TASKS = ("decision_due", "decision_overdue", "provisional_alert")
REVIEW_TASKS = ("review_due", "review_overdue")
PLAN_TASKS = ("plan_review",)
OVERDUE = {"decision_due": "decision_overdue", "review_due": "review_overdue"}
NOTICES = {"trust_notice": {Role.TRUST}, "chair_notice": {Role.CHAIR}, "repeat_review": {Role.CHAIR, Role.TRUST}}
NEEDS = {  # who acts on a duty; Today shows it to them
    "police": {Role.OFFICE, Role.SENIOR, Role.HEAD},
    "legal": {Role.OFFICE, Role.SENIOR, Role.HEAD},
    **NOTICES,
    **{kind: {Role.HEAD, Role.CHAIR, Role.TRUST} for kind in (*DECISION_TASKS, *REVIEW_TASKS)},
    "plan_review": {Role.SENIOR, Role.HEAD, Role.CHAIR, Role.TRUST},
}


def open_task(
    case: Case, kind: str, *, at: datetime, due_on: date | None = None, measure: Measure | None = None
) -> None:
    """Open a task of a kind, unless one is open in the case already."""
    _, made = Task.objects.get_or_create(
        case=case,
        kind=kind,
        closed_at=None,
        defaults={"measure": measure, "due_on": due_on or local_date(at), "opened_at": at},
    )
    if made:
        audit.record("open_task", by=None, at=at, school=case.school, about=case.reference, changes={"task": kind})


def close_tasks(
    case: Case,
    kinds: Iterable[str],
    *,
    at: datetime,
    by: User | None,
    note: str = "",
    measure: Measure | None = None,
) -> int:
    """Close the open tasks of these kinds, or those of one measure alone; how many there were."""
    wanted = case.tasks.filter(kind__in=list(kinds), closed_at=None)
    open_now = list(wanted if measure is None else wanted.filter(measure=measure))
    for task in open_now:
        task.closed_at, task.closed_by, task.note = at, by, note
        task.save(update_fields=["closed_at", "closed_by", "note"])
        audit.record("close_task", by=by, at=at, school=case.school, about=case.reference, changes={"task": task.kind})
    return len(open_now)


def close_review(measure: Measure, *, at: datetime, by: User | None, note: str = "") -> None:
    """Close what asks for a review of this measure. A plan and a block of one case may each wait for theirs."""
    if measure.response in ladder.PLANS:
        close_tasks(measure.case, PLAN_TASKS, at=at, by=by, note=note, measure=measure)
    elif measure.response == "site_ban":
        own = measure if State(measure.state) is State.WITHDRAWN else None
        close_tasks(measure.case, REVIEW_TASKS, at=at, by=by, note=note, measure=own)


def tickable_by(task_kind: str, measure_state: State | None, note: str) -> frozenset[Role]:
    """The roles that may tick a task off by hand; nobody for a task that only its act closes."""
    if task_kind in NOTICES:
        return frozenset(NOTICES[task_kind])
    if task_kind in OVERDUE.values() and measure_state is State.LAPSED and note.strip():
        return frozenset({Role.HEAD, Role.CHAIR, Role.TRUST})
    return frozenset()


def not_for_them(school: School, kind: str, *, at: datetime) -> Refusal:
    """Why somebody may not tick a task off: whom it concerns, or by which act it closes."""
    pack = titles_at(school, at)
    if kind in NOTICES:
        return ladder.not_permitted(pack, NOTICES[kind])
    if kind in OVERDUE.values():
        who = whom(pack, {Role.HEAD, Role.CHAIR, Role.TRUST})
        text = f"Only the overdue task of a ban that has lapsed is ticked off by hand, with a note, by {who}."
        return Refusal("not-permitted", text)
    return Refusal("not-permitted", f"This task is not ticked off: it closes by what it asks for. {KINDS[kind]}.")


@transaction.atomic
def complete_task(case: Case, kind: str, *, by: User, at: datetime, note: str = "") -> None:
    """Tick a task off by hand: notices by whom they concern; the overdue task of a lapsed ban with a note."""
    case = locked(case)
    task = case.tasks.filter(kind=kind, closed_at=None).select_related("measure__adoption").first()
    state = state_of(task.measure, case.school.calendar, at) if task and task.measure else None
    roles = by.roles_at(case.school, local_date(at))
    # A task that is not open is wrong-state, but only to somebody who might have ticked it off had it been open.
    hypothetical = state if task else State.LAPSED
    if not roles & tickable_by(kind, hypothetical, note):
        raise Refused([not_for_them(case.school, kind, at=at)])
    if task is None:
        text = (
            "This task is not open: somebody has dealt with it, or it is not asked for. See in the case what is open."
        )
        raise Refused([Refusal("wrong-state", text)])
    close_tasks(case, [kind], at=at, by=by, note=note)
