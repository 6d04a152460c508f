"""Pages that belong to no case: the code, the switch between schools, the health of the program."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from conduct import code, health, policy
from conduct.calendar import local_date
from conduct.models import Adoption, School


@require_GET
def the_code(request: HttpRequest) -> HttpResponse:
    """The policy of one's own school; the combined code for somebody without one."""
    pack, version = followed_by(request.school, local_date(request.at))
    return show_pack(request, pack, request.school, version)


@require_GET
def the_pack(request: HttpRequest, key: str) -> HttpResponse:
    """One policy as it is published, or the combined code."""
    return show_pack(request, pack_or_404(key))


def pack_or_404(key: str) -> code.Pack:
    if key not in code.packs():
        raise Http404
    return code.pack(key)


def followed_by(school: School | None, on: date) -> tuple[code.Pack, str]:
    """The policy that a school follows on a day and its version; the first of all packs, the combined code, without one."""
    first = next(iter(code.packs().values()))
    try:
        adoption = school.adoption_on(on) if school else None
    except Adoption.DoesNotExist:
        adoption = None
    return (adoption.pack, adoption.version_words) if adoption else (first, first.version)


@dataclass(frozen=True)
class Policy:
    """A policy as the pages name it in short, and where it is shown."""

    short: str
    url: str
    current: bool


def show_pack(request: HttpRequest, pack: code.Pack, school: School | None = None, version: str = "") -> HttpResponse:
    """A policy on one page, every other one a click away; `school`: whose own it is."""
    own = [Policy(request.school.name, reverse("code"), school is not None)] if request.school else []
    others = [Policy(policy.short(k), reverse("pack", args=[k]), not school and k == pack.key) for k in code.packs()]
    key = [] if school else [pack.key]
    files = {
        "website_url": reverse("pack_website" if key else "code_website", args=key),
        "pdf_url": reverse("pack_pdf" if key else "code_pdf", args=key),
    }
    return render(
        request, "conduct/code.html", {**policy.reading(pack, school, version), **files, "packs": own + others}
    )


@require_POST
def switch_school(request: HttpRequest) -> HttpResponse:
    """Work at another of one's schools."""
    school = next((s for s in request.schools if s.slug == request.POST.get("school")), None)
    if school is None:
        raise Http404
    request.session["school"] = school.slug
    return redirect(safe_next(request.POST.get("next", "")))


def safe_next(address: str) -> str:
    """A path of this site, or the first page: never an address elsewhere."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours else "/"


@login_not_required
@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when database, broker and scheduler are well, else 503 with the failing part. No data in it."""
    parts = health.report()
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)
