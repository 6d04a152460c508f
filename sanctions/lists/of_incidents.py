"""The list of incidents."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q

from conduct import code
from conduct.calendar import local_date
from conduct.listing import Choice, Choices, Listing, Order, Rows, Scope, State, equals, since, until
from incidents.models import ONLINE_SEEMS, PLACES, SEVERITY_LABELS, Finding, Incident, IncidentClause, Mark
from sanctions import cases
from sanctions.lists.table import Table, all_rows_of, among, meant
from sanctions.models import CaseIncident

GROUP = "all:"  # before the name of a group of clauses, where a clause has its id
FOUND = (("no", "Not found yet"), ("upheld", "Something upheld"), ("nothing", "Nothing upheld"))
ONLINE = (("any", "Yes"), *((value, label.split(":")[0].split(",")[0]) for value, label in ONLINE_SEEMS))


def clauses_of(scope: Scope) -> tuple[tuple[str, Choices], ...]:
    """The clauses of the policy in force, by group; each group as a whole first."""
    if scope.pack is None:
        return ()
    groups: dict[str, list[code.Clause]] = {}
    for kind in code.KINDS:
        for group, clauses in scope.pack.clause_groups(kind):
            groups.setdefault(group, []).extend(clauses)
    return tuple(
        (group, ((f"{GROUP}{group}", f"Anything under “{group}”"), *((c.id, f"{c.id} {c.wording}") for c in clauses)))
        for group, clauses in groups.items()
    )


def of_clause(rows: Rows, value: str, scope: Scope) -> Rows:
    """Incidents said to breach a clause, or any of a group."""
    ids = {value}
    if value.startswith(GROUP):
        assert scope.pack is not None
        every = {**code.clauses(), **{c.id: c for c in scope.pack.own_clauses}}
        ids = {c.id for c in every.values() if c.group == value.removeprefix(GROUP)}
    return among(
        rows, IncidentClause.objects.filter(clause__in=sorted(ids)).order_by().values_list("incident", flat=True)
    )


def as_found(rows: Rows, value: str, scope: Scope) -> Rows:
    """By the finding that stands, which is the latest; of what does not count none is waited for."""
    if value == "no":
        marked = Mark.objects.filter(incident=OuterRef("pk"), undone_at=None)
        return rows.filter(~Exists(Finding.objects.filter(incident=OuterRef("pk"))), ~Exists(marked))
    same = Finding.objects.filter(incident=OuterRef("incident"))
    later = same.filter(Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")))
    standing = Finding.objects.filter(~Exists(later), incident=OuterRef("pk"))
    return rows.filter(Exists(standing.filter(upheld=[]) if value == "nothing" else standing.exclude(upheld=[])))


def in_case_that_is(rows: Rows, value: str, scope: Scope) -> Rows:
    """Open cases are few: the database starts from them."""
    if value == "closed":
        return rows.filter(in_case__case__closed_at__isnull=False)
    held = CaseIncident.objects.filter(case__school=scope.school, case__closed_at=None)
    return rows.filter(pk__in=held.values("incident"))


def by_whom(rows: Rows, value: str, scope: Scope) -> Rows:
    return rows.filter(logged_by=scope.user)


def that_count(rows: Rows, value: str, scope: Scope) -> Rows:
    """Those that count, or those marked as withdrawn or wrong."""
    standing = Mark.objects.filter(undone_at=None)
    if value == "no":
        return among(rows, standing.order_by().values_list("incident", flat=True))
    return rows.filter(~Exists(standing.filter(incident=OuterRef("pk"))))


def online(rows: Rows, value: str, scope: Scope) -> Rows:
    wanted = [each for each, _ in ONLINE_SEEMS] if value == "any" else [value]
    return rows.filter(online_is__in=wanted)


LISTING = Listing(
    name="incidents",
    filters=(
        since("from", "Happened from", "occurred_at"),
        until("to", "Happened up to", "occurred_at", after="from"),
        Choice("clause", "Part of the code", of_clause, clauses_of),
        Choice("place", "Where", equals("place"), tuple(PLACES), "Anywhere"),
        Choice("severity", "Severity", equals("severity"), tuple(SEVERITY_LABELS)),
        Choice("found", "Facts", as_found, FOUND),
        Choice("case", "Its case is", in_case_that_is, (("open", "Open"), ("closed", "Closed")), "Open or closed"),
        Choice("by", "Logged by", by_whom, (("me", "Me"),), "Anybody"),
        Choice("counts", "Counts", that_count, (("yes", "Counts"), ("no", "Does not count")), "Whether or not"),
        Choice("online", "Said online", online, ONLINE, "Online or not"),
    ),
    orders={
        "when": Order("when", ("occurred_at",)),
        "logged": Order("logged", ("logged_at",)),
        "person": Order("person", ("subject__folded",)),
    },
    order="-when",
    heads=(
        ("Person", "person"), ("Happened", "when"), ("What", ""), ("Where", ""), ("Severity", ""), ("Facts", ""),
        ("Logged", "logged"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """An incident as the list shows it."""

    incident: Incident
    what: str
    further: int  # clauses beside the first
    facts: str
    counts: bool
    same_day: bool  # logged on the day on which it happened


def visible(scope: Scope) -> Rows:
    return cases.incidents_visible_to(scope.user, scope.at).filter(school=scope.school)


def find(rows: Rows, state: State) -> tuple[Rows, State]:
    """Incidents of the people whom the words may mean; or the one, or those of the case, of that reference."""
    found, state = meant(state)
    reference = state.q.upper()
    by_reference = Q(reference=reference) | Q(in_case__case__reference=reference)
    return rows.filter(by_reference | Q(subject__in=all_rows_of(found))), state


def with_all(rows: Rows, scope: Scope) -> Rows:
    standing = Prefetch("marks", Mark.objects.filter(undone_at=None), to_attr="standing_marks")
    rows = rows.select_related("subject", "logged_by").annotate(case_reference=F("in_case__case__reference"))
    return rows.defer("narrative").prefetch_related("clauses", "findings", standing)


def facts_of(incident: Any) -> str:
    finding = incident.finding
    if finding is None:
        return "Does not count" if incident.standing_marks else "Not found yet"
    return "Upheld" if finding.upheld else "Nothing upheld"


def wording(clause: str, scope: Scope) -> str:
    """A clause in words; by its id where the policy in force does not know it."""
    try:
        return (scope.pack.clause(clause) if scope.pack else code.clauses()[clause]).wording
    except KeyError:
        return clause


def dressed(incidents: list[Any], scope: Scope) -> list[Row]:
    found = []
    for incident in incidents:
        ids = incident.clause_ids
        what = wording(ids[0], scope) if ids else "No part of the code"
        same_day = local_date(incident.logged_at) == local_date(incident.occurred_at)
        counts = not incident.standing_marks
        found.append(Row(incident, what, max(len(ids) - 1, 0), facts_of(incident), counts, same_day))
    return found


def cells(incidents: list[Any], scope: Scope) -> list[list[object]]:
    return [
        [
            incident.reference,
            incident.case_reference,
            str(incident.subject),
            incident.occurred_at,
            incident.logged_at,
            str(incident.logged_by),
            incident.get_place_display(),
            incident.get_severity_display(),
            " ".join(incident.clause_ids),
            facts_of(incident),
            "no" if incident.standing_marks else "yes",
        ]
        for incident in incidents
    ]


TABLE = Table(
    listing=LISTING,
    title="Incidents",
    template="sanctions/incidents.html",
    deeds=("see_cases", "see_cases_put_before_them"),
    visible=visible,
    find=find,
    with_all=with_all,
    dressed=dressed,
    columns=(
        "Incident", "Case", "Person", "Happened", "Logged", "Logged by", "Where", "Severity", "Parts of the code", "Facts",
        "Counts",
    ),
    cells=cells,
)  # fmt: skip
