"""The picture of a person: shown to the desk and to the office, put in and taken away by the office."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_GET

from conduct import downloads, files, photos, pictures, register, uploads
from conduct.models import Person
from conduct.roles import may
from sanctions.gate import CLEAR, applies_to
from sanctions.views.asking import school_for

KINDS = (uploads.PICTURE,)


@require_GET
def person_photo(request: HttpRequest, pk: int) -> FileResponse:
    """The picture itself: the copy for the screen, which the pages that show it have written into the audit. Reception
    sees that of somebody to whom something applies today, and no other."""
    school = school_for(request, "see_gate", "see_people")
    person = get_object_or_404(school.people.select_related("photo"), pk=pk, photo__isnull=False)
    if not may(request.roles, "see_people") and applies_to([person], school, request.at)[person.pk].word == CLEAR.word:
        raise Http404
    return downloads.picture(person.photo)


def person_of(request: HttpRequest, pk: int) -> Person:
    """A person, for somebody who may see and change all that is known of them."""
    school = school_for(request, "see_people")
    if not may(request.roles, "edit_people"):
        raise Http404
    person: Person = get_object_or_404(school.people, pk=pk)
    return person


def person_photo_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Put in another picture of a person, or take it away."""
    person, wrong = person_of(request, pk), ""
    if request.method == "POST" and "remove" in request.POST:
        photos.take_away(person, by=request.user, at=request.at)
        messages.success(request, "The picture is taken away.")
        return redirect("person", pk)
    if request.method == "POST":
        wrong = put_in(request, person)
        if not wrong:
            messages.success(request, "The picture is saved.")
            return redirect("person", pk)
    else:
        register.looked_at(person, by=request.user, at=request.at)
    context = {
        "person": person,
        "wrong": wrong,
        "kind": uploads.PICTURE,
        "most": uploads.in_words(uploads.PICTURE.most),
    }
    return render(request, "conduct/person_photo.html", context, status=422 if wrong else 200)


def put_in(request: HttpRequest, person: Person) -> str:
    """Keep the picture that was sent; or what is wrong with it."""
    upload = request.FILES.get("photo")
    if upload is None:
        return "Choose a picture first."
    try:
        with files.stored(upload, school=person.school, kinds=KINDS, side=pictures.AT_THE_GATE) as found:
            photos.put_in(person, by=request.user, at=request.at, file=found)
    except ValidationError as problem:
        return str(problem.message)
    return ""


urlpatterns = [
    path("people/<int:pk>/photo/", person_photo, name="person_photo"),
    path("people/<int:pk>/photo/edit/", person_photo_edit, name="person_photo_edit"),
]
