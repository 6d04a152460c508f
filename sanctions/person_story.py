"""What has happened with a person, on one line: incidents, what was proposed and decided, letters, cases; the newest first."""

from collections.abc import Iterable
from datetime import datetime, time

from django.db.models import QuerySet
from django.urls import reverse

from conduct.calendar import LONDON
from conduct.models import Person
from conduct.templatetags.words import day_and_time
from incidents.models import Incident
from letters.kinds import KINDS
from sanctions.case_page import DECISION_TITLES, Event
from sanctions.models import Case, CaseLetter, Decision, Measure

MOST = 200  # of each sort: who has more is better read case by case


def story(cases: QuerySet[Case]) -> list[Event]:
    """All of these cases; the same number of queries for any."""
    found = [*incidents_in(cases), *proposed_in(cases), *decided_in(cases), *letters_in(cases)]
    for case in cases:
        link = (reverse("case", args=[case.reference]), case.reference)
        if case.closed_at:
            found.append(Event(case.closed_at, f"{case.reference} closed", "", case.close_reason, *link))
    return sorted(found, key=lambda e: e.at, reverse=True)


def incidents_in(cases: QuerySet[Case]) -> Iterable[Event]:
    rows = Incident.objects.filter(in_case__case__in=cases).select_related("in_case__case")
    for row in rows.prefetch_related("findings", "marks").order_by("-logged_at", "-pk")[:MOST]:
        aside = f"{row.get_place_display().lower()}, {row.get_severity_display().lower()}"
        text = f"{day_and_time(row.occurred_at)}. {outcome(row)}."
        link = (reverse("incident", args=[row.in_case.case.reference, row.reference]), row.reference)
        yield Event(row.logged_at, "Incident logged", aside, text, *link, void=not row.counts)


def outcome(incident: Incident) -> str:
    if not incident.counts:
        return "Does not count"
    if incident.finding is None:
        return "Not found yet"
    return "Upheld" if incident.finding.upheld else "Not upheld"


def proposed_in(cases: QuerySet[Case]) -> Iterable[Event]:
    rows = Measure.objects.filter(case__in=cases).select_related("case", "proposed_by").order_by("-proposed_at", "-pk")
    for row in rows[:MOST]:
        title = f"{row.get_response_display()} proposed"
        link = (reverse("case", args=[row.case.reference]), row.case.reference)
        yield Event(row.proposed_at, title, f"by {row.proposed_by}", "", *link)


def decided_in(cases: QuerySet[Case]) -> Iterable[Event]:
    rows = Decision.objects.filter(measure__case__in=cases).select_related("measure__case", "by")
    for row in rows.order_by("-at", "-pk")[:MOST]:
        case = row.measure.case
        title = f"{DECISION_TITLES.get(row.verb, row.verb)}: {row.measure.get_response_display().lower()}"
        yield Event(row.at, title, f"by {row.by}", "", reverse("case", args=[case.reference]), case.reference)


def letters_in(cases: QuerySet[Case]) -> Iterable[Event]:
    rows = CaseLetter.objects.filter(case__in=cases, letter__issued_at__isnull=False).select_related("letter", "case")
    for row in rows.order_by("-letter__issued_at", "-pk")[:MOST]:
        letter, case = row.letter, row.case
        title = f"Letter: {KINDS[letter.kind].short.lower()}"
        aside = f"{letter.reference}, {letter.get_method_display().lower()}"
        link = (reverse("case", args=[case.reference]), case.reference)
        yield Event(letter.issued_at, title, aside, "", *link)
        if letter.came_back_on and letter.posted_at:
            back = datetime.combine(letter.came_back_on, time(12), LONDON)
            yield Event(back, "Letter came back", letter.reference, "", *link)


def counts_of(person: Person) -> dict[str, int]:
    """What stands under one row of a person, for whoever compares two."""
    return {
        "incidents": person.incidents.counting().count(),
        "cases": person.cases.count(),
        "measures": person.measures.count(),
        "letters": person.letters.filter(issued_at__isnull=False).count(),
    }
