"""The list of cases, and a case's page."""

from dataclasses import replace
from datetime import datetime

from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from conduct.calendar import Calendar, local_date
from conduct.names import fold
from conduct.roles import may
from incidents.models import Account, Correction, Evidence, Finding, Incident, Mark, Reclassification
from sanctions import case_page, cases, duties, flowchart, ladder
from sanctions.forms import preparing
from sanctions.models import Case, Measure
from sanctions.situation import (
    CaseFile,
    finished,
    incident_facts,
    measure_fields,
    measures_of,
    read_case,
    record_of,
    rows_about,
    state_of,
    with_history,
)
from sanctions.states import OVER, State
from sanctions.suggestion import suggest
from sanctions.views.asking import asked, case_for, school_for

A_PAGE = 25
CASE_DEEDS = (
    "propose",
    "refer",
    "refer_not_because",
    "log_incident",
    "close_case",
    "put_before_chair",
    "arrange_appointment",
)
SHOW = {"open": "Open", "closed": "Closed", "all": "All"}


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """The cases that the user may see at this school, the newest first; open ones unless asked otherwise."""
    school = school_for(request, "see_cases", "see_cases_put_before_them")
    show = request.GET.get("show") if request.GET.get("show") in SHOW else "open"
    found = cases.visible_to(request.user, request.at).filter(school=school).select_related("person")
    if show != "all":
        found = found.filter(closed_at__isnull=show == "open")
    wanted = asked(request)
    if wanted:
        found = found.filter(Q(person__folded__contains=fold(wanted)) | Q(reference__iexact=wanted))
    measures = with_history(Measure.objects.order_by("proposed_at", "pk"))
    page = Paginator(found.prefetch_related("person__pupils", Prefetch("measures", measures)), A_PAGE).get_page(
        request.GET.get("page")
    )
    calendar = school.calendar
    rows = [(case, *newest(case, calendar, request.at)) for case in page.object_list]
    context = {
        "page_obj": page,
        "rows": rows,
        "show": show,
        "shows": SHOW.items(),
        "q": wanted,
        "query": f"show={show}&q={wanted}",
    }
    return render(request, "sanctions/cases.html", context)


def newest(case: Case, calendar: Calendar, at: datetime) -> tuple[str, bool]:
    """The latest measure of a case in words, and whether a ban is in force."""
    measures = list(case.measures.all())
    if not measures:
        return "Nothing proposed yet", False
    last = measures[-1]
    banned = any(record_of(m, calendar).in_force(at) for m in measures if m.response == "site_ban")
    state = ladder.label_of(state_of(last, calendar, at), last.response)
    return f"{last.get_response_display()}: {state.lower()}", banned


@require_GET
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """A case on one page: what applies, what can be done and what stands in the way, the story."""
    found = case_for(request, reference)
    found = whole(found)
    file = CaseFile(found, tuple(told_of(found)), tuple(with_rows(found)), found.school.calendar)
    measures, calendar = file.own, file.calendar
    situation = read_case(found, by=request.user, at=request.at, file=file)
    standing = [(m, state_of(m, calendar, request.at), record_of(m, calendar)) for m in measures]
    pack = situation.pack
    panels = [
        case_page.panel(
            m, replace(situation, **measure_fields(file, m, request.at)), preparing.attempts(m), m.adoption.pack
        )
        for m, state, _ in reversed(standing)
        if not over(found, m, state) or case_page.letters_waiting(m)
    ]
    allowed = {deed: may(situation.roles, deed) for deed in CASE_DEEDS}
    context = {
        "case": found,
        "pack": pack,
        "adoption": found.school.adoption_on(local_date(request.at)),
        "tags": case_page.tags([x for x in standing if x[0].response == "site_ban"], request.at)
        + case_page.plan_tags(measures, request.at)
        + case_page.family(found.person),
        "rungs": case_page.rungs(standing, pack, request.at),
        "panels": [case_page.without_ground(p) if file.lost(p.measure) else p for p in panels],
        "events": case_page.story(found, measures, file.logged_here),
        "tasks": tasks_for(request, file),
        "suggestion": suggest(situation, file.incidents),
        "flow": flowchart.steps(pack, flowchart.marks(file, pack)),
        "may": {**allowed, "see_people": may(request.roles, "see_people")},
        "may_something": any(allowed.values()),
        "missing": missing(file),
        "nothing_left": not file.incidents,
        "appointments": [a for a in found.appointments.all() if a.until > request.at and a.cancelled_at is None],
    }
    return render(request, "sanctions/case.html", context)


def over(found: Case, measure: Measure, state: State) -> bool:
    """Whether nothing is asked of a measure any more; once its case is closed, neither of one that was served or done."""
    return state in (OVER if found.is_open else finished(measure.response))


def whole(found: Case) -> Case:
    """The case with everything its story tells, in a fixed number of queries."""
    rows = Case.objects.select_related("school__trust", "person", "closed_by").prefetch_related(
        "person__pupils",
        "tasks",
        "referrals__by",
        "referrals__acknowledged_by",
        "referrals__outcome_by",
        "appointments__by",
        "appointments__cancelled_by",
    )
    return rows.get(pk=found.pk)


def told_of(found: Case) -> QuerySet[Incident]:
    """Every incident of the person with all that the story tells of it, in a fixed number of queries."""
    return rows_about(found.person).prefetch_related(
        "clauses",
        "harmed",
        Prefetch("accounts", Account.objects.select_related("by")),
        Prefetch("findings", Finding.objects.select_related("by")),
        Prefetch("marks", Mark.objects.select_related("by", "undone_by")),
        Prefetch("corrections", Correction.objects.select_related("by")),
        Prefetch("reclassifications", Reclassification.objects.select_related("by")),
        Prefetch("evidence", Evidence.objects.select_related("file", "by", "withdrawn_by")),
    )


def with_rows(found: Case) -> QuerySet[Measure]:
    """The measures of the person with all their rows."""
    rows = measures_of(found.person).select_related(
        "adoption", "proposed_by", "meeting_record__by", "case__school__trust", "case__person"
    )
    return rows.prefetch_related(
        "decisions__by",
        "consultations__consulted",
        "sign_offs__by",
        "tellings__by",
        "representations__by",
        "answers__by",
        "contacts__by",
        "follows__by",
        "prepared",
    )


def tasks_for(request: HttpRequest, file: CaseFile) -> list[dict[str, object]]:
    """The open tasks in words, with whether this user may tick them off."""
    today, shown = local_date(request.at), []
    by_pk = {m.pk: m for m in file.measures}
    for task in file.case.tasks.all():
        if task.closed_at:
            continue
        measure = by_pk.get(task.measure_id)
        state = state_of(measure, file.calendar, request.at) if measure else None
        by_hand = duties.tickable_by(task.kind, state, "a note")
        shown.append(
            {
                "kind": task.kind,
                "label": duties.KINDS[task.kind],
                "due_on": task.due_on,
                "tone": "stop" if task.due_on < today else "wait",
                "may_tick": bool(request.roles & by_hand),
            }
        )
    return shown


def missing(file: CaseFile) -> list[tuple[Incident, list[str]]]:
    """What the facts of each incident that counts still lack."""
    rows = [
        (i, ladder.lacks(incident_facts(i)) or ([] if i.finding else ["the facts as found"])) for i in file.incidents
    ]
    return [(i, lacks) for i, lacks in rows if lacks]


urlpatterns = [
    path("cases/", case_list, name="cases"),
    path("cases/<slug:reference>/", case, name="case"),
]
