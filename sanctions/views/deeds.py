"""Every deed of a case behind one kind of page: a form, one verb, what happened.

`DEEDS` is the table of deeds on a measure. Whether a deed is open to this user here and now is the ladder's answer, asked
again by the verb itself; an unknown one is 404.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse

from conduct.calendar import local_date
from conduct.models import User
from conduct.roles import ABOVE_THE_SCHOOL, may
from sanctions import bans, branches, case_page, ladder, measures, plans, reviews, standing_links
from sanctions.forms import deeds as shapes
from sanctions.forms import plans as plan_shapes
from sanctions.forms import preparing
from sanctions.models import Measure
from sanctions.situation import officers_of, plan_of, read, with_history
from sanctions.standing import Refused
from sanctions.views.asking import answered, case_for


@dataclass(frozen=True)
class Asked:
    """Who asks for what: everything that a deed's form and act need."""

    request: HttpRequest
    measure: Measure

    @property
    def who(self) -> dict[str, Any]:
        return {"by": self.request.user, "at": self.request.at}

    @property
    def school_officers(self) -> list[User]:
        """Chair and trust in office, to be consulted."""
        officers = officers_of(self.measure.case.school, self.request.at)
        return list(User.objects.filter(pk__in=[o.id for o in officers if o.roles & ABOVE_THE_SCHOOL]).order_by("name"))


Make = Callable[[Asked, Any], forms.Form]
Act = Callable[[Asked, forms.Form], object]


@dataclass(frozen=True)
class Deed:
    """One deed on a measure: its words, its form, its verb."""

    title: str
    submit: str
    said: str
    make: Make
    act: Act
    lede: str = ""
    prepared: bool = False  # may be saved for later
    stop: bool = False
    move: str = ""  # the move of the ladder that it tries, where it has another name


def plain(form: type[forms.Form], **initial: Any) -> Make:
    return lambda asked, data: form(data, initial=initial)


def consultation(asked: Asked, data: Any) -> forms.Form:
    officers = asked.school_officers
    myself = asked.request.user if not asked.request.roles & ladder.HEADS else None
    return shapes.ConsultationForm(data, officers=officers, myself=myself)


def consult(asked: Asked, form: forms.Form) -> object:
    told = {"consulted": asked.request.user, **form.cleaned_data}
    return measures.consult(asked.measure, **asked.who, **told)


def decision(verb: str) -> Make:
    """The form of a decision with terms, filled with what was prepared, else with the terms last set."""

    def make(asked: Asked, data: Any) -> forms.Form:
        last_set = preparing.terms_last_set(asked.measure)
        initial = shapes.initial_terms(last_set) | plan_shapes.initial_plan(last_set)
        if data is None:
            initial |= preparing.as_typed(asked.measure, verb)
        today = local_date(asked.request.at)
        return preparing.decision_form(asked.measure, verb, data, today=today, initial=initial)

    return make


def decide(asked: Asked, form: Any) -> object:
    told = form.cleaned_data
    reason = told.get("reasons") or told.get("reason") or ""
    given = {"reason": reason, "terms": form.terms(), "equality": told.get("equality", "")}
    return measures.decide(asked.measure, **asked.who, **given)


def concluding(verb: Callable[..., object]) -> Act:
    def act(asked: Asked, form: Any) -> object:
        told = form.cleaned_data
        given = {"reasons": told["reasons"], "equality": told.get("equality", ""), "terms": form.terms()}
        return verb(asked.measure, **asked.who, **given)

    return act


def contact(asked: Asked, data: Any) -> forms.Form:
    plan = plan_of(with_history(Measure.objects.filter(pk=asked.measure.pk)).get())
    return plan_shapes.ContactForm(data, first_day=plan.first_day, today=local_date(asked.request.at))


def followed(asked: Asked, data: Any) -> forms.Form:
    response, done = asked.measure.response, list(asked.measure.follows.values_list("step", flat=True))
    steps = branches.next_steps(response, done)
    return plan_shapes.FollowForm(data, steps=steps, online=response == "post_removal")


def simple(verb: Callable[..., object]) -> Act:
    """A verb that takes the form's answers by their own names."""
    return lambda asked, form: verb(asked.measure, **asked.who, **form.cleaned_data)


NOUNS = {"communication_plan": "plan", "channel_block": "block", "vexatious_notice": "notice"}
FOLLOWED = {"post_removal": "The post: what has been done", "mediation": "Mediation: how it went on"}
NO_LETTER = "No letter goes with it: it stands in the case, with your reason."
APPROVED = "Approved. It stands in the case."
REASONS, HEARD = plain(shapes.ReasonForm), "It is kept word for word in the case."
DEEDS: dict[str, Deed] = {
    "consult": Deed(
        "Record a consultation",
        "Record it",
        "The consultation is recorded.",
        consultation,
        consult,
        "What chair or trust say before the decision. Entered by themselves, or by the head on their word.",
    ),
    "decide": Deed(
        "Approve the proposal",
        "Approve",
        "Approved. The letter is drafted and waits to be issued.",
        decision("decide"),
        decide,
        "Nothing reaches the person until the letter is issued.",
        prepared=True,
    ),
    "decline": Deed(
        "Decline the proposal", "Decline it", "Declined.", plain(shapes.DeclineForm), simple(measures.decline)
    ),
    "sign_off": Deed(
        "Sign off the length of the ban", "Sign it off", "Signed off.", plain(shapes.SignOffForm), simple(bans.sign_off)
    ),
    "tell": Deed("They were told in words", "Record it", "Recorded.", plain(shapes.TellingForm), simple(bans.tell)),
    "represent": Deed(
        "Record a reply",
        "Record the reply",
        "The reply is recorded.",
        plain(shapes.ReplyForm),
        simple(bans.represent),
        HEARD,
    ),
    "none_received": Deed(
        "No reply came",
        "Record that nothing came",
        "Recorded: no reply came by the deadline.",
        plain(shapes.EmptyForm),
        simple(bans.none_received),
        "Only once the deadline has passed. A reply that still comes undoes it.",
        move="represent",
    ),
    "answer": Deed(
        "Answer in writing",
        "Record the answer",
        "The answer is recorded.",
        plain(shapes.AnswerForm),
        simple(bans.answer),
    ),
    "confirm": Deed(
        "Confirm the ban",
        "Confirm the ban",
        "Confirmed. The letter is drafted and waits to be issued.",
        decision("confirm"),
        concluding(bans.confirm),
        prepared=True,
    ),
    "vary": Deed(
        "Confirm with changes",
        "Confirm with these changes",
        "Confirmed with changes. The letter is drafted.",
        decision("vary"),
        concluding(bans.vary),
        prepared=True,
    ),
    "not_confirm": Deed(
        "Do not confirm the ban",
        "Do not confirm",
        "Not confirmed: the person may come in again.",
        REASONS,
        simple(bans.not_confirm),
    ),
    "keep": Deed(
        "Review: keep the ban as it is",
        "Keep it",
        "Reviewed and kept. The letter is drafted.",
        plain(shapes.KeepForm),
        simple(reviews.keep),
        "Its last day does not change.",
    ),
    "extend": Deed(
        "Review: extend the ban",
        "Extend it",
        "Extended. The new end counts from the issue of the letter.",
        decision("extend"),
        concluding(bans.extend),
        "Only for reasons given now, with a new end and review date.",
        prepared=True,
    ),
    "vary_on_review": Deed(
        "Review: change the terms of the ban",
        "Change its terms",
        "Changed. The new terms count from the issue of the letter.",
        decision("vary_on_review"),
        concluding(reviews.vary_on_review),
        prepared=True,
    ),
    "lift": Deed(
        "Lift the ban",
        "Lift the ban",
        "Lifted: the person may come in again. The letter is drafted.",
        REASONS,
        simple(bans.lift),
        "It works at once; the letter follows.",
    ),
    "withdraw": Deed(
        "Withdraw: it was an error",
        "Withdraw it",
        "Withdrawn.",
        REASONS,
        simple(bans.withdraw),
        "It stays in the audit and leaves the figures.",
        stop=True,
    ),
    "end": Deed(
        "Review: end the ban now",
        "End it",
        "Ended. The letter is drafted.",
        REASONS,
        simple(plans.end),
        "It works at once; the letter follows.",
    ),
    "log_contact": Deed(
        "Log a contact",
        "Log it",
        "The contact is logged.",
        contact,
        simple(plans.log_contact),
        "Every contact while the plan applies, within its limit or over it. Nothing follows from it by itself.",
    ),
    "follow": Deed(
        "Record what came of it",
        "Record it",
        "Recorded.",
        followed,
        simple(measures.follow),
    ),
    "hold_meeting": Deed(
        "Record the meeting",
        "Record it",
        "The meeting is recorded.",
        plain(shapes.MeetingOutcomeForm),
        simple(measures.hold_meeting),
    ),
}


def deed(request: HttpRequest, reference: str, pk: int, verb: str) -> HttpResponse:
    """The page of one deed on one measure."""
    case = case_for(request, reference)
    measure = get_object_or_404(case.measures.select_related("adoption", "case__school__trust", "case__person"), pk=pk)
    told = DEEDS.get(verb)
    move = ladder.move(told.move or verb, measure.response) if told else None
    if told is None or move is None:
        raise Http404
    trying = preparing.attempt(measure, verb) if told.prepared else None
    situation = read(measure, by=request.user, at=request.at, attempt=trying)
    if not move.permitted(situation):
        raise Http404
    asked = Asked(request, measure)
    form = told.make(asked, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (told.prepared or verb == "keep"):
        situation = replace(situation, attempt=preparing.tried(measure, verb, form, so_far=situation.terms_so_far))
    if told.prepared and request.method == "POST" and "later" in request.POST:
        return keep_for_later(request, measure, verb, form)
    return answered(
        request,
        form,
        lambda _: explained(measure, lambda: told.act(asked, form)),
        done=reverse("case", args=[reference]),
        said=APPROVED if letterless(measure, verb) else told.said,
        template="sanctions/deed.html",
        links=lambda place: links_on_form(measure, place, verb, situation),
        title=title_on(measure, told, verb),
        lede=lede_on(measure, told, verb),
        submit=told.submit,
        stop=told.stop,
        prepared=told.prepared,
        back=reverse("case", args=[reference]),
        case=case,
        measure=measure,
        items=case_page.preflight(move, situation, measure) if len(move.guards) > 2 else [],
        proposal=verb in {"decide", "decline", "consult"},
    )


def title_on(measure: Measure, told: Deed, verb: str) -> str:
    """The title of a deed's page; of a proposal it says which response it is."""
    if verb in {"decide", "decline"}:
        return f"{'Approve' if verb == 'decide' else 'Decline'}: {measure.get_response_display().lower()}"
    if verb == "follow":
        return FOLLOWED[measure.response]
    return told.title.replace("the ban", f"the {NOUNS[measure.response]}") if measure.response in NOUNS else told.title


def lede_on(measure: Measure, told: Deed, verb: str) -> str:
    """What to know before it is done; of a response that no letter tells, just that."""
    return NO_LETTER if letterless(measure, verb) else told.lede


def letterless(measure: Measure, verb: str) -> bool:
    return verb == "decide" and measure.response in ladder.LETTERLESS


def links_on_form(measure: Measure, place: str, verb: str, situation: ladder.Situation) -> tuple[str, str] | None:
    """A rule's link; to a field of this very form where it is met here."""
    here = standing_links.on_form(measure, place, verb, situation)
    return here if here[0] else standing_links.for_measure(measure, place, verb, situation)


def explained(measure: Measure, act: Callable[[], object]) -> object:
    """Try a verb; when somebody else was quicker, say what they did."""
    try:
        return act()
    except Refused as refused:
        if [r.rule for r in refused.refusals] == ["wrong-state"]:
            last = measure.decisions.select_related("by").last()
            if last is not None:
                title = case_page.DECISION_TITLES[last.verb].lower()
                when = f"{case_page.brief(last.at.date())}"
                text = f"This can no longer be done: {last.by} has decided on {when}: {title}. Nothing was changed now."
                raise Refused([ladder.Refusal("wrong-state", text)]) from refused
        raise


def keep_for_later(request: HttpRequest, measure: Measure, verb: str, form: forms.Form) -> HttpResponse:
    """Keep what was typed; the pre-flight list ticks off what is met already."""
    if not may(request.roles, "prepare"):
        raise Http404
    data = {
        name: [value.replace("\x00", "") for value in request.POST.getlist(name)]
        for name in form.fields
        if name in request.POST
    }
    measures.prepare(measure, by=request.user, at=request.at, verb=verb, data=data)
    messages.success(request, "Kept for later. Nothing is decided yet.")
    return redirect("case", reference=measure.case.reference)


urlpatterns = [
    path("cases/<slug:reference>/measures/<int:pk>/<slug:verb>/", deed, name="deed"),
]
