"""What the frame of every page shows: where one may go, at which school one is, whether the scheduler is silent."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from conduct.health import scheduler_silent
from conduct.roles import may


@dataclass(frozen=True)
class Place:
    label: str
    url: str
    current: bool


# label, name of the view, what one must be allowed to see (any of them; none: everybody)
PLACES = (
    ("Today", "today", ()),
    ("Log an incident", "log", ("log_incident",)),
    ("Incidents", "incidents", ("see_cases", "see_cases_put_before_them")),
    ("Cases", "cases", ("see_cases", "see_cases_put_before_them")),
    ("People", "people", ("see_people",)),
    ("Gate", "gate", ("see_gate",)),
    ("Letters", "letters", ("see_letters",)),
    ("Diary", "diary", ("see_cases", "see_cases_put_before_them")),
    ("The code", "code", ()),
    ("Rehearsal", "rehearsal", ("rehearse",)),
    ("School", "school_settings", ("edit_calendar", "edit_school", "give_roles", "set_pack")),
)


def chrome(request: HttpRequest) -> dict[str, Any]:
    """For templates: nav, school, schools, may_gate, gate_url, demo, scheduler_silent."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"demo": settings.DEMO}
    roles = request.roles
    nav = []
    for label, name, deeds in PLACES:
        if request.school and (not deeds or any(may(roles, deed) for deed in deeds)):
            url = reverse(name)
            at_home = request.path == url
            nav.append(Place(label, url, at_home or (url != "/" and request.path.startswith(url))))
    return {
        "nav": nav,
        "school": request.school,
        "schools": request.schools,
        "may_gate": request.school is not None and may(roles, "see_gate"),
        "gate_url": reverse("gate"),
        "demo": settings.DEMO,
        "scheduler_silent": scheduler_silent(),
    }
