"""What happens next once an incident is logged: the page after saving, and what is ticked off on it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from conduct import audit
from conduct.roles import may
from incidents.models import Incident
from sanctions import cases, inquiry, next_steps
from sanctions.views.asking import case_for


def incident_for(request: HttpRequest, reference: str, incident_reference: str) -> Incident:
    case = case_for(request, reference)
    incident: Incident = get_object_or_404(case.incidents.select_related("school"), reference=incident_reference)
    return incident


@require_GET
def what_next(request: HttpRequest, reference: str, incident_reference: str) -> HttpResponse:
    """What is to be done about an incident and all that were logged with it, and what is done already."""
    incident = incident_for(request, reference, incident_reference)
    told = next_steps.told_with(incident, cases.visible_to(request.user, request.at))
    for each in told:
        audit.record("look", by=request.user, at=request.at, school=each.school, about=each.reference)
    shared, agendas = next_steps.listed_for(told, request.roles, request.at)
    context = {
        "incident": incident,
        "case": agendas[0].case,
        "agendas": agendas,
        "shared": shared,
        "urgent": any(i.danger or i.severity == "criminal" for i in told if i.counts),
        "left": sum(1 for step in (*shared, *(s for a in agendas for s in a.steps)) if step.ways and not step.done),
    }
    return render(request, "incidents/what_next.html", context)


@require_POST
def step_taken(request: HttpRequest, reference: str, incident_reference: str, kind: str) -> HttpResponse:
    """One of these things is done."""
    incident = incident_for(request, reference, incident_reference)
    if kind not in next_steps.STEP_KINDS or not may(request.roles, "log_incident"):
        raise Http404
    inquiry.take_step(incident, by=request.user, at=request.at, kind=kind)
    messages.success(request, f"Recorded: {next_steps.STEP_KINDS[kind][0].lower()}{next_steps.STEP_KINDS[kind][1:]}.")
    return redirect("what_next", reference, incident_reference)


urlpatterns = [
    path("cases/<slug:reference>/incidents/<slug:incident_reference>/next/", what_next, name="what_next"),
    path("cases/<slug:reference>/incidents/<slug:incident_reference>/next/<slug:kind>/", step_taken, name="step_taken"),
]
