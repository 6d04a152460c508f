"""They are here now: somebody at the desk presses, says yes, and is told what comes next."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from conduct.models import Person
from conduct.roles import may
from incidents.models import Incident
from sanctions import gate, presence
from sanctions.forms.deeds import EmptyForm
from sanctions.forms.gate import HereForm, ToldForm
from sanctions.views.asking import answered, school_for
from sanctions.views.gate import Match, looked_up, whom_to_call

TITLE = "They are here now"


def somebody(request: HttpRequest, pk: int, deed: str = "here_now") -> Person:
    """A person of the school, for somebody who may do the deed there."""
    school = school_for(request, deed)
    person: Person = get_object_or_404(school.people.select_related("school"), pk=pk)
    return person


def here(request: HttpRequest, pk: int) -> HttpResponse:
    """What applies to them, and the one button. Pressed: the breach is logged, with all that follows from it."""
    person = somebody(request, pk)
    how = presence.standing(person, request.at)
    data = request.POST if request.method == "POST" else None
    form = HereForm(data) if how.told or data is not None else ToldForm()
    return on_page(
        request,
        person,
        form,
        lambda told: presence.here_now(person, by=request.user, at=request.at, **told),
        done=lambda incident: after(request, incident),
        said="Recorded.",
        standing=how,
    )


def on_page(request: HttpRequest, person: Person, form: forms.Form, act: Any, **told: Any) -> HttpResponse:
    """The page of somebody who is here, with what applies to them; a refused deed comes back to it."""
    match = Match(person, gate.applies_to([person], person.school, request.at)[person.pk])
    looked_up(request, [match], typing=True)
    again = (reverse("gate_here", args=[person.pk]), "Look again at what applies now")
    return answered(
        request,
        form,
        act,
        template="conduct/gate_here.html",
        links=lambda place: again,
        match=match,
        applies=match.applies,
        may_tell=may(request.roles, "tell"),
        title=TITLE,
        **told,
        **whom_to_call(person.school, request),
    )


def after(request: HttpRequest, incident: Incident) -> str:
    """Where it leads: those who see cases to what happens next; reception to whom they ring, and no further."""
    if may(request.roles, "see_cases"):
        return reverse("what_next", args=[incident.in_case.case.reference, incident.reference])
    return reverse("gate_recorded", args=[incident.token])


@require_POST
def expected(request: HttpRequest, pk: int) -> HttpResponse:
    """They have come for an appointment, or for what their terms leave open: noted, and no breach."""
    person = somebody(request, pk)
    return on_page(
        request,
        person,
        EmptyForm(request.POST),
        lambda told: presence.came_as_expected(person, by=request.user, at=request.at),
        done=reverse("gate"),
        said=f"Noted: {person} came as expected. Nothing else is recorded.",
    )


@require_POST
def told(request: HttpRequest, pk: int) -> HttpResponse:
    """They did not know of the ban, and have been told now."""
    person = somebody(request, pk, "tell")
    return on_page(
        request,
        person,
        ToldForm(request.POST),
        lambda told: presence.tell_now(person, by=request.user, at=request.at, **told),
        done=reverse("gate"),
        said=f"Recorded: {person} has been told now. If they stay, look them up and press “{TITLE}” again.",
    )


@require_GET
def recorded(request: HttpRequest, token: UUID) -> HttpResponse:
    """For reception, after its own record: whom to ring now."""
    school = school_for(request, "here_now")
    mine = Incident.objects.filter(school=school, logged_by=request.user).select_related("subject")
    incident = get_object_or_404(mine, token=token)
    context = {"person": incident.subject, "at": incident.logged_at, **whom_to_call(school, request)}
    return render(request, "conduct/gate_recorded.html", context)


urlpatterns = [
    path("gate/<int:pk>/here/", here, name="gate_here"),
    path("gate/<int:pk>/expected/", expected, name="gate_expected"),
    path("gate/<int:pk>/told/", told, name="gate_told"),
    path("gate/recorded/<uuid:token>/", recorded, name="gate_recorded"),
]
