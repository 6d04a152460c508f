"""A case's page."""

from dataclasses import replace

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from conduct.calendar import local_date
from conduct.roles import may
from incidents.models import Account, Correction, Evidence, Finding, Incident, Mark, Reclassification
from sanctions import case_notices, case_page, duties, flowchart, ladder, packs
from sanctions.forms import preparing
from sanctions.models import Case, CaseLetter, Measure
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
)
from sanctions.states import OVER, State
from sanctions.suggestion import suggest
from sanctions.views.asking import case_for

CASE_DEEDS = (
    "propose",
    "refer",
    "refer_not_because",
    "log_incident",
    "close_case",
    "put_before_chair",
    "arrange_appointment",
    "ask_account",
)


@require_GET
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """A case on one page: what applies, what can be done and what stands in the way, the story."""
    found = case_for(request, reference)
    found = whole(found)
    children = tuple(found.person.every_pupil())
    file = CaseFile(found, tuple(told_of(found)), tuple(with_rows(found)), found.school.calendar, children)
    measures, calendar = file.own, file.calendar
    situation = read_case(found, by=request.user, at=request.at, file=file)
    standing = [(m, state_of(m, calendar, request.at), record_of(m, calendar)) for m in measures]
    pack = situation.pack
    made = packs.of_case(found).select_related("case").defer("letter__facts", "letter__document__content")
    bans = [(m, state) for m, state, _ in standing if m.response == "site_ban"]
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
        "known": found.person.whole,
        "pack": pack,
        "adoption": found.school.adoption_on(local_date(request.at)),
        "tags": case_page.tags([x for x in standing if x[0].response == "site_ban"], request.at)
        + case_page.plan_tags(measures, request.at)
        + case_page.family(found.person, children),
        "rungs": case_page.rungs(standing, pack, request.at),
        "bans": bans,
        "packs": case_page.packs_offered(
            found.referrals.all(),
            bans,
            made,
            {kind: may(situation.roles, deed) for kind, deed in ladder.PACKS.items()},
        ),
        "panels": [with_notices(request, file, p) for p in panels],
        "asked": case_notices.asked_in(found, file, request.roles, request.at),
        "unfound": any(i.finding is None for i in file.incidents),
        "events": case_page.story(found, measures, file.logged_here, made),
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


def with_notices(request: HttpRequest, file: CaseFile, shown: case_page.Panel) -> case_page.Panel:
    """A panel with the letters that may be written about its measure; one that has lost its ground says so."""
    now, other = case_notices.buttons_for(shown.measure, file, request.roles, request.at)
    whole = replace(shown, buttons=[*shown.buttons, *now], others=[*shown.others, *other])
    return case_page.without_ground(whole) if file.lost(whole.measure) else whole


def over(found: Case, measure: Measure, state: State) -> bool:
    """Whether nothing is asked of a measure any more; once its case is closed, neither of one that was served or done."""
    return state in (OVER if found.is_open else finished(measure.response))


def whole(found: Case) -> Case:
    """The case with everything its story tells, in a fixed number of queries."""
    rows = Case.objects.select_related("school__trust", "person__identity", "closed_by").prefetch_related(
        "tasks",
        "referrals__by",
        "referrals__acknowledged_by",
        "referrals__outcome_by",
        "appointments__by",
        "appointments__cancelled_by",
        Prefetch("case_letters", CaseLetter.objects.filter(measure=None).select_related("letter")),
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
        "case_letters__letter__sendings",
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
    path("cases/<slug:reference>/", case, name="case"),
]
