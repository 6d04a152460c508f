"""The list of cases."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from conduct.calendar import Calendar, local_date
from conduct.listing import Choice, Listing, Order, Rows, Scope, State, since, until
from incidents.models import Finding, Incident, Mark
from letters.models import Letter
from sanctions import cases, duties, ladder, post
from sanctions.lists.table import Table, all_rows_of, meant, told
from sanctions.models import Case, CaseIncident, Measure, Task
from sanctions.situation import dates_of, state_of
from sanctions.states import FINAL, LIMITING, OPENED
from sanctions.states import State as Stand

TAGS = {  # what a response in force is called beside a name, and its tone
    "site_ban": ("Banned", "stop"),
    "communication_plan": ("Plan", "wait"),
    "channel_block": ("Block", "wait"),
    "vexatious_notice": ("Notice", "wait"),
}
IN_FORCE = {"ban": ["site_ban"], "plan": ["communication_plan"], "block": ["channel_block", "vexatious_notice"]}
FORCES = (
    ("any", "Anything"),
    ("ban", "A ban"),
    ("plan", "A communication plan"),
    ("block", "A block or a notice"),
    ("none", "Nothing"),
)
WHICH = (("open", "Open"), ("closed", "Closed"), ("all", "Open and closed"))
MAY_APPLY = Q(response="site_ban", state__in=sorted(OPENED | FINAL)) | Q(
    response__in=[r for r in TAGS if r != "site_ban"], state__in=sorted(LIMITING)
)
WAITING = (
    ("any", "Anything with a date"),
    ("found", "Facts to be found"),
    ("decision", "A proposal to be decided"),
    ("letter", "A letter to be issued"),
    *duties.KINDS.items(),
)
NEWEST = (("none", "Nothing proposed yet"), *((s.value, ladder.label_of(s, "")) for s in Stand))


def later() -> QuerySet[Measure]:
    """For a query on measures: those of the same case that were proposed after it."""
    same = Measure.objects.filter(case=OuterRef("case"))
    return same.filter(
        Q(proposed_at__gt=OuterRef("proposed_at")) | Q(proposed_at=OuterRef("proposed_at"), pk__gt=OuterRef("pk"))
    )


def whether_open(rows: Rows, value: str, scope: Scope) -> Rows:
    return rows if value == "all" else rows.filter(closed_at__isnull=value == "open")


def in_force(rows: Rows, value: str, scope: Scope) -> Rows:
    """By what applies at this moment. Only measures under way are looked at: their dates are computed, not stored."""
    running = told(Measure.objects.filter(MAY_APPLY, case__school=scope.school))
    if value in IN_FORCE:
        running = running.filter(response__in=IN_FORCE[value])
    applying = {m.case_id for m in running if dates_of(m, scope.calendar).in_force(scope.at)}
    return rows.exclude(pk__in=applying) if value == "none" else rows.filter(pk__in=applying)


def newest_is(rows: Rows, value: str, scope: Scope) -> Rows:
    """By the state of the measure proposed last. Where a date has passed and no sweep has come by, the date counts."""
    if value == "none":
        return rows.filter(~Exists(Measure.objects.filter(case=OuterRef("pk"))))
    newest = Measure.objects.filter(~Exists(later()), case__school=scope.school)
    unswept = told(newest.filter(due_on__lte=local_date(scope.at)))
    now = {m: state_of(m, scope.calendar, scope.at) for m in unswept}
    written = newest.filter(state=value).exclude(pk__in=[m.pk for m, state in now.items() if state != value])
    turned = [m.case_id for m, state in now.items() if state == value]
    return rows.filter(Q(pk__in=written.values("case")) | Q(pk__in=turned))


def waiting_for(rows: Rows, value: str, scope: Scope) -> Rows:
    """Open cases in which something is still to be done."""
    rows = rows.filter(closed_at=None)
    if value == "found":
        return rows.filter(pk__in=unfound(scope).values("case"))
    if value == "decision":
        proposed = Measure.objects.filter(case__school=scope.school, state=Stand.PROPOSED)
        return rows.filter(pk__in=proposed.values("case"))
    if value == "letter":
        drafts = Letter.objects.filter(post.fitting(), school=scope.school)
        return rows.filter(pk__in=drafts.values("case_letter__case"))
    tasks = Task.objects.filter(closed_at=None, case__school=scope.school)
    return rows.filter(pk__in=(tasks if value == "any" else tasks.filter(kind=value)).values("case"))


def unfound(scope: Scope) -> QuerySet[CaseIncident]:
    """Incidents of open cases that count and whose facts are not found."""
    rows = CaseIncident.objects.filter(case__school=scope.school, case__closed_at=None)
    found = Exists(Finding.objects.filter(incident=OuterRef("incident")))
    marked = Exists(Mark.objects.filter(incident=OuterRef("incident"), undone_at=None))
    return rows.filter(~found, ~marked)


def before_chair(rows: Rows, value: str, scope: Scope) -> Rows:
    return rows.filter(put_before_chair_at__isnull=value == "no")


LISTING = Listing(
    name="cases",
    filters=(
        Choice("show", "Cases", whether_open, WHICH, default="open"),
        Choice("force", "In force today", in_force, FORCES, "Whatever"),
        Choice("newest", "Newest step", newest_is, NEWEST),
        Choice("waits", "Waits for", waiting_for, WAITING, "Whatever"),
        Choice("chair", "Before the chair", before_chair, (("yes", "Yes"), ("no", "No")), "Whether or not"),
        since("from", "Opened from", "opened_at"),
        until("to", "Opened up to", "opened_at", after="from"),
    ),
    orders={
        "opened": Order("opened", ("opened_at",)),
        "person": Order("person", ("person__folded",)),
    },
    order="-opened",
    heads=(("Person", "person"), ("Case", ""), ("Where it stands", ""), ("Waits for", ""), ("Opened", "opened")),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A case as the list shows it."""

    case: Case
    newest: str
    tags: list[tuple[str, str]]
    waits: str
    due_on: date | None
    overdue: bool


def visible(scope: Scope) -> Rows:
    return cases.visible_to(scope.user, scope.at).filter(school=scope.school)


def find(rows: Rows, state: State) -> tuple[Rows, State]:
    """Cases of the people whom the words may mean, or the one of that reference."""
    found, state = meant(state)
    return rows.filter(Q(reference=state.q.upper()) | Q(person__in=all_rows_of(found))), state


def with_all(rows: Rows, scope: Scope) -> Rows:
    """With the newest measure, those that may apply, and the open tasks: a handful a case, however long its story."""
    telling = told(Measure.objects.filter(~Exists(later()) | MAY_APPLY).order_by("proposed_at", "pk"))
    tasks = Task.objects.filter(closed_at=None).order_by("due_on", "pk")
    return rows.select_related("person").prefetch_related(
        Prefetch("measures", telling, to_attr="telling"), Prefetch("tasks", tasks, to_attr="open_tasks")
    )


def newest_words(case: Any, calendar: Calendar, at: datetime) -> str:
    """The measure proposed last, in words."""
    if not case.telling:
        return "Nothing proposed yet"
    last = case.telling[-1]
    return f"{last.get_response_display()}: {ladder.label_of(state_of(last, calendar, at), last.response).lower()}"


def tags_of(case: Any, calendar: Calendar, at: datetime) -> list[tuple[str, str]]:
    """What applies at this moment, the gravest first."""
    applying = {m.response for m in case.telling if m.response in TAGS and dates_of(m, calendar).in_force(at)}
    return [tag for response, tag in TAGS.items() if response in applying]


def dressed(found: list[Any], scope: Scope) -> list[Row]:
    today, shown = local_date(scope.at), []
    for case in found:
        first = case.open_tasks[0] if case.open_tasks else None
        more = f" and {len(case.open_tasks) - 1} more" if len(case.open_tasks) > 1 else ""
        shown.append(
            Row(
                case,
                newest_words(case, scope.calendar, scope.at),
                tags_of(case, scope.calendar, scope.at),
                f"{duties.KINDS.get(first.kind, first.kind)}{more}" if first else "",
                first.due_on if first else None,
                bool(first and first.due_on < today),
            )
        )
    return shown


def cells(found: list[Any], scope: Scope) -> list[list[object]]:
    counting = Incident.objects.counting().filter(in_case__case__in=[case.pk for case in found]).order_by()
    incidents = dict(counting.values_list("in_case__case").annotate(Count("pk")))
    return [
        [
            case.reference,
            str(case.person),
            case.opened_at,
            case.closed_at,
            incidents.get(case.pk, 0),
            newest_words(case, scope.calendar, scope.at),
            ", ".join(word for word, _ in tags_of(case, scope.calendar, scope.at)),
            "; ".join(f"{duties.KINDS.get(t.kind, t.kind)} ({t.due_on.isoformat()})" for t in case.open_tasks),
            case.put_before_chair_at is not None,
        ]
        for case in found
    ]


TABLE = Table(
    listing=LISTING,
    title="Cases",
    template="sanctions/cases.html",
    deeds=("see_cases", "see_cases_put_before_them"),
    visible=visible,
    find=find,
    with_all=with_all,
    dressed=dressed,
    columns=(
        "Case", "Person", "Opened", "Closed", "Incidents", "Newest step", "In force today", "Waits for", "Before the chair",
    ),
    cells=cells,
)  # fmt: skip
