"""The diary: what is due, found from the database alone and safe to look for twice, late, or from two places at once.

Nothing here is remembered between runs. A measure carries the next day on which it must be looked at (`due_on`), set by
whatever changed its dates; the sweep takes each row that is due, locks its case, does what the agenda says up to today,
and sets the next day. What it opens is a function of the dates, so a run after ten silent days leaves what daily runs
would have left.
"""

from datetime import datetime, timedelta

from django.db import transaction

from conduct import audit
from conduct.calendar import local_date
from sanctions import duties, notices
from sanctions.dates import PASSING, BanRecord, Due
from sanctions.models import Case, Measure
from sanctions.plan_dates import PlanRecord
from sanctions.situation import dates_of, with_history
from sanctions.states import LIMITING, LIVE_BAN, OVER, State

RUNNING = LIVE_BAN | LIMITING
STATES_DUE = {"lapse": State.LAPSED, "end": State.ENDED}


def due_measures(at: datetime) -> list[int]:
    """The measures that must be looked at today, by id."""
    return list(
        Measure.objects.filter(due_on__lte=local_date(at)).order_by("due_on", "pk").values_list("pk", flat=True)
    )


def sweep(at: datetime) -> int:
    """Do everything that has fallen due; how many measures were looked at."""
    due = due_measures(at)
    for pk in due:
        sweep_measure(pk, at=at)
    return len(due)


def sweep_case(case: Case, *, at: datetime) -> None:
    """The same for one case, which the caller has locked."""
    for measure in case.measures.filter(due_on__lte=local_date(at)):
        sweep_measure(measure.pk, at=at)


@transaction.atomic
def sweep_measure(pk: int, *, at: datetime) -> None:
    """Do what one measure's agenda says, up to and including today. Safe to run twice."""
    case = Case.objects.select_for_update().get(measures=pk)
    measure = with_history(Measure.objects.filter(pk=pk)).get()
    if measure.due_on is None or measure.due_on > local_date(at):
        return  # somebody else was quicker
    record = dates_of(measure, case.school.calendar)
    for due in record.agenda(at):
        if due.on > local_date(at):
            break
        fall_due(case, measure, due, at=at)
        if due.kind in STATES_DUE:
            break
    schedule(measure, record, at=at)


def fall_due(case: Case, measure: Measure, due: Due, *, at: datetime) -> None:
    """One thing has fallen due: a task opens, turns into its overdue form, or the measure passes its date."""
    if due.kind in STATES_DUE:
        pass_date(case, measure, STATES_DUE[due.kind], at=at)
        return
    if turned_already(case, measure, due.kind, at=at):
        return
    early = [early for early, late in duties.OVERDUE.items() if late == due.kind]
    duties.close_tasks(case, early, at=at, by=None, note="overdue")
    duties.open_task(case, due.kind, at=at, due_on=due.by, measure=measure)
    if due.kind == "review_due":
        notices.ask_before_review(measure, at=at)


def turned_already(case: Case, measure: Measure, kind: str, *, at: datetime) -> bool:
    """Whether a task turned into its overdue form on an earlier look; or would at once, and one of another ban is open."""
    late = duties.OVERDUE.get(kind)
    overdue = case.tasks.filter(kind=late, closed_at=None).first() if late else None
    if overdue is None or overdue.measure_id == measure.pk:
        return overdue is not None
    agenda = dates_of(measure, case.school.calendar).agenda(at)
    return any(due.kind == late and due.on <= local_date(at) for due in agenda)


def pass_date(case: Case, measure: Measure, state: State, *, at: datetime) -> None:
    """A measure passes its last date: a ban has lapsed undecided or unreviewed; what was to end by itself has ended."""
    if State(measure.state) in RUNNING:
        was = measure.state
        Measure.objects.filter(pk=measure.pk).update(state=state, state_at=at)
        measure.state, measure.state_at = state, at
        audit.record(
            state.value, by=None, at=at, school=case.school, about=case.reference, changes={"state": [was, state.value]}
        )
    if state is State.ENDED:
        duties.close_review(measure, at=at, by=None, note="it has ended")
        return
    for early, late in duties.OVERDUE.items():
        if duties.close_tasks(case, [early], at=at, by=None, note="lapsed"):
            duties.open_task(case, late, at=at, measure=measure)
    duties.close_tasks(case, ["provisional_alert"], at=at, by=None, note="lapsed")


def schedule(measure: Measure, record: BanRecord | PlanRecord, *, at: datetime) -> None:
    """Set the next day on which the sweeper must look at the measure; none once it is over."""
    today, over = local_date(at), State(measure.state) in OVER
    later = None if over else min((due.on for due in record.agenda(at) if due.on > today), default=None)
    if later and task_in_the_way(measure, record, at=at):
        later = today + timedelta(days=1)
    Measure.objects.filter(pk=measure.pk).update(due_on=later)
    measure.due_on = later


def task_in_the_way(measure: Measure, record: BanRecord | PlanRecord, *, at: datetime) -> bool:
    """Whether a task that is due could not open, as another measure of the case has one of the kind open."""
    due = {d.kind for d in record.agenda(at) if d.on <= local_date(at)} - set(PASSING)
    return measure.case.tasks.filter(kind__in=due, closed_at=None).exclude(measure=measure).exists()


def reschedule(measure: Measure, *, at: datetime) -> None:
    """Look again at when something falls due, after the dates of a measure changed: its earliest day, past or to come."""
    fresh = with_history(Measure.objects.filter(pk=measure.pk)).select_related("case__school").get()
    record = dates_of(fresh, fresh.case.school.calendar)
    first = None if State(fresh.state) in OVER else min((due.on for due in record.agenda(at)), default=None)
    redate_tasks(fresh, record, at=at)
    Measure.objects.filter(pk=measure.pk).update(due_on=first)
    measure.due_on = first


def served_anew(measure: Measure, *, at: datetime) -> None:
    """The letter of a measure left, left again or came back: what asked for a decision before its time is closed again."""
    fresh = with_history(Measure.objects.filter(pk=measure.pk)).select_related("case__school").get()
    later = {due.kind for due in dates_of(fresh, fresh.case.school.calendar).agenda(at) if due.on > local_date(at)}
    early = [kind for kind in (*duties.OVERDUE, *duties.OVERDUE.values()) if kind in later]
    duties.close_tasks(
        fresh.case, early, at=at, by=None, note="the letter that asks them was served anew", measure=fresh
    )
    reschedule(measure, at=at)


def redate_tasks(measure: Measure, record: BanRecord | PlanRecord, *, at: datetime) -> None:
    """Set the day by which an open task of the measure is due to what the dates now say, later or earlier."""
    by = {due.kind: due.by for due in record.agenda(at)}
    for task in measure.tasks.filter(closed_at=None, kind__in=by):
        if task.due_on != by[task.kind]:
            task.due_on = by[task.kind]
            task.save(update_fields=["due_on"])
