"""Today: what needs me. And the diary: what lies ahead."""

from datetime import date
from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from conduct.calendar import local_date
from conduct.roles import Role, may
from letters import wording
from sanctions import cases, needs
from sanctions.views.asking import school_for

PAGE = 25
NOTICES = 5  # at once; the next come up as these are read


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What needs the user at the school, by their roles; what they are told; quick ways to what they do most."""
    if request.school is None:
        return render(request, "sanctions/today.html", {"nowhere": True})
    day, roles = local_date(request.at), request.roles
    visible = cases.visible_to(request.user, request.at)
    found = needs.needs_of(request.user, request.school, roles, visible, request.at)
    notices = needs.notices_of(request.user, request.school, roles, request.at)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [{"need": need, "tone": need.tone(day), "when": when_words(need, day)} for need in page],
        "notices": notices[:NOTICES],
        "more_notices": len(notices[NOTICES:]),
        "day": day,
        "overdue": sum(1 for need in found if need.tone(day) == "stop"),
        "unchecked_texts": len(wording.unchecked(request.school)) if Role.ADMIN in roles else 0,
        "quick": [(words, reverse(name)) for words, name, deed in QUICK if may(roles, deed)],
    }
    return render(request, "sanctions/today.html", context)


QUICK = (
    ("Log an incident", "log", "log_incident"),
    ("Open the gate list", "gate_list", "see_gate"),
)


def when_words(need: needs.Need, day: date) -> str:
    """By when, as a word beside the date: overdue, due today, by, or since."""
    if need.by is None:
        return "Waiting since"
    if need.by < day:
        return "Overdue since"
    return "Due today," if need.by == day else "By"


@require_GET
def diary(request: HttpRequest) -> HttpResponse:
    """Every date ahead in the running measures of the school, month by month."""
    school = school_for(request, "see_cases", "see_cases_put_before_them")
    day = local_date(request.at)
    entries, meetings = needs.diary_of(school, cases.visible_to(request.user, request.at), request.at)
    ahead = [entry for entry in entries if entry.on >= day]
    context = {
        "day": day,
        "passed": [entry for entry in entries if entry.on < day],
        "months": [(first, list(found)) for first, found in groupby(ahead, key=lambda e: e.on.replace(day=1))],
        "meetings": meetings,
    }
    return render(request, "sanctions/diary.html", context)


urlpatterns = [
    path("", today, name="today"),
    path("diary/", diary, name="diary"),
]
