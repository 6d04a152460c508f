"""The gate: who is at the desk, and what applies to them today."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from conduct import audit, people, register
from conduct.calendar import local_date
from conduct.models import AuditRow, Membership, Person, School
from conduct.names import fold
from conduct.roles import Role, may
from sanctions import gate
from sanctions.gate import Applies
from sanctions.views.asking import asked, school_for

SAME_LOOK = timedelta(minutes=1)  # while somebody types a name on, it is one look-up


@dataclass(frozen=True)
class Match:
    """Somebody who may be the one at the desk, and what applies to them."""

    person: Person
    applies: Applies
    same_name: bool


@require_GET
def who_is_there(request: HttpRequest) -> HttpResponse:
    """One box, answered while typing: what applies today to whom the words may mean, and whom to call. No more."""
    school = school_for(request, "see_gate")
    question = asked(request)
    found = people.search(school, question)
    applies = gate.applies_to(found, school, request.at)
    matches = [Match(p, applies[p.pk], fold(p.name) == fold(question)) for p in found]
    keep_look_ups(request, matches)
    context = {"question": question, "matches": matches, "may_open": may(request.roles, "see_people")}
    context |= whom_to_call(school, request)
    return render(request, "conduct/_gate_result.html" if request.htmx else "conduct/gate.html", context)


def keep_look_ups(request: HttpRequest, matches: list[Match]) -> None:
    """Each look-up of somebody to whom something applies goes into the audit; a name typed on is not a second one."""
    told = [m for m in matches if m.applies.word != gate.CLEAR.word]
    if told and request.htmx:
        just_now = AuditRow.objects.filter(deed="gate_lookup", by=request.user, at__gt=request.at - SAME_LOOK)
        shown_before = set(just_now.values_list("about", flat=True))
        told = [m for m in told if register.about(m.person) not in shown_before]
    with transaction.atomic():
        for match in told:
            gate.looked_up(match.person, match.applies.word, by=request.user, at=request.at)


def whom_to_call(school: School, request: HttpRequest) -> dict[str, object]:
    """The head by the policy's title and by name: whom the desk calls when something applies."""
    today = local_date(request.at)
    heads = Membership.objects.of_school(school).on(today).filter(role=Role.HEAD).order_by("starts_on", "pk")
    return {
        "head_title": school.adoption_on(today).pack.title_of(Role.HEAD),
        "heads": list(heads.values_list("user__name", flat=True)),
        "today": today,
    }


@require_GET
def gate_list(request: HttpRequest) -> HttpResponse:
    """Everybody to whom something applies today, to be printed: valid until the end of the day."""
    school = school_for(request, "see_gate")
    listed = [Match(person, applies, True) for person, applies in gate.listed(school, request.at)]
    audit.record("look", by=request.user, at=request.at, school=school, about="gate list")
    return render(request, "conduct/gate_list.html", {"matches": listed, **whom_to_call(school, request)})


urlpatterns = [
    path("gate/", who_is_there, name="gate"),
    path("gate/list/", gate_list, name="gate_list"),
]
