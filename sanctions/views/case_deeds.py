"""What is recorded on a case or on an incident, beside the measures: proposing, referring, closing, accounts, findings."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from conduct.calendar import local_date
from conduct.code import SIDE_BRANCHES
from conduct.roles import may
from conduct.templatetags.words import long_day
from sanctions import cases, duties, inquiry, ladder, measures, referrals, standing_links
from sanctions.forms import deeds as shapes
from sanctions.models import Case, Referral
from sanctions.situation import opened_file, read_case
from sanctions.suggestion import suggest
from sanctions.views.asking import answered, case_for, only_checked, read_over

# -- on the case --------------------------------------------------------------------------------------------------


def on_case(request: HttpRequest, reference: str, deed: str) -> Case:
    """The case, for somebody who may do the deed there."""
    case = case_for(request, reference)
    if not may(request.roles, deed):
        raise Http404
    return case


def propose(request: HttpRequest, reference: str) -> HttpResponse:
    """Propose a response."""
    case = on_case(request, reference, "propose")
    file = opened_file(case)
    situation = read_case(case, by=request.user, at=request.at, file=file)
    responses = [*situation.pack.rungs, *SIDE_BRANCHES]
    data = request.POST if request.method == "POST" else None
    likely = ladder.suggested(situation)
    form = shapes.ProposalForm(
        data,
        responses=responses,
        suggested=likely,
        skipping=[r for r in responses if ladder.skipped_steps(r, situation)],
        initial={"response": next((r for r in likely if r in responses), None)},
    )
    return answered(
        request,
        form,
        lambda told: measures.propose(case.person, by=request.user, at=request.at, **told),
        done=reverse("case", args=[reference]),
        said="Proposed. The page shows who must be consulted and who decides.",
        links=lambda place: standing_links.for_case(case, place),
        title="Propose a response",
        lede="The code suggests the next step; you choose.",
        submit="Propose it",
        back=reverse("case", args=[reference]),
        case=case,
        aside="sanctions/_suggestion.html",
        suggestion=suggest(situation, file.incidents),
    )


def refer(request: HttpRequest, reference: str) -> HttpResponse:
    """Record a referral to police, trust, lawyers or the Local Authority."""
    case = on_case(request, reference, "refer")
    data = request.POST if request.method == "POST" else None
    form = shapes.ReferralForm(data, initial={"to": request.GET.get("to")})
    lede = "Telling the police about an alleged crime is for whoever knows of it; it needs nobody's leave."
    return answered(
        request,
        form,
        lambda told: referrals.refer(case.person, by=request.user, at=request.at, **told),
        done=reverse("case", args=[reference]),
        said="The referral is recorded.",
        title="Record a referral",
        lede=lede,
        submit="Record it",
        back=reverse("case", args=[reference]),
        case=case,
    )


def do_not_refer(request: HttpRequest, reference: str) -> HttpResponse:
    """The head's reason for not telling the police."""
    case = on_case(request, reference, "refer_not_because")
    return answered(
        request,
        shapes.NoReferralForm(request.POST if request.method == "POST" else None),
        lambda told: referrals.do_not_refer(case.person, by=request.user, at=request.at, **told),
        done=reverse("case", args=[reference]),
        said="The reason is recorded.",
        title="The police are not told",
        submit="Record the reason",
        back=reverse("case", args=[reference]),
        case=case,
    )


def referral_outcome(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """What came of a referral; or, by the second button, that they have received it."""
    case = on_case(request, reference, "follow_referral")
    referral = get_object_or_404(Referral, case=case, pk=pk)
    acknowledged = request.method == "POST" and "acknowledged" in request.POST
    form = (
        shapes.EmptyForm(request.POST)
        if acknowledged
        else shapes.OutcomeForm(request.POST if request.method == "POST" else None)
    )
    verb = referrals.acknowledge if acknowledged else referrals.conclude
    return answered(
        request,
        form,
        lambda told: verb(referral, by=request.user, at=request.at, **told),
        done=reverse("case", args=[reference]),
        said="Recorded.",
        title=f"Referral to: {referral.get_to_display().lower()}",
        lede=f"Reference: {referral.reference}",
        submit="Record the outcome",
        back=reverse("case", args=[reference]),
        case=case,
        also_submit="" if referral.acknowledged_at else "They have acknowledged it",
        also_name="acknowledged",
    )


def close(request: HttpRequest, reference: str) -> HttpResponse:
    """Close a case."""
    case = on_case(request, reference, "close_case")
    return answered(
        request,
        shapes.ReasonForm(request.POST if request.method == "POST" else None),
        lambda told: cases.close_case(case, by=request.user, at=request.at, reason=told["reasons"]),
        done=reverse("case", args=[reference]),
        said="The case is closed.",
        title="Close the case",
        lede="A case closes when nothing in it is running and nothing is left to do.",
        submit="Close the case",
        back=reverse("case", args=[reference]),
        case=case,
    )


@require_POST
def show_to_chair(request: HttpRequest, reference: str) -> HttpResponse:
    """Put the case before the chair."""
    case = on_case(request, reference, "put_before_chair")
    cases.show_to_chair(case, by=request.user, at=request.at, why=f"Put before them by {request.user}")
    chair = case.school.adoption_on(local_date(request.at)).pack.title_of("chair")
    messages.success(request, f"The {chair} can see this case from now on.")
    return redirect("case", reference=reference)


def tick_off(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Tick off a task."""
    case = case_for(request, reference)
    if kind not in duties.KINDS:
        raise Http404
    form = shapes.DeclineForm(request.POST if request.method == "POST" else None)
    form.fields["reason"].label, form.fields["reason"].help_text = "Note", "Needed for a ban that has lapsed."
    return answered(
        request,
        form,
        lambda told: duties.complete_task(case, kind, by=request.user, at=request.at, note=told["reason"]),
        done=reverse("case", args=[reference]),
        said="Done.",
        title=duties.KINDS[kind],
        submit="Tick it off",
        back=reverse("case", args=[reference]),
        case=case,
    )


# -- on an incident -----------------------------------------------------------------------------------------------

SHAPES: dict[str, tuple[str, str, str]] = {
    "account": ("Record an account", "Record it", "The account is recorded."),
    "find": ("Record the facts as found", "Record the finding", "The facts as found are recorded."),
    "severity": ("Change the severity", "Change it", "The severity is changed."),
}


# Finding is not among them: where every head and senior is barred, chair or trust find, which the verb itself knows.
GUARDED = {"account": "record_account", "severity": "reclassify"}


def on_incident(request: HttpRequest, reference: str, incident_reference: str, verb: str) -> HttpResponse:
    """The page of one deed on one incident."""
    case = case_for(request, reference)
    if verb in GUARDED and not may(request.roles, GUARDED[verb]):
        raise Http404
    incident = get_object_or_404(case.incidents.select_related("school", "in_case__case"), reference=incident_reference)
    data = request.POST if request.method == "POST" else None
    who = {"by": request.user, "at": request.at}
    if verb == "account":
        form: forms.Form = shapes.AccountForm(data, initial=account_so_far(request))
        act = lambda told: inquiry.record_account(incident, **who, **told)  # noqa: E731
    elif verb == "find":
        pack, ids = incident.adoption.pack, incident.clause_ids
        form = shapes.FindingForm(data, clauses=[pack.clause(c) for c in ids], online=pack.online(ids))
        act = lambda told: inquiry.find(incident, **who, **told)  # noqa: E731
    elif verb == "severity":
        form = shapes.SeverityForm(data, initial={"severity": incident.severity})
        act = lambda told: inquiry.reclassify(incident, **who, **told)  # noqa: E731
    else:
        raise Http404
    title, submit, said = SHAPES[verb]
    back = reverse("incident", args=[reference, incident_reference])
    page = {"title": title, "submit": submit, "back": back, "case": case, "lede": incident.narrative}
    if verb == "account":
        page |= read_over(request, incident)
        form = shapes.AccountForm(initial=request.POST.dict()) if only_checked(request) else form
    return answered(
        request,
        form,
        act,
        done=back,
        said=said,
        **page,
        links=lambda place: (
            (reverse("incident_deed", args=[reference, incident_reference, "account"]), "Record an account")
            if place == "accounts"
            else None
        ),
    )


def account_so_far(request: HttpRequest) -> dict[str, str]:
    """What the form of an account starts with: whose it is; and that a letter was not answered by a day, where one was not."""
    told = {"of": request.GET.get("of", "staff")}
    try:
        by = date.fromisoformat(request.GET.get("unanswered", ""))
    except ValueError:
        return told
    return told | {"attempted": f"Asked by letter to answer by {long_day(by)}; no answer came."}


urlpatterns = [
    path("cases/<slug:reference>/propose/", propose, name="propose"),
    path("cases/<slug:reference>/refer/", refer, name="refer"),
    path("cases/<slug:reference>/not-referred/", do_not_refer, name="do_not_refer"),
    path("cases/<slug:reference>/referrals/<int:pk>/", referral_outcome, name="referral_outcome"),
    path("cases/<slug:reference>/close/", close, name="close_case"),
    path("cases/<slug:reference>/chair/", show_to_chair, name="show_to_chair"),
    path("cases/<slug:reference>/tasks/<slug:kind>/", tick_off, name="tick_off"),
    path("cases/<slug:reference>/incidents/<slug:incident_reference>/<slug:verb>/", on_incident, name="incident_deed"),
]
