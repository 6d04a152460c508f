"""The pages of a school's policy: the versions that there were, are and will be; adopting another; adjusting this one."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from conduct.calendar import local_date
from conduct.code import Clause
from conduct.models import Adoption, School
from conduct.policy_words import Difference, differences, own_words, settings_of, timers_of
from conduct.roles import may
from conduct.templatetags.words import long_day
from sanctions import adoptions
from sanctions.forms.adoptions import AdoptForm, NamesForm, OwnClauseForm, RemoveClauseForm, TimersForm, VersionForm
from sanctions.standing import Refused
from sanctions.views.asking import ShownRefusal, answered, school_for, shown
from sanctions.views.house import SETTINGS

PAGE = 25


@dataclass(frozen=True)
class Version:
    """One version as the list shows it."""

    adoption: Adoption
    state: str  # in force | to come | over | withdrawn
    until: Adoption | None  # the one that followed
    may_withdraw: bool
    changes: list[Difference] = field(default_factory=list)

    @property
    def tone(self) -> str:
        return {"in force": "go", "to come": "wait"}.get(self.state, "plain")


def listed(school: School, today: date) -> list[Version]:
    """Every version, the latest first, with what it changed of the one before."""
    rows = adoptions.versions_of(school)
    standing = [row for row in rows if row.withdrawn_at is None]
    present = next((row for row in standing if row.starts_on <= today), None)
    found = []
    for row in rows:
        if row.withdrawn_at is not None:
            found.append(Version(row, "withdrawn", None, may_withdraw=False))
            continue
        n = standing.index(row)
        before = standing[n + 1] if n + 1 < len(standing) else None
        state = "in force" if row is present else "to come" if row.starts_on > today else "over"
        free = row.starts_on >= today and not row.is_referred_to and len(standing) > 1
        changes = differences(before.pack, row.pack) if before else []
        found.append(Version(row, state, standing[n - 1] if n else None, free, changes))
    return found


@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    """The policy in force, its versions before and to come, and what may be changed about it."""
    school = school_for(request, *SETTINGS)
    rows = listed(school, local_date(request.at))
    standing = [row for row in rows if row.state != "withdrawn"]
    if not standing:
        raise Http404
    context = {
        "present": next((row for row in standing if row.state == "in force"), standing[-1]),
        "last": standing[0],
        "own": [(clause, own_words(clause)) for clause in standing[0].adoption.pack.own_clauses],
        "page_obj": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "may_set": may(request.roles, "set_pack"),
    }
    return render(request, "conduct/settings_policy.html", context)


@require_GET
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version, whole: names, who decides, the ladder, timers, and every clause."""
    school = school_for(request, *SETTINGS)
    row = next((v for v in listed(school, local_date(request.at)) if v.adoption.version == number), None)
    if row is None:
        raise Http404
    pack = row.adoption.pack
    context = {
        "row": row,
        "pack": pack,
        "settings": [{"key": key, "value": value} for key, value in settings_of(pack)],
        "timers": [{"key": key, "value": value} for key, value in timers_of(pack)],
        "groups": [*pack.clause_groups(), *pack.clause_groups("expectation")],
    }
    return render(request, "conduct/settings_policy_version.html", context)


# -- the next version ---------------------------------------------------------------------------------------------


def setting(request: HttpRequest) -> tuple[School, dict[str, Any]]:
    """The school whose policy the user may set, and what every form of a version is made with."""
    school = school_for(request, "set_pack")
    last = adoptions.latest(school)
    if last is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    return school, {"data": data, "last": last, "today": local_date(request.at)}


def next_version(request: HttpRequest, school: School, form: VersionForm, **context: Any) -> HttpResponse:
    """Show a form; when it is sound, what it would change and what goes on as it is; once that is confirmed, adopt it."""
    refusals: list[ShownRefusal] = []
    step = request.POST.get("step", "look")
    if request.method == "POST" and form.is_valid() and step != "back":
        try:
            if step != "adopt":
                return looked_over(request, school, form, **context)
            made = adoptions.adopt(school, by=request.user, at=request.at, **form.told())
        except Refused as refused:
            refusals = shown(refused.refusals)
        else:
            tell(request, made)
            return redirect("school_policy")
    wrong = bool(refusals) or (form.is_bound and bool(form.errors))
    page = {"back": reverse("school_policy"), "back_text": "Policy", "submit": "See what changes", **context}
    return render(
        request, "components/form_page.html", {"form": form, "refusals": refusals, **page}, status=422 if wrong else 200
    )


def looked_over(request: HttpRequest, school: School, form: VersionForm, **context: Any) -> HttpResponse:
    """What a version would change, before it is adopted. Raises Refused where it cannot be."""
    told = form.told()
    last, replaced = adoptions.standing(school, at=request.at, **told)
    assert last is not None
    assert form.pack is not None
    page = {
        "form": form,
        "starts_on": told["starts_on"],
        "last": last,
        "replaced": replaced,
        "differences": differences(last.pack, form.pack),
        "going_on": adoptions.going_on(school, request.at),
    }
    return render(request, "conduct/settings_policy_preview.html", {**context, **page})


def tell(request: HttpRequest, made: adoptions.Adopted) -> None:
    """Say what was adopted, and which measures go on under the policy before."""
    messages.success(
        request, f"Version {made.adoption.version} is adopted, in force from {long_day(made.adoption.starts_on)}."
    )
    if made.going_on:
        messages.warning(request, adoptions.going_on_words(made.going_on))


def adopt(request: HttpRequest) -> HttpResponse:
    """Adopt another policy, as it is shipped."""
    school, told = setting(request)
    return next_version(
        request, school, AdoptForm(**told), title="Adopt another policy",
        lede="As it is shipped, with its own names and timers. What was set for the school can be set again afterwards.",
    )  # fmt: skip


def names(request: HttpRequest) -> HttpResponse:
    """What the policy and the offices are called; where concerns go."""
    school, told = setting(request)
    return next_version(request, school, NamesForm(**told), title="Names", lede="How screens and letters say it.")


def timers(request: HttpRequest) -> HttpResponse:
    """Every number of days or months."""
    school, told = setting(request)
    return next_version(
        request, school, TimersForm(**told), title="Timers",
        lede="A measure keeps those under which it was proposed.",
    )  # fmt: skip


def clause_new(request: HttpRequest) -> HttpResponse:
    """Add a clause of the school's own."""
    school, told = setting(request)
    clause_id = adoptions.next_own_id(school)
    if not clause_id:
        raise Http404
    return next_version(
        request, school, OwnClauseForm(clause_id=clause_id, **told), title=f"Add a clause: {clause_id}",
        lede="A clause of the school’s own, beside those of the policy. It can be logged from the day on which it is in force.",
    )  # fmt: skip


def own_clause(last: Adoption, clause_id: str) -> Clause:
    """A clause of the school's own in the version that is followed; else there is no such page."""
    found = next((c for c in last.pack.own_clauses if c.id == clause_id), None)
    if found is None:
        raise Http404
    return found


def clause_change(request: HttpRequest, clause_id: str) -> HttpResponse:
    """Word a clause of the school's own anew."""
    school, told = setting(request)
    clause = own_clause(told["last"], clause_id)
    return next_version(
        request, school, OwnClauseForm(clause_id=clause_id, clause=clause, **told), title=f"Change clause {clause_id}",
        lede="What was logged before keeps the words of its own version.",
    )  # fmt: skip


def clause_remove(request: HttpRequest, clause_id: str) -> HttpResponse:
    """Go on without a clause of the school's own."""
    school, told = setting(request)
    clause = own_clause(told["last"], clause_id)
    return next_version(
        request, school, RemoveClauseForm(clause_id=clause_id, **told), title=f"Take out clause {clause_id}",
        lede=f"“{clause.wording}”. What was logged under it stays, and is judged by it.",
    )  # fmt: skip


def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Ask, then take back a version before anything hangs on it."""
    school = school_for(request, "set_pack")
    row = get_object_or_404(school.adoptions.standing(), version=number)
    return answered(
        request, forms.Form(request.POST if request.method == "POST" else None),
        lambda _: adoptions.withdraw_adoption(row, by=request.user, at=request.at),
        done=reverse("school_policy"), said=f"Version {number} is withdrawn.", title=f"Withdraw version {number}?",
        lede=f"{row.pack.title}, from {long_day(row.starts_on)}. The policy before it goes on.",
        submit="Withdraw it", stop=True, back=reverse("school_policy"), back_text="Policy",
    )  # fmt: skip


urlpatterns = [
    path("school/policy/", policy, name="school_policy"),
    path("school/policy/adopt/", adopt, name="policy_adopt"),
    path("school/policy/names/", names, name="policy_names"),
    path("school/policy/timers/", timers, name="policy_timers"),
    path("school/policy/clauses/new/", clause_new, name="own_clause_new"),
    path("school/policy/clauses/<slug:clause_id>/", clause_change, name="own_clause_change"),
    path("school/policy/clauses/<slug:clause_id>/remove/", clause_remove, name="own_clause_remove"),
    path("school/policy/<int:number>/", version, name="policy_version"),
    path("school/policy/<int:number>/withdraw/", withdraw, name="policy_withdraw"),
]
