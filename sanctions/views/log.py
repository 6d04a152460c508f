"""Logging an incident: the form, the draft of it that is kept while somebody types, and the check of its wording."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from conduct import register
from conduct.calendar import local_date
from conduct.ids import ids_in
from conduct.models import Membership, Person, School, User
from conduct.roles import Role
from conduct.templatetags.words import clock_time
from conduct.titles import listed
from incidents import drafts, reporting
from incidents.evidence import take_over
from incidents.forms import LogForm
from incidents.forms.log import ALSO, MOST_ALSO, ClausesForm, numbers
from incidents.models import Draft, Incident
from sanctions import inquiry
from sanctions.inquiry import Part
from sanctions.standing import Refused
from sanctions.views import evidence
from sanctions.views.asking import ShownRefusal, school_for, shown

NOT_ANSWERS = {"csrfmiddlewaretoken", "at_school", "as_user"}
UNFINISHED = {"later", "another", "without", "check"}  # the buttons that keep the form for now, and save no incident


def log(request: HttpRequest) -> HttpResponse:
    """Log an incident: one page, four required answers. Then on to what happens next."""
    school = school_for(request, "log_incident")
    if request.method != "POST":
        return begun(request, school)
    if somebody_else(request):
        return render(request, "incidents/somebody_else.html", status=409)
    if UNFINISHED & request.POST.keys():
        return kept_for_now(request, school)
    keep_files(request)
    form = form_for(request, school, request.POST)
    refusals: list[ShownRefusal] = []
    if form.is_valid():
        try:
            incidents, anew = logged_once(form, by=request.user, request=request)
        except Refused as refused:
            refusals = shown(refused.refusals)
        else:
            messages.success(request, is_saved(incidents) if anew else already_saved(incidents))
            return redirect(after(incidents[0]))
    return render(request, "incidents/log.html", page(request, form, refusals=refusals), status=422)


def form_for(request: HttpRequest, school: School, data: Any = None, **told: Any) -> LogForm:
    staff, pick_url = staff_of(school, request), reverse("person_pick")
    return LogForm(data, school=school, at=request.at, by=request.user, staff=staff, pick_url=pick_url, **told)


def page(request: HttpRequest, form: LogForm, **more: Any) -> dict[str, Any]:
    """What the page shows beside the form: what else was begun, and what is to be said of the wording."""
    token = token_in(form["token"].value())
    begun_before = drafts.listed(request.user, form.school, besides=token)
    files = evidence.beside_draft(request, token)
    return {"form": form, "token": token, "drafts": begun_before, "remarks": remarks_on(form), **files, **more}


def remarks_on(form: LogForm) -> list[Any]:
    """What is to be said of the words typed so far; of none, nothing."""
    text = str(form["narrative"].value() or "")
    about = [each.picked_person.pk for each in form.everybody if each.picked_person]
    return reporting.read_over(text, school=form.school, clauses=form.ticked, about=about) if text.strip() else []


def token_in(value: Any) -> UUID | None:
    """The mark of a form, where there is a sound one."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def somebody_else(request: HttpRequest) -> bool:
    """Whether the form was opened by another user of this PC, who has not signed out: what they typed is not sent."""
    opened_by = request.POST.get("as_user")
    return bool(opened_by) and opened_by != str(request.user.pk)


def staff_of(school: School, request: HttpRequest) -> list[tuple[int, str]]:
    """Those who work at the school today: id and name, by name."""
    held = Membership.objects.of_school(school).on(local_date(request.at)).exclude(role=Role.SYSADMIN)
    return list(User.objects.filter(pk__in=held.values("user")).order_by("name", "pk").values_list("pk", "name"))


def keep_files(request: HttpRequest) -> None:
    """Keep the files that came with the form itself, without script; what is wrong with one is said, and stops nothing."""
    token = token_in(request.POST.get("token"))
    try:
        wrong = evidence.given_with_form(request, token) if token else []
    except Draft.DoesNotExist:
        raise Http404 from None
    for text in wrong:
        messages.warning(request, f"A file is not kept. {text} It can be given again at any time.")


# -- begun, and not finished ---------------------------------------------------------------------------------------


def begun(request: HttpRequest, school: School) -> HttpResponse:
    """An empty form, or one that was kept; a form whose incident is saved leads to that."""
    token = token_in(request.GET.get("draft"))
    before = saved_from(token, by=request.user, school=school) if token else []
    if before:
        messages.info(request, already_saved(before))
        return redirect(after(before[0]))
    draft = drafts.of(request.user, school).filter(token=token).first() if token else None
    if draft is None:
        form = form_for(request, school, initial={"person": request.GET.get("person", "")})
    else:
        form = form_for(request, school, initial={"token": draft.token}, answers=draft.answers)
    return render(request, "incidents/log.html", page(request, form, draft=draft))


def answers_in(request: HttpRequest) -> drafts.Answers:
    """What a form holds, by the names of its fields, as it was typed."""
    names = [name for name in request.POST if name not in NOT_ANSWERS]
    sent = {name: [word.replace("\0", "") for word in request.POST.getlist(name)] for name in names}
    return {name: found for name, found in sent.items() if ALSO.sub("", name, count=1) in LogForm.base_fields}


@require_POST
def keep_draft(request: HttpRequest) -> HttpResponse:
    """Keep what is typed, while it is typed; the answer is for the page's script."""
    school = school_for(request, "log_incident")
    if somebody_else(request):
        return JsonResponse({"somebody_else": True}, status=409)
    token = token_in(request.POST.get("token"))
    if token is None:
        raise Http404
    answers = answers_in(request)
    if not drafts.worth_keeping(answers) and not drafts.of(request.user, school).filter(token=token).exists():
        return JsonResponse({"kept": ""})
    try:
        kept = kept_draft(request, school, token, answers)
    except drafts.TooLong:
        return JsonResponse({"too_long": True}, status=413)
    if kept is None:
        return JsonResponse({"saved": after(saved_from(token, by=request.user, school=school)[0])})
    return JsonResponse({"kept": clock_time(kept.saved_at)})


def kept_draft(request: HttpRequest, school: School, token: UUID, answers: drafts.Answers) -> Draft | None:
    try:
        return drafts.keep(by=request.user, at=request.at, school=school, token=token, answers=answers)
    except Draft.DoesNotExist:
        raise Http404 from None


def kept_for_now(request: HttpRequest, school: School) -> HttpResponse:
    """Finish it later; or, without script, ask about somebody else, take them out again, or check the wording."""
    answers, token = answers_in(request), token_in(request.POST.get("token"))
    place = ""
    if token is None:
        raise Http404
    keep_files(request)
    if "another" in request.POST:
        free = [n for n in range(1, MOST_ALSO + 1) if n not in numbers(answers)]
        answers |= {f"also-{n}-who": [""] for n in free[:1]}
        place = f"#div_id_also-{free[0]}-who" if free else ""
    gone = f"also-{request.POST.get('without')}-"
    answers = {name: found for name, found in answers.items() if not name.startswith(gone)}
    try:
        kept = kept_draft(request, school, token, answers)
    except drafts.TooLong:
        messages.error(request, TOO_LONG)
        return render(request, "incidents/log.html", page(request, form_for(request, school, request.POST)), status=422)
    if kept and "later" in request.POST:
        messages.success(request, f"Kept as a draft at {clock_time(kept.saved_at)}. It waits for you here.")
        return redirect("today")
    return redirect(f"{reverse('log')}?draft={token}{place or '#div_id_narrative'}")


TOO_LONG = "This is more than a draft holds. Save the incident, and add what is long as an account or a file."


@require_POST
def discard(request: HttpRequest, token: UUID) -> HttpResponse:
    """Throw a draft away."""
    school = school_for(request, "log_incident")
    draft = get_object_or_404(drafts.of(request.user, school), token=token)
    drafts.throw_away(draft, by=request.user, at=request.at)
    messages.success(request, "Thrown away.")
    return redirect("log")


@require_POST
def wording(request: HttpRequest) -> HttpResponse:
    """What should be looked at again in the words sent: the part of a page that stands beside them."""
    school = school_for(request, "log_incident", "record_account", "correct_incident")
    people = ids_in(request.POST.getlist("about"))[:10]
    about = Person.objects.filter(school=school, pk__in=people).values_list("pk", flat=True)
    found = reporting.read_over(
        request.POST.get("text", ""), school=school, clauses=request.POST.getlist("clauses"), about=about
    )
    return render(request, "incidents/_wording.html", {"remarks": found})


# -- saved ---------------------------------------------------------------------------------------------------------


def saved_from(token: UUID, *, by: User, school: School) -> list[Incident]:
    """The incidents that a form has become: of the first person, then of the others."""
    first = Incident.objects.filter(token=token, logged_by=by, school=school).first()
    return list(reporting.told_together(first).select_related("in_case__case", "subject")) if first else []


def logged_once(form: LogForm, *, by: User, request: HttpRequest) -> tuple[list[Incident], bool]:
    """The incidents that the form tells, and whether they are new: sent twice, it makes each once, and each person.

    The draft goes in the same transaction; its row, held until then, lets one sending of a form pass at a time.
    """
    token, school = form.cleaned_data["token"], form.school
    try:
        with transaction.atomic():
            draft = drafts.claimed(token, by=by, at=request.at, school=school)
            before = saved_from(token, by=by, school=school)
            incidents = before or logged(form, by=by, request=request)
            take_over(draft, incidents, by=by, at=request.at)
            draft.delete()
            return incidents, not before
    except Draft.DoesNotExist:
        raise Http404 from None
    except IntegrityError:  # the other sending of the same form was quicker: its incidents, or an error of another kind
        before = saved_from(token, by=by, school=school)
        if before:
            return before, False
        if Incident.objects.filter(
            token=token
        ).exists():  # of somebody else's form: no such form, as of a foreign draft
            raise Http404 from None
        raise


def logged(form: LogForm, *, by: User, request: HttpRequest) -> list[Incident]:
    """Make those people who are new, and log an incident of each."""
    told = form.told()
    told["harmed"] = list(User.objects.filter(pk__in=told["harmed"])) if told["harmed"] else []
    told["on_behalf_of"] = User.objects.get(pk=told["on_behalf_of"]) if told["on_behalf_of"] else None
    parts = [Part(subject_of(each, by=by, request=request), **form.part_of(each)) for each in form.everybody]
    return inquiry.log_event(by=by, at=request.at, parts=parts, **told)


def subject_of(form: ClausesForm, *, by: User, request: HttpRequest) -> Person:
    if form.known is not None:
        return form.known
    values, children = form.newcomer or ({}, [])
    return register.add(form.school, values, children, by=by, at=request.at)


def after(incident: Incident) -> str:
    return reverse("what_next", args=[incident.in_case.case.reference, incident.reference])


def references(incidents: list[Incident]) -> str:
    return listed([incident.reference for incident in incidents], "and")


def is_saved(incidents: list[Incident]) -> str:
    """That it is saved, and what the program added."""
    said = [f"{references(incidents)} {'is' if len(incidents) == 1 else 'are'} saved."]
    breach = inquiry.BREACH_OF_BAN
    banned = [i for i in incidents if i.clauses.filter(by_program=True, clause=breach).exists()]
    if banned:
        who = "They were" if len(incidents) == 1 else listed([f"{i.subject} was" for i in banned], "and")
        said.append(f"{who} on the site while banned: {breach} was added.")
    return " ".join(said)


def already_saved(incidents: list[Incident]) -> str:
    return f"This was saved already, once, as {references(incidents)}. Anything changed on the page since is not in it."


urlpatterns = [
    path("log/", log, name="log"),
    path("log/draft/", keep_draft, name="log_draft"),
    path("log/draft/<uuid:token>/discard/", discard, name="log_discard"),
    path("log/wording/", wording, name="wording"),
]
