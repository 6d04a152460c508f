"""Letters that tell no decision, written from the case page: each leads on to its draft."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from conduct.calendar import local_date
from conduct.models import Membership, User
from conduct.roles import Role
from sanctions import notices
from sanctions.forms.deeds import EmptyForm
from sanctions.forms.notices import AskAccountForm, IncidentsForm
from sanctions.models import Case, CaseLetter, Measure
from sanctions.situation import incidents_of, with_history
from sanctions.views.asking import answered
from sanctions.views.case_deeds import on_case

SAID = "Drafted. Read it as it will print; it goes out once it is approved and issued."


def to_letter(made: Any) -> str:
    draft: CaseLetter = made
    return reverse("letter", args=[draft.letter_id])


def ask_account(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask the person for their side, by letter."""
    case = on_case(request, reference, "ask_account")
    unfound = [i for i in incidents_of(case) if i.finding is None]
    form = AskAccountForm(
        request.POST if request.method == "POST" else None, offered=unfound, ticked=notices.unheard(case) or unfound,
        signers=signers(request, case),
    )  # fmt: skip
    return answered(
        request, form, lambda told: notices.ask_account(case, by=request.user, at=request.at, **told),
        done=to_letter, said=SAID, title="Ask for their account",
        lede="The letter says what was reported and that nothing has been found. It names no clause, and nobody else.",
        submit="Draft the letter", back=reverse("case", args=[reference]), case=case,
    )  # fmt: skip


def signers(request: HttpRequest, case: Case) -> list[User]:
    """Whoever drafts it, or the head."""
    heads = Membership.objects.of_school(case.school).on(local_date(request.at)).filter(role=Role.HEAD)
    found = {held.user_id: held.user for held in heads.select_related("user").order_by("user__name", "pk")}
    return list({request.user.pk: request.user, **found}.values())


ABOUT = {  # of each kind: the deed, the title, what to know before, what the button says
    "review_notice": (
        "ask_views", "Ask for their views before the review",
        "The letter says when the ban is reviewed, what is looked at and how to send views. It goes in your name, and "
        "decides nothing.",
    ),
    "ban_breach_notice": (
        "tell_breach", "Write to them about the breach",
        "The letter says what was reported and that the ban stays as it was decided. It goes in your name. It is no crime "
        "to break a ban, and the letter does not say so.",
    ),
    "gate_notice": (
        "make_gate_notice", "Make a notice for the desk",
        "One page on paper: the name, what applies, exceptions, what to do, until when. No reasons. Senior staff or the "
        "head approve it. The gate list on screen needs no such notice.",
    ),
}  # fmt: skip
VERBS = {
    "review_notice": notices.ask_views,
    "ban_breach_notice": notices.tell_breach,
    "gate_notice": notices.make_gate_notice,
}


def write_about(request: HttpRequest, reference: str, pk: int, kind: str) -> HttpResponse:
    """Draft a letter of that kind about a measure."""
    if kind not in ABOUT:
        raise Http404
    deed, title, lede = ABOUT[kind]
    case = on_case(request, reference, deed)
    measure = get_object_or_404(with_history(Measure.objects.filter(case=case)).select_related("case__school"), pk=pk)
    who, verb = {"by": request.user, "at": request.at}, VERBS[kind]
    return answered(
        request, form_about(request, measure, kind), lambda told: verb(measure, **who, **told), done=to_letter, said=SAID,
        title=title, lede=lede, submit="Draft the letter", back=reverse("case", args=[reference]), case=case,
    )  # fmt: skip


def form_about(request: HttpRequest, measure: Measure, kind: str) -> Any:
    """Nothing to fill in; of a breach, which one."""
    data = request.POST if request.method == "POST" else None
    if kind != "ban_breach_notice":
        return EmptyForm(data)
    found = notices.breaches(notices.recorded(measure), incidents_of(measure.case))
    return IncidentsForm(data, offered=found, ticked=found)


urlpatterns = [
    path("cases/<slug:reference>/ask-account/", ask_account, name="ask_account"),
    path("cases/<slug:reference>/measures/<int:pk>/write/<slug:kind>/", write_about, name="write_about"),
]
