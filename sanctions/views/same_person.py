"""Who a person is: the same as another row, somebody else, living with whom; and whether their address is protected."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from conduct import duplicates, households, merging, people, register
from conduct.merging import NotPossible
from conduct.models import Distinct, Merge, Person, School
from conduct.roles import may
from sanctions import two_rows
from sanctions.views.asking import asked, school_for


def person_at(school: School, pk: int) -> Person:
    """The row that stands for a person of the school."""
    found: Person = get_object_or_404(school.people.select_related("identity"), pk=pk)
    return found.stands_for


@require_GET
def find_same(request: HttpRequest, pk: int) -> HttpResponse:
    """Look for the other row under which a person is written down; who may be it comes first."""
    school = school_for(request, "merge_people")
    person, question = person_at(school, pk), asked(request)
    found = [p for p in people.search(school, question) if p != person] if question else []
    likely = duplicates.alike(school, name=person.name, phone=person.phone, besides=person)
    context = {"person": person, "question": question, "found": found, "likely": likely}
    return render(request, "conduct/person_same.html", context)


def merge(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Two rows side by side, and what joining them means; posted, they are one person."""
    school = school_for(request, "merge_people")
    kept, merged = merging.named_first(person_at(school, pk), person_at(school, other))
    wrong, reason = "", request.POST.get("reason", "").replace("\0", "")[:200]
    if request.method == "POST":
        try:
            merging.merge(kept, merged, by=request.user, at=request.at, reason=reason)
        except NotPossible as not_possible:
            wrong = str(not_possible)
        else:
            messages.success(request, f"{kept} and {merged} are one person now. This can be taken back on this page.")
            return redirect("person", kept.pk)
    for each in (kept, merged):
        register.looked_at(each, by=request.user, at=request.at)
    return render(
        request, "conduct/person_merge.html", compared(request, kept, merged, wrong), status=422 if wrong else 200
    )


def compared(request: HttpRequest, kept: Person, merged: Person, wrong: str) -> dict[str, Any]:
    sides = [two_rows.side(each, request.at) for each in (kept, merged)]
    return {
        "sides": sides,
        "kept": kept,
        "merged": merged,
        "conflicts": two_rows.in_conflict(*sides),
        "wrong": wrong,
        "reason": request.POST.get("reason", ""),
        "sees_address": may(request.roles, "see_protected_address"),
    }


def done(request: HttpRequest, act: Callable[[], object], said: str, person: Person) -> HttpResponse:
    """Try one deed about a person, say what came of it, and go back to their page."""
    try:
        act()
    except NotPossible as not_possible:
        messages.error(request, str(not_possible))
    else:
        messages.success(request, said)
    return redirect("person", person.pk)


@require_POST
def undo_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that two rows are one person."""
    school = school_for(request, "merge_people")
    row = get_object_or_404(Merge.objects.select_related("kept", "merged"), pk=pk, kept__school=school)
    said = f"{row.kept} and {row.merged} are two persons again, each with what was written under their name."
    return done(request, lambda: merging.undo(row, by=request.user, at=request.at), said, row.kept)


@require_POST
def tell_apart(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Say that two are not the same person."""
    school = school_for(request, "merge_people")
    one, two = person_at(school, pk), person_at(school, other)
    said = f"Noted: {one} and {two} are not the same person. They are not offered as one again."
    return done(request, lambda: merging.tell_apart(one, two, by=request.user, at=request.at), said, one)


@require_POST
def take_back(request: HttpRequest, pk: int, apart: int) -> HttpResponse:
    """Take back that somebody is not this person."""
    school = school_for(request, "merge_people")
    person = person_at(school, pk)
    rows = person.rows()
    row = get_object_or_404(Distinct, Q(one__in=rows) | Q(other__in=rows), pk=apart)
    said = "Taken back: the two may be offered as one person again."
    return done(request, lambda: merging.take_back(row, by=request.user, at=request.at), said, person)


def hidden_from(request: HttpRequest, *people: Person) -> bool:
    """Whether one of these, or somebody with whom they live, has a protected address that the user may not see."""
    if may(request.roles, "see_protected_address"):
        return False
    return any(p.is_protected() for person in people for p in [person, *households.lives_with(person, all_told=True)])


def not_told(request: HttpRequest, person: Person) -> HttpResponse:
    messages.error(request, "An address is protected here. Ask the head.")
    return redirect("person", person.pk)


@require_POST
def live_together(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Say that two adults of the same children live together."""
    school = school_for(request, "see_people")
    person, host = person_at(school, pk), person_at(school, other)
    if hidden_from(request, person, host):
        return not_told(request, person)
    said = f"{person} lives with {host}. The address of each stays as it is written down."
    return done(request, lambda: households.live_together(person, host, by=request.user, at=request.at), said, person)


@require_POST
def leave_household(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a person lives with none of them any more."""
    school = school_for(request, "see_people")
    person = person_at(school, pk)
    if hidden_from(request, person):
        return not_told(request, person)
    said = f"{person} lives with none of them any more."
    return done(request, lambda: households.leave(person, by=request.user, at=request.at), said, person)


@require_POST
def protect_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that few may see where somebody lives, or that everybody who works with them may again."""
    school = school_for(request, "protect_address")
    person, protected = person_at(school, pk), request.POST.get("protected") == "yes"
    said = (
        "The address is protected. Only senior staff, the head and whoever sends the letters see it from now on."
        if protected
        else "The address is not protected any more: everybody who works with people sees it."
    )

    def act() -> None:
        register.protect_address(person, protected, by=request.user, at=request.at)

    return done(request, act, said, person)


urlpatterns = [
    path("people/<int:pk>/same/", find_same, name="person_same"),
    path("people/<int:pk>/same/<int:other>/", merge, name="person_merge"),
    path("people/<int:pk>/not/<int:other>/", tell_apart, name="person_apart"),
    path("people/<int:pk>/not/<int:apart>/take-back/", take_back, name="person_apart_back"),
    path("people/joins/<int:pk>/undo/", undo_merge, name="person_merge_undo"),
    path("people/<int:pk>/lives-with/<int:other>/", live_together, name="person_lives_with"),
    path("people/<int:pk>/lives-alone/", leave_household, name="person_lives_alone"),
    path("people/<int:pk>/protect/", protect_address, name="person_protect"),
]
