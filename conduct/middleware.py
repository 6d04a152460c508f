"""What holds for every page: at which school the user works, that private pages are not kept by browsers, and how much
a request may bring."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conduct import clock
from conduct.calendar import local_date
from conduct.models import School, schools_of
from conduct.uploads import MB, in_words

View = Callable[[HttpRequest], HttpResponse]


class PrivatePages:
    """Pages of a signed-in user are not stored: not by the shared PC in the office, not by a proxy."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


def most_of(request: HttpRequest) -> int:
    """How many bytes a request may bring: the largest file, with the form around it; from strangers no more than a form."""
    a_form: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return max(a_form, settings.MOST_MB_A_REQUEST * MB) if request.user.is_authenticated else a_form


def too_large(request: HttpRequest) -> bool:
    """Whether a request brings more than that. Reading it would fill the disk first and ask for its size afterwards."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    return told.isdecimal() and int(told) > most_of(request)


def moved_away(request: HttpRequest) -> bool:
    """Whether a form was opened at another school than the one at which the user works now: in another tab, say.

    Somebody whose session has ended is asked to sign in again, not told that they have moved.
    """
    opened_at = request.user.is_authenticated and request.POST.get("at_school")
    return bool(opened_at) and (request.school is None or opened_at != request.school.slug)


class AtSchool:
    """Sets `request.at` (the moment, read once), `request.school` and `request.roles`.

    The school is the one last chosen, or the first in which the user holds a role; None for somebody without any.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.at = clock.now()
        request.school, request.schools, request.roles = None, [], frozenset()
        if request.user.is_authenticated:
            self.place(request)
        if too_large(request):
            return render(request, "413.html", {"most": in_words(most_of(request))}, status=413)
        if request.method == "POST" and moved_away(request):
            return render(request, "conduct/other_school.html", status=409)
        return self.get_response(request)

    def place(self, request: HttpRequest) -> None:
        today = local_date(request.at)
        request.schools = list(schools_of(request.user, today).order_by("name"))
        chosen = request.session.get("school")
        school: School | None = next((s for s in request.schools if s.slug == chosen), None)
        request.school = school or next(iter(request.schools), None)
        if request.school is not None:
            request.roles = request.user.roles_at(request.school, today)
