"""Pages that belong to no case: the code, the switch between schools, the health of the program."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from conduct import code, health

COMBINED = "combined"
SEVERITY_WORDS = {"minor": "Minor", "serious": "Serious", "criminal": "Possibly criminal"}


@require_GET
def the_code(request: HttpRequest) -> HttpResponse:
    """The combined code by group, with the source policies of each clause."""
    return show_pack(request, COMBINED)


@require_GET
def the_pack(request: HttpRequest, key: str) -> HttpResponse:
    """One policy pack in the same form."""
    if key not in code.packs():
        raise Http404
    return show_pack(request, key)


@dataclass(frozen=True)
class Policy:
    """A policy pack as the pages name it in short, and where it is shown."""

    key: str
    short: str
    url: str


@dataclass(frozen=True)
class Line:
    """A clause as the page of the code shows it: everything in words, and which source policies hold it."""

    clause: code.Clause
    usual: str
    routes: tuple[str, ...]
    sources: tuple[tuple[Policy, bool], ...]


def show_pack(request: HttpRequest, key: str) -> HttpResponse:
    """One pack by group: each clause in words, with its source policies, and the ladder."""
    pack = code.pack(key)
    policies = [policy(k) for k in code.packs()]
    sources = [p for p in policies if p.key != COMBINED]
    context = {
        "pack": pack,
        "packs": policies,
        "policies": sources,
        "unacceptable": [(g, [line(pack, c, sources) for c in cs]) for g, cs in pack.clause_groups()],
        "expectations": [(g, [line(pack, c, sources) for c in cs]) for g, cs in pack.clause_groups("expectation")],
        "levels": [[code.RESPONSE_LABELS[r] for r in level] for level in pack.levels],
    }
    return render(request, "conduct/code.html", context)


def policy(key: str) -> Policy:
    """A pack by its key, in words: all_saints is All Saints."""
    return Policy(
        key, key.replace("_", " ").title(), reverse("pack", args=[key]) if key != COMBINED else reverse("code")
    )


def line(pack: code.Pack, clause: code.Clause, sources: list[Policy]) -> Line:
    """One clause in words, as this pack follows it."""
    routes = tuple(code.RESPONSE_LABELS[code.ROUTES[route]] for route in pack.routes_of([clause.id]))
    held = tuple((source, source.key in clause.sources) for source in sources)
    return Line(clause, SEVERITY_WORDS.get(clause.usual_severity, ""), routes, held)


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
