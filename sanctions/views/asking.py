"""How every form of the program is answered: show it, check it, try one verb, say what happened."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from conduct.models import School
from conduct.roles import may
from incidents import reporting
from incidents.models import Incident
from sanctions import cases
from sanctions.ladder import Refusal
from sanctions.models import Case
from sanctions.standing import Refused

LONGEST_QUESTION = 120
Links = Callable[[str], tuple[str, str] | None]


@dataclass(frozen=True)
class ShownRefusal:
    """A rule that stands in the way, as the page shows it: what it says, and the one link to where it is met."""

    rule: str
    text: str
    link_url: str = ""
    link_text: str = ""


def shown(refusals: list[Refusal], links: Links | None = None) -> list[ShownRefusal]:
    """Refusals with their links; `links` turns a guard's place into an address and its words."""
    found = []
    for refusal in refusals:
        url, text = (links(refusal.place) if links else None) or ("", "")
        found.append(ShownRefusal(refusal.rule, refusal.text, url, text))
    return found


def school_for(request: HttpRequest, *deeds: str) -> School:
    """The school at which the user works, if they may do any of these deeds there; else there is no such page."""
    if request.school is None or not any(may(request.roles, deed) for deed in deeds):
        raise Http404
    school: School = request.school
    return school


def visible_case(request: HttpRequest, reference: str) -> Case:
    """A case that the user may see; an unknown and a foreign one are the same 404."""
    visible = cases.visible_to(request.user, request.at).filter(school=request.school)
    found: Case = get_object_or_404(visible.select_related("school__trust", "person"), reference=reference)
    return found


def case_for(request: HttpRequest, reference: str) -> Case:
    """The same, to show it: a look at it is in the audit."""
    found = visible_case(request, reference)
    if request.method == "GET":
        cases.seen(found, by=request.user, at=request.at)
    return found


def answered(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    done: str | Callable[[object], str],
    said: str,
    template: str = "components/form_page.html",
    links: Links | None = None,
    **context: Any,
) -> HttpResponse:
    """Show a form; when it is posted and sound, try `act` with its answers, and go on to `done`.

    A refused verb brings the form back with everything still in it and each rule that stands in the way. `done` is an
    address, or a function from what `act` gave to one. The page shows `title`, `lede`, `submit` and `back` of `context`.
    """
    refusals: list[ShownRefusal] = []
    if request.method == "POST" and not only_checked(request) and form.is_valid():
        try:
            made = act(form.cleaned_data)
        except Refused as refused:
            refusals = shown(refused.refusals, links)
        else:
            messages.success(request, said)
            return redirect(done(made) if callable(done) else done)
    wrong = bool(refusals) or (request.method == "POST" and bool(form.errors))
    return render(request, template, {"form": form, "refusals": refusals, **context}, status=422 if wrong else 200)


def only_checked(request: HttpRequest) -> bool:
    """Whether the button was pressed that checks the wording and saves nothing. The form then holds what was typed."""
    return request.method == "POST" and "check" in request.POST


def read_over(request: HttpRequest, incident: Incident) -> dict[str, Any]:
    """For `answered`, with a form whose `text` tells of an incident: what is to be said of its words, as they are typed."""
    text, clauses, about = request.POST.get("text", ""), incident.clause_ids, [incident.subject_id]
    found = reporting.read_over(text, school=incident.school, clauses=clauses, about=about) if text.strip() else []
    return {"checks": "text", "about": incident.subject_id, "of_clauses": " ".join(clauses), "remarks": found}


def asked(request: HttpRequest) -> str:
    """The words of the search box, as a database takes them."""
    return request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUESTION]
