"""Logging an incident."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from conduct import register
from conduct.calendar import local_date
from conduct.models import Membership, School, User
from conduct.roles import Role
from incidents.forms import LogForm
from incidents.models import Incident
from sanctions import inquiry
from sanctions.standing import Refused
from sanctions.views.asking import ShownRefusal, school_for, shown


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


urlpatterns = [
    path("log/", log, name="log"),
]
