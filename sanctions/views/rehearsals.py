"""The rehearsal page: the trust plays a written story and reads the result as a table."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from conduct import uploads
from sanctions.forms.rehearsals import StoryForm, form_with
from sanctions.rehearsals import playing
from sanctions.rehearsals.examples import examples
from sanctions.rehearsals.playing import NotPlayed
from sanctions.rehearsals.result import Result
from sanctions.views.asking import school_for

LIMITS = {
    "most_size": uploads.in_words(uploads.STORY.most),
    "most_steps": playing.MOST_STEPS,
    "most_people": playing.MOST_PEOPLE,
}


def rehearsal(request: HttpRequest) -> HttpResponse:
    """Choose a story, play it, read what came of it; its text stays in the box."""
    school = school_for(request, "rehearse")
    if request.method != "POST":
        return page(request, StoryForm())
    form = StoryForm(request.POST, request.FILES)
    if not form.is_valid():
        return page(request, form, status=422)
    name, text = form.cleaned_data["name"], form.cleaned_data["story"]
    before = form.overwritten()
    try:
        played = playing.rehearse(school, by=request.user, at=request.at, name=name, text=text)
    except NotPlayed as wrong:
        where = {"line": wrong.line, "words": words_at(text, wrong.line)}
        return page(request, form_with(name, text, str(wrong)), status=422, where=where, before=before)
    return page(request, form_with(name, text), result=Result.of(played), before=before)


def page(request: HttpRequest, form: StoryForm, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"form": form, "examples": examples().values(), **LIMITS}
    return render(request, "sanctions/rehearsal.html", context, status=status)


def words_at(text: str, line: int) -> str:
    """One line of a text; nothing where there is no such line."""
    lines = text.split("\n")
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


@require_GET
def example(request: HttpRequest, file: str) -> HttpResponse:
    """An example story as a file."""
    school_for(request, "rehearse")
    if file not in examples():
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(examples()[file].text, content_type="application/yaml; charset=utf-8", headers=headers)


urlpatterns = [
    path("rehearsal/", rehearsal, name="rehearsal"),
    path("rehearsal/examples/<str:file>", example, name="rehearsal_example"),
]
