"""The desk: logging an incident, and who is standing there."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from conduct import audit, people, register
from conduct.calendar import local_date
from conduct.models import AuditRow, Membership, Person, School, User
from conduct.names import fold
from conduct.roles import Role, may
from incidents.forms import LogForm
from incidents.models import Incident
from sanctions import gate, inquiry
from sanctions.gate import Applies
from sanctions.standing import Refused
from sanctions.views.asking import ShownRefusal, asked, school_for, shown

SAME_LOOK = timedelta(minutes=1)  # while somebody types a name on, it is one look-up


# -- logging an incident


def log(request: HttpRequest) -> HttpResponse:
    """Log an incident: one page, four required answers. Then on to the case."""
    school = school_for(request, "log_incident")
    data = request.POST if request.method == "POST" else None
    form = LogForm(
        data,
        school=school,
        at=request.at,
        staff=staff_of(school, request),
        pick_url=reverse("person_pick"),
        initial={"person": request.GET.get("person", "")},
    )
    refusals: list[ShownRefusal] = []
    if data is not None and form.is_valid():
        try:
            incident, anew = logged_once(form, by=request.user, request=request)
        except Refused as refused:
            refusals = shown(refused.refusals)
        else:
            messages.success(request, what_next(incident) if anew else already_saved(incident))
            return redirect("case", incident.in_case.case.reference)
    context = {"form": form, "refusals": refusals}
    return render(request, "incidents/log.html", context, status=200 if data is None else 422)


def staff_of(school: School, request: HttpRequest) -> list[tuple[int, str]]:
    """Those who work at the school today: id and name, by name."""
    held = Membership.objects.of_school(school).on(local_date(request.at)).exclude(role=Role.SYSADMIN)
    return list(User.objects.filter(pk__in=held.values("user")).order_by("name", "pk").values_list("pk", "name"))


def logged_once(form: LogForm, *, by: User, request: HttpRequest) -> tuple[Incident, bool]:
    """The incident that the form tells, and whether it is new: sent twice, the form makes one incident, one person."""
    token = form.cleaned_data["token"]
    mine = Incident.objects.filter(token=token, logged_by=by, school=form.school)
    try:
        with transaction.atomic():
            before = mine.first()
            return (before, False) if before else (logged(form, by=by, request=request), True)
    except IntegrityError:  # the other sending of the same form was quicker: its incident, or an error of another kind
        before = mine.first()
        if before is None:
            raise
        return before, False


def logged(form: LogForm, *, by: User, request: HttpRequest) -> Incident:
    """Make the person, where they are new, and log the incident."""
    subject = form.known
    if subject is None:
        values, children = form.newcomer or ({}, [])
        subject = register.add(form.school, values, children, by=by, at=request.at)
    told = form.told()
    told["harmed"] = User.objects.filter(pk__in=told["harmed"])
    return inquiry.log_incident(by=by, at=request.at, subject=subject, **told)


def what_next(incident: Incident) -> str:
    """That the incident is saved, what the program added, and what is to be done next."""
    said = [f"{incident.reference} is saved."]
    if incident.clauses.filter(by_program=True, clause=inquiry.BREACH_OF_BAN).exists():
        said.append(f"They were on the site while banned: {inquiry.BREACH_OF_BAN} was added.")
    if incident.severity == "criminal" or incident.danger or inquiry.BREACH_OF_BAN in incident.clause_ids:
        head = incident.adoption.pack.title_of(Role.HEAD)
        said.append(f"Next: tell the police, or the {head} writes down why not.")
    said.append("Next: an account from staff or a witness, and the person’s own side.")
    return " ".join(said)


def already_saved(incident: Incident) -> str:
    return f"This was saved already, once, as {incident.reference}. Anything changed on the page since is not in it."


# -- who is at the desk?


@dataclass(frozen=True)
class Match:
    """Somebody who may be the one at the desk, and what applies to them."""

    person: Person
    applies: Applies
    same_name: bool


@require_GET
def who_is_there(request: HttpRequest) -> HttpResponse:
    """One box, answered while typing: what applies today to whom the words may mean, and whom to call. No more."""
    school = school_for(request, "see_gate")
    question = asked(request)
    found = people.search(school, question)
    applies = gate.applies_to(found, school, request.at)
    matches = [Match(p, applies[p.pk], fold(p.name) == fold(question)) for p in found]
    keep_look_ups(request, matches)
    context = {"question": question, "matches": matches, "may_open": may(request.roles, "see_people")}
    context |= whom_to_call(school, request)
    return render(request, "conduct/_gate_result.html" if request.htmx else "conduct/gate.html", context)


def keep_look_ups(request: HttpRequest, matches: list[Match]) -> None:
    """Each look-up of somebody to whom something applies goes into the audit; a name typed on is not a second one."""
    told = [m for m in matches if m.applies.word != gate.CLEAR.word]
    if told and request.htmx:
        just_now = AuditRow.objects.filter(deed="gate_lookup", by=request.user, at__gt=request.at - SAME_LOOK)
        shown_before = set(just_now.values_list("about", flat=True))
        told = [m for m in told if register.about(m.person) not in shown_before]
    with transaction.atomic():
        for match in told:
            gate.looked_up(match.person, match.applies.word, by=request.user, at=request.at)


def whom_to_call(school: School, request: HttpRequest) -> dict[str, object]:
    """The head by the policy's title and by name: whom the desk calls when something applies."""
    today = local_date(request.at)
    heads = Membership.objects.of_school(school).on(today).filter(role=Role.HEAD).order_by("starts_on", "pk")
    return {
        "head_title": school.adoption_on(today).pack.title_of(Role.HEAD),
        "heads": list(heads.values_list("user__name", flat=True)),
        "today": today,
    }


@require_GET
def gate_list(request: HttpRequest) -> HttpResponse:
    """Everybody to whom something applies today, to be printed: valid until the end of the day."""
    school = school_for(request, "see_gate")
    listed = [Match(person, applies, True) for person, applies in gate.listed(school, request.at)]
    audit.record("look", by=request.user, at=request.at, school=school, about="gate list")
    return render(request, "conduct/gate_list.html", {"matches": listed, **whom_to_call(school, request)})


urlpatterns = [
    path("log/", log, name="log"),
    path("gate/", who_is_there, name="gate"),
    path("gate/list/", gate_list, name="gate_list"),
]
