"""The page of one incident, and what is added to it: corrections, a mark, injuries, talks, whom it was told to."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from conduct import audit
from conduct.calendar import local_date
from conduct.models import Membership, User
from conduct.roles import may
from incidents.models import Incident, Injury
from sanctions import aftercare, amending, cases, incident_page, inquiry, ladder, outcomes
from sanctions.forms import aftercare as shapes
from sanctions.forms.deeds import EmptyForm
from sanctions.models import Case
from sanctions.situation import incident_facts, opened_file
from sanctions.views.asking import answered, case_for, only_checked, read_over, school_for
from sanctions.views.evidence import of_incident

DEEDS = (
    *("record_account", "find", "reclassify", "correct_incident", "mark_incident"),
    *("record_injury", "check_in", "see_injuries"),
)


def asked_for(request: HttpRequest, reference: str, incident_reference: str) -> tuple[Case, Incident]:
    """The case and the incident, for somebody who may see them; else there is no such page."""
    case = case_for(request, reference)
    found = incident_page.read_whole(case, incident_reference)
    if found is None:
        raise Http404
    return case, found


def may_or_404(request: HttpRequest, deed: str) -> None:
    if not may(request.roles, deed):
        raise Http404


@require_GET
def incident(request: HttpRequest, reference: str, incident_reference: str) -> HttpResponse:
    """One incident: the school's side and the person's own, the facts as found, and those whom it touched."""
    case, row = asked_for(request, reference, incident_reference)
    allowed = {deed: may(request.roles, deed) for deed in DEEDS}
    today, knows = local_date(request.at), allowed["see_injuries"]
    audit.record("look", by=request.user, at=request.at, school=case.school, about=row.reference)
    hurt = incident_page.hurt(row, request.user, request.roles, today)
    if any(h.open for h in hurt):
        audit.record("look_injury", by=request.user, at=request.at, school=case.school, about=row.reference)
    pack, marked = row.adoption.pack, not row.counts
    context = {
        "case": case,
        "incident": row,
        "logged_with": incident_page.logged_with(row, cases.visible_to(request.user, request.at)),
        "clauses": [(pack.clause(c.clause), c.by_program) for c in row.clauses.all()],
        "upheld": [pack.clause(c) for c in row.finding.upheld] if row.finding else [],
        "lacks": ladder.lacks(incident_facts(row)),
        "may": allowed,
        "sides": incident_page.sides(row),
        **of_incident(request, row),
        "leaning": incident_page.leaning(row, opened_file(case), request.at) if marked else [],
        "hurt": hurt,
        "nobody_hurt": incident_page.nobody_hurt(row),
        "talks": incident_page.talks(row, request.user, request.roles, today),
        "offers": incident_page.offers(row, known=knows) if allowed["check_in"] else [],
        "offered_day": aftercare.offered_day(case.school, request.at),
        "untold": bool(row.on_behalf_name)
        and may(request.roles, "tell_outcome")
        and outcomes.is_untold(row, request.at),
    }
    return render(request, "sanctions/incident.html", context)


def on_page(
    request: HttpRequest,
    place: tuple[Case, Incident],
    form: Any,
    act: Callable[[dict[str, Any]], object],
    **words: Any,
) -> HttpResponse:
    """A form about an incident; done, it leads back to the incident's page."""
    case, row = place
    back = reverse("incident", args=[case.reference, row.reference])
    return answered(request, form, act, done=back, back=back, case=case, **words)


def posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def correct(request: HttpRequest, reference: str, incident_reference: str) -> HttpResponse:
    """Add a correction; its wording is looked at as that of the text itself is."""
    place = asked_for(request, reference, incident_reference)
    may_or_404(request, "correct_incident")
    typed = {"initial": request.POST.dict()} if only_checked(request) else {"data": posted(request)}
    return on_page(
        request,
        place,
        shapes.CorrectionForm(**typed),
        lambda told: amending.correct(place[1], by=request.user, at=request.at, **told),
        said="The correction is added.",
        title="Add a correction",
        lede=place[1].narrative,
        submit="Add it",
        **read_over(request, place[1]),
    )


def mark(request: HttpRequest, reference: str, incident_reference: str) -> HttpResponse:
    """Say that an incident does not count, and why. What rests on it alone is named first."""
    place = asked_for(request, reference, incident_reference)
    may_or_404(request, "mark_incident")
    leaning = incident_page.leaning(place[1], opened_file(place[0]), request.at)
    return on_page(
        request,
        place,
        shapes.MarkForm(posted(request)),
        lambda told: amending.mark(place[1], by=request.user, at=request.at, **told),
        said="Marked: it does not count any more. It stays readable, and you can take the mark back.",
        title=f"{place[1].reference} does not count",
        lede="It is not deleted. No rule, letter or figure counts it from now on; tasks that it opened close by their own act.",
        submit="Mark it",
        aside="incidents/_leaning.html" if leaning else "",
        leaning=leaning,
    )


def take_back(request: HttpRequest, reference: str, incident_reference: str) -> HttpResponse:
    """Take the mark back."""
    place = asked_for(request, reference, incident_reference)
    may_or_404(request, "mark_incident")
    return on_page(
        request,
        place,
        EmptyForm(posted(request)),
        lambda told: amending.take_back(place[1], by=request.user, at=request.at),
        said="The mark is taken back: it counts again.",
        title=f"{place[1].reference} counts again",
        lede="Every rule looks at it again, as before the mark. Both stay in the story.",
        submit="Take the mark back",
    )


# -- injuries -----------------------------------------------------------------------------------------------------


def staff_of(request: HttpRequest) -> Any:
    """Whoever holds a role at the school today."""
    held = Membership.objects.of_school(request.school).on(local_date(request.at))
    return User.objects.filter(pk__in=held.values("user")).order_by("name")


def days_of(request: HttpRequest, row: Incident) -> dict[str, Any]:
    return {"accident": incident_page.day_of(row), "today": local_date(request.at)}


def record_injury(request: HttpRequest, reference: str, incident_reference: str) -> HttpResponse:
    """Was anybody hurt? Record who, what, and how long it keeps them from work."""
    place = asked_for(request, reference, incident_reference)
    may_or_404(request, "record_injury")
    harmed = place[1].harmed.all()
    first = harmed[0] if harmed else None
    form = shapes.InjuryForm(
        posted(request), staff=staff_of(request), initial={"user": first}, **days_of(request, place[1])
    )
    return on_page(
        request,
        place,
        form,
        lambda told: aftercare.record_injury(place[1], by=request.user, at=request.at, **told),
        said="The injury is recorded. The page says whether the injury rules ask for a report.",
        title="Somebody was hurt",
        lede="For staff, and others at work here. Violence at work counts as an accident under the injury rules.",
        submit="Record the injury",
    )


@require_POST
def nobody_hurt(request: HttpRequest, reference: str, incident_reference: str) -> HttpResponse:
    """The answer to "Was anybody hurt?" where nobody was."""
    _, row = asked_for(request, reference, incident_reference)
    may_or_404(request, "record_injury")
    inquiry.take_step(row, by=request.user, at=request.at, kind="nobody_hurt")
    messages.success(request, "Noted: nobody was hurt. An injury that shows later can still be recorded.")
    return redirect("incident", reference=reference, incident_reference=incident_reference)


def injury_for(request: HttpRequest, row: Incident, pk: int) -> Injury:
    """An injury that the user may read; else there is no such page."""
    injury = get_object_or_404(Injury.objects.select_related("incident__in_case__case", "incident__school"), pk=pk)
    if injury.incident_id != row.pk or not aftercare.may_see(injury, request.user, request.roles):
        raise Http404
    if request.method == "GET":
        audit.record("look_injury", by=request.user, at=request.at, school=row.school, about=row.reference)
    return injury


def change_injury(request: HttpRequest, reference: str, incident_reference: str, pk: int) -> HttpResponse:
    """What became known later; the day on which they were back."""
    place = asked_for(request, reference, incident_reference)
    may_or_404(request, "record_injury")
    injury = injury_for(request, place[1], pk)
    now = {name: getattr(injury, name) for name in shapes.ChangeInjuryForm.field_order}
    return on_page(
        request,
        place,
        shapes.ChangeInjuryForm(posted(request), initial=now, **days_of(request, place[1])),
        lambda told: aftercare.change_injury(injury, by=request.user, at=request.at, **told),
        said="Changed. The audit keeps what was written before.",
        title=f"{injury.user or injury.name}: away, and back",
        submit="Change it",
    )


MADE_TO_HSE = (
    "The report itself is made to the Health and Safety Executive, by its form on the web; a death or one of the gravest "
    "injuries also by telephone."
)


def report_injury(request: HttpRequest, reference: str, incident_reference: str, pk: int) -> HttpResponse:
    """The report under the injury rules has been made."""
    place = asked_for(request, reference, incident_reference)
    may_or_404(request, "see_injuries")
    injury = injury_for(request, place[1], pk)
    return on_page(
        request,
        place,
        shapes.ReportForm(posted(request), **days_of(request, place[1])),
        lambda told: aftercare.report_injury(injury, by=request.user, at=request.at, **told),
        said="Recorded: the injury is reported.",
        title="Reported under the injury rules",
        lede=MADE_TO_HSE,
        submit="Record the report",
    )


# -- talks --------------------------------------------------------------------------------------------------------


def check_in(request: HttpRequest, reference: str, incident_reference: str) -> HttpResponse:
    """Arrange a talk with somebody whom the incident touched; the page of the incident does it in one click."""
    place = asked_for(request, reference, incident_reference)
    may_or_404(request, "check_in")
    people = {p.key: p for p in incident_page.all_touched(place[1], known=may(request.roles, "see_injuries"))}
    today, day = local_date(request.at), aftercare.offered_day(place[0].school, request.at)
    initial = {"due_on": day, "who": next(iter(people))}
    form = shapes.CheckInForm(
        posted(request), people=[(k, p.label) for k, p in people.items()], today=today, initial=initial
    )

    def arrange(told: dict[str, Any]) -> object:
        whom = people[told["who"]]
        given = {"user": whom.user, "name": whom.name, "due_on": told["due_on"]}
        return aftercare.arrange_check_in(place[1], by=request.user, at=request.at, **given)

    return on_page(
        request,
        place,
        form,
        arrange,
        said="Arranged. It stands on Today for senior staff and the head; whoever it is with sees that it is arranged.",
        title="Arrange a check-in",
        lede="A talk about how they are, some days later. Arranged already, it moves to the day that you choose.",
        submit="Arrange it",
    )


def hold_check_in(request: HttpRequest, reference: str, incident_reference: str, pk: int) -> HttpResponse:
    """A talk was held."""
    place = asked_for(request, reference, incident_reference)
    may_or_404(request, "check_in")
    talk = get_object_or_404(place[1].check_ins.select_related("user", "incident__in_case__case"), pk=pk)
    if not incident_page.may_know_of(talk, place[1], request.user, request.roles):
        raise Http404
    return on_page(
        request,
        place,
        shapes.HeldForm(posted(request)),
        lambda told: aftercare.hold_check_in(talk, by=request.user, at=request.at, **told),
        said="Recorded: the check-in was held.",
        title=f"Check-in with {talk.user or talk.name}",
        submit="Record it",
    )


# -- what came of it ----------------------------------------------------------------------------------------------


def tell(request: HttpRequest, reference: str, incident_reference: str) -> HttpResponse:
    """Whoever it was logged for has no account: they are told by a person, who writes down how."""
    place = asked_for(request, reference, incident_reference)
    may_or_404(request, "tell_outcome")
    if not place[1].on_behalf_name or not outcomes.words_of(place[1]):
        raise Http404
    initial = {"what": outcomes.for_anybody(place[1])}
    return on_page(
        request,
        place,
        shapes.ToldForm(posted(request), initial=initial),
        lambda told: outcomes.tell(place[1], by=request.user, at=request.at, **told),
        said="Recorded: they were told.",
        title=f"Tell {place[1].on_behalf_name} what came of it",
        lede=f"It was logged for them. To you: {outcomes.words_of(place[1])}",
        submit="Record that they were told",
    )


@require_POST
def read(request: HttpRequest, incident_reference: str) -> HttpResponse:
    """Whoever reported it has read on Today what came of it."""
    school = school_for(request, *READERS)
    row = get_object_or_404(school.incidents.select_related("school", "in_case__case"), reference=incident_reference)
    if request.user.pk not in {row.logged_by_id, row.on_behalf_of_id}:
        raise Http404
    outcomes.read(row, by=request.user, at=request.at)
    messages.success(request, f"Noted: you have read what came of {row.reference}.")
    return redirect("today")


READERS = ("log_incident", "here_now", "see_letters", "see_cases", "see_cases_put_before_them", "see_gate")
HERE = "cases/<slug:reference>/incidents/<slug:incident_reference>/"
urlpatterns = [
    path(HERE, incident, name="incident"),
    path(f"{HERE}correct/", correct, name="correct_incident"),
    path(f"{HERE}mark/", mark, name="mark_incident"),
    path(f"{HERE}unmark/", take_back, name="take_back_mark"),
    path(f"{HERE}nobody-hurt/", nobody_hurt, name="nobody_hurt"),
    path(f"{HERE}hurt/", record_injury, name="record_injury"),
    path(f"{HERE}injuries/<int:pk>/", change_injury, name="change_injury"),
    path(f"{HERE}injuries/<int:pk>/report/", report_injury, name="report_injury"),
    path(f"{HERE}check-in/", check_in, name="check_in"),
    path(f"{HERE}check-ins/<int:pk>/", hold_check_in, name="hold_check_in"),
    path(f"{HERE}tell/", tell, name="tell_outcome"),
    path("outcomes/<slug:incident_reference>/read/", read, name="read_outcome"),
]
