"""The gate: who is at the desk, and what applies to them today."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from conduct import audit, people
from conduct.calendar import local_date
from conduct.models import Membership, Person, School
from conduct.names import fold
from conduct.roles import Role, may
from sanctions import gate
from sanctions.gate import Applies
from sanctions.views.asking import asked, school_for

A_PAGE = 100  # of the list: a school has a handful


@dataclass(frozen=True)
class Match:
    """Somebody who may be the one at the desk, and what applies to them."""

    person: Person
    applies: Applies
    same_name: bool = False
    tells: str = ""  # what tells them from others of their name


@require_GET
def who_is_there(request: HttpRequest) -> HttpResponse:
    """One box, answered while typing: what applies today to whom the words may mean, and whom to call. No more."""
    school = school_for(request, "see_gate")
    question = asked(request)
    found = people.search(school, question)
    applies, tells = gate.applies_to(found, school, request.at), gate.told_apart(found)
    matches = [Match(p, applies[p.pk], fold(p.name) == fold(question), tells.get(p.pk, "")) for p in found]
    looked_up(request, matches, typing=bool(request.htmx))
    context = {
        "question": question,
        "matches": matches,
        "may_open": may(request.roles, "see_people"),
        **whom_to_call(school, request),
    }
    return render(request, "conduct/_gate_result.html" if request.htmx else "conduct/gate.html", context)


@transaction.atomic
def looked_up(request: HttpRequest, matches: list[Match], *, typing: bool = False) -> None:
    """Each look-up of somebody to whom something applies goes into the audit; a name typed on is not a second one."""
    seen = [(match.person, match.applies) for match in matches]
    gate.looked_up(seen, by=request.user, at=request.at, typing=typing)


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
    """Everybody to whom something applies today."""
    school = school_for(request, "see_gate")
    audit.record("look", by=request.user, at=request.at, school=school, about="gate list")
    return render(request, "conduct/gate_list.html", listed(school, request))


@require_GET
def gate_sheet(request: HttpRequest) -> HttpResponse:
    """The list of the day as it is printed: that somebody printed it is in the audit."""
    school = school_for(request, "see_gate")
    context = listed(school, request)
    shown = {"page": context["page_obj"].number, "people": len(context["matches"])}
    audit.record("print", by=request.user, at=request.at, school=school, about="gate list", changes=shown)
    return render(request, "conduct/gate_sheet.html", context)


def listed(school: School, request: HttpRequest) -> dict[str, Any]:
    """One page of the list of the day, and whom to call."""
    page = Paginator(gate.may_be_listed(school, request.at), A_PAGE).get_page(request.GET.get("page"))
    rows = gate.listed(school, request.at, page.object_list)
    matches = [Match(person, applies) for person, applies in rows]
    return {"matches": matches, "page_obj": page, **whom_to_call(school, request)}


urlpatterns = [
    path("gate/", who_is_there, name="gate"),
    path("gate/list/", gate_list, name="gate_list"),
    path("gate/list/print/", gate_sheet, name="gate_sheet"),
]
