"""The settings of a school: calendar, letterhead, staff and roles, the policy it follows."""

import logging
from datetime import date
from smtplib import SMTPException
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django import forms
from django.contrib import messages
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from conduct.calendar import local_date
from conduct.models import Membership, School, SchoolClosure, User
from conduct.roles import may
from conduct.templatetags.words import long_day
from sanctions import house
from sanctions.forms.house import ClosureForm, DetailsForm, EndRoleForm, RoleForm
from sanctions.views.asking import answered, school_for

PAGE = 25
SETTINGS = ("edit_calendar", "edit_school", "give_roles", "set_pack")
log = logging.getLogger(__name__)


@require_GET
def school_settings(request: HttpRequest) -> HttpResponse:
    """Each part of the settings that the user may look after, and the policy that the school follows."""
    school = school_for(request, *SETTINGS)
    today, roles = local_date(request.at), request.roles
    context: dict[str, Any] = {"adoption": school.adoption_on(today), "show_imports": may(roles, "import_people")}
    if may(roles, "edit_calendar"):
        context["closures"] = list(school.closures.filter(last__gte=today)[:3])
        context["show_calendar"] = True
    if may(roles, "edit_school"):
        context["details"] = details_rows(school)
    if may(roles, "give_roles"):
        context["show_roles"] = True
        context["gaps"] = house.gaps(school, today)
        context["in_office"] = Membership.objects.of_school(school).on(today).values("user").distinct().count()
    return render(request, "conduct/settings.html", context)


def details_rows(school: School) -> list[dict[str, str]]:
    """The letterhead and contact details, line by line."""
    wanted = {field: School._meta.get_field(field) for field in house.DETAILS}
    return [
        {"key": str(field.verbose_name)[:1].upper() + str(field.verbose_name)[1:], "value": getattr(school, name)}
        for name, field in wanted.items()
    ]


# -- the calendar -------------------------------------------------------------------------------------------------


def calendar(request: HttpRequest) -> HttpResponse:
    """The school's closures, and a form to add one; dates of running bans move with them."""
    school = school_for(request, "edit_calendar")
    today = local_date(request.at)

    def add(told: dict[str, Any]) -> None:
        tell_moved(request, house.add_closure(school, by=request.user, at=request.at, **told))

    page = Paginator(school.closures.order_by("-first", "-pk"), PAGE).get_page(request.GET.get("page"))
    return answered(
        request, ClosureForm(request.POST or None, today=today), add, done=reverse("school_calendar"),
        said="The closure is in the calendar.", template="conduct/settings_calendar.html", page_obj=page,
    )  # fmt: skip


def closure_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take a closure out of the calendar."""
    school = school_for(request, "edit_calendar")
    closure = get_object_or_404(SchoolClosure, pk=pk, school=school)

    def remove(_: dict[str, Any]) -> None:
        tell_moved(request, house.remove_closure(closure, by=request.user, at=request.at))

    return answered(
        request, forms.Form(request.POST if request.method == "POST" else None), remove, done=reverse("school_calendar"),
        said="The closure is out of the calendar.", title="Remove this closure?",
        lede=f"{days_words(closure.first, closure.last)}{f' ({closure.reason})' if closure.reason else ''}. "
        "They count as school days again; dates of running bans may move.",
        submit="Remove it", stop=True, back=reverse("school_calendar"), back_text="Calendar",
    )  # fmt: skip


def days_words(first: date, last: date) -> str:
    return long_day(first) if first == last else f"{long_day(first)} to {long_day(last)}"


def tell_moved(request: HttpRequest, moved: list[house.Moved]) -> None:
    """Say which dates the change of the calendar moved; letters that are out still give the old ones."""
    for each in moved:
        messages.warning(request, f"{each.reference}: {each.what} {long_day(each.was)} → {long_day(each.now)}")
    if moved:
        messages.warning(request, "Letters already sent give the old dates: tell the people concerned.")
    else:
        messages.info(request, "No date of a running ban moved.")


# -- letterhead ---------------------------------------------------------------------------------------------------


def details(request: HttpRequest) -> HttpResponse:
    """The letterhead and the contact details."""
    school = school_for(request, "edit_school")
    form = DetailsForm(request.POST or None, instance=School.objects.get(pk=school.pk))
    return answered(
        request, form, lambda told: house.change_details(school, by=request.user, at=request.at, details=told),
        done=reverse("school_settings"), said="Saved. Letters issued from now on say so; those already issued stay as they are.",
        title="Letterhead and contact details", back=reverse("school_settings"), back_text="School",
    )  # fmt: skip


# -- staff and roles ----------------------------------------------------------------------------------------------


@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """Who holds which role, from when to when; the trust's roles included."""
    school = school_for(request, "give_roles")
    today = local_date(request.at)
    ended = request.GET.get("show") == "ended"
    over = Q(ends_on__lt=today)
    held = Membership.objects.of_school(school).filter(over if ended else ~over | Q(ends_on=None))
    ordered = held.select_related("user").order_by("user__name", "user_id", "role", "starts_on", "pk")
    context = {
        "page_obj": Paginator(ordered, PAGE).get_page(request.GET.get("page")),
        "ended": ended,
        "today": today,
        "query": "show=ended" if ended else "",
        "gaps": house.gaps(school, today),
    }
    return render(request, "conduct/settings_roles.html", context)


def role_new(request: HttpRequest) -> HttpResponse:
    """Give somebody a role; somebody new gets an account and a link to set a password."""
    school = school_for(request, "give_roles")

    def give(told: dict[str, Any]) -> None:
        membership, made = house.give_role(school, by=request.user, at=request.at, **told)
        if made:
            invite(request, membership.user, school)

    return answered(
        request, RoleForm(request.POST or None, today=local_date(request.at)), give, done=reverse("school_roles"),
        said="The role is given.", title="Add somebody",
        lede="Somebody new gets an email with a link to set a password.",
        submit="Give this role", back=reverse("school_roles"), back_text="Staff and roles",
    )  # fmt: skip


def invite(request: HttpRequest, user: User, school: School) -> None:
    """Send the link with which a new user sets a password; when the mail does not go, say what to do instead."""
    key = default_token_generator.make_token(user)
    link = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    context = {"user": user, "school": school, "by": request.user, "link": request.build_absolute_uri(link)}
    context["again"] = request.build_absolute_uri(reverse("account_reset_password"))
    text = render_to_string("conduct/settings_invitation.txt", context)
    try:
        send_mail(f"Your account in Conduct for {school.name}", text, None, [user.email])
    except (SMTPException, OSError):
        log.exception("the invitation of user %s could not be sent", user.pk)
        messages.warning(
            request,
            "The email to them could not be sent: let them ask for a link at “Forgot your password?” themselves.",
        )
    else:
        messages.info(request, f"An email with a link to set a password went to {user.email}.")


def role_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the last day of somebody's role."""
    school = school_for(request, "give_roles")
    membership = get_object_or_404(Membership.objects.of_school(school).select_related("user"), pk=pk)
    form = EndRoleForm(request.POST or None, today=local_date(request.at), starts_on=membership.starts_on)
    return answered(
        request, form,
        lambda told: house.end_role(membership, school, by=request.user, at=request.at, ends_on=told["ends_on"]),
        done=reverse("school_roles"), said="The last day is set.", title=f"End a role of {membership.user}",
        lede=f"{membership.label}, from {long_day(membership.starts_on)}.",
        submit="Set the last day", back=reverse("school_roles"), back_text="Staff and roles",
    )  # fmt: skip


urlpatterns = [
    path("school/", school_settings, name="school_settings"),
    path("school/calendar/", calendar, name="school_calendar"),
    path("school/calendar/<int:pk>/remove/", closure_remove, name="closure_remove"),
    path("school/details/", details, name="school_details"),
    path("school/roles/", roles, name="school_roles"),
    path("school/roles/new/", role_new, name="role_new"),
    path("school/roles/<int:pk>/end/", role_end, name="role_end"),
]
