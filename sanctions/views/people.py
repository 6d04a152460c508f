"""People: the picker, a person's page, adding and changing what is known of them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from conduct import duplicates, households, merging, people, register
from conduct.forms import Children, ContactForm, PersonForm, children_formset
from conduct.ids import ids_in
from conduct.models import Person, School, protected_among, rows_of
from conduct.people import Found, Why
from conduct.roles import may
from conduct.views import safe_next
from incidents.forms import SPECIAL
from incidents.models import Incident
from letters import covering
from sanctions import cases, gate, person_story
from sanctions.views.asking import LONGEST_QUESTION, asked, school_for
from sanctions.views.gate import whom_to_call

A_PAGE = 25  # events of a person's story
PAGE_DEEDS = ("log_incident", "merge_people", "protect_address", "edit_people")
ASIDES = {
    Why.NICKNAME: "another form of the name",
    Why.SOUND: "sounds alike",
    Why.ALIKE: "spelled alike",
    Why.CHILD_ALIKE: "child’s name is alike",
}


@require_GET
def pick(request: HttpRequest) -> HttpResponse:
    """What the picker shows under its box: whom the words may mean, then the two who are nobody on the list."""
    school = school_for(request, "see_people")
    question = asked(request)
    found = people.find(school, question)
    incidents = Incident.objects.counting().filter(subject__in=rows_of([each.person.pk for each in found]))
    whose = Coalesce("subject__identity", "subject")
    earlier = dict(incidents.order_by().values_list(whose).annotate(Count("pk")))
    options = [option(each, earlier.get(each.person.pk, 0)) for each in found]
    options += [{"value": value, "name": name} for value, name in SPECIAL.items()]
    return render(request, "components/picker_options.html", {"options": options})


def option(found: Found, earlier: int) -> dict[str, Any]:
    person = found.person
    asides = [ASIDES[found.why]] if found.why in ASIDES else []
    if found.also:
        asides.append(f"also written down as {found.also}")
    if earlier:
        asides.append(f"{earlier} earlier incident{'' if earlier == 1 else 's'}")
    return {"value": person.pk, "name": str(person), "detail": belongs(person), "aside": " · ".join(asides)}


def belongs(person: Person) -> str:
    """How a person belongs to the school: "parent of Robin Marsh, Year 4"."""
    relation = {"relative": "relative or childminder", "other": "other"}.get(person.relation, person.relation)
    children = " and ".join(f"{p.name}, {p.year}" if p.year else p.name for p in person.children)
    return f"{relation} of {children}" if children else relation


@require_GET
def like(request: HttpRequest) -> HttpResponse:
    """Who may be written down already, while a name or a number is typed; for `besides`, who is meant by it, nobody of it."""
    school = school_for(request, "see_people")
    name = next((value for key, value in request.GET.items() if key.endswith("name")), "")  # of one of several, too
    told = ids_in(request.GET.getlist("not_same"))
    person = school.people.filter(pk__in=ids_in([request.GET.get("besides", "")])).first()
    found = duplicates.alike(school, name=plain(name), phone=plain(request.GET.get("phone", "")), besides=person)
    context = {"found": [f for f in found if f.person.pk not in told], "told": told, "picks": "picks" in request.GET}
    return render(request, "conduct/_alike.html", context)


def plain(typed: str) -> str:
    """What was typed, as a database takes it."""
    return typed.replace("\0", "").strip()[:LONGEST_QUESTION]


@require_GET
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A person: what applies today, how to reach them, whose they are and what they need, and what has happened.

    Written down more than once, they have one page: that of the row which stands for them.
    """
    school = school_for(request, "see_people")
    person = get_object_or_404(school.people.select_related("identity"), pk=pk)
    if person.identity:
        return redirect("person", person.identity_id)
    register.looked_at(person, by=request.user, at=request.at)
    known = person.whole
    visible = cases.visible_to(request.user, request.at).filter(person__in=person.rows(), school=school)
    page = Paginator(person_story.story(visible), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "person": person,
        "applies": gate.applies_to([person], school, request.at)[person.pk],
        "cases": list(visible),
        "page_obj": page,
        "known": known,
        "may": {deed: may(request.roles, deed) for deed in PAGE_DEEDS},
        "hides_address": known.protected and not may(request.roles, "see_protected_address"),
        **belonging(person, request),
        **whom_to_call(school, request),
    }
    return render(request, "conduct/person.html", context)


def belonging(person: Person, request: HttpRequest) -> dict[str, Any]:
    """Whose the person is, with whom they live, under which other rows they stand, and who is somebody else."""
    sees_all = may(request.roles, "see_protected_address")
    together = households.lives_with(person, all_told=sees_all)
    others = households.family(person)
    hidden = protected_among([person, *others])
    return {
        "children": register.every_child_of(person),
        "together": together,
        "others": others,
        "may_join": [p for p in others if p not in together and not hidden & {p.pk, person.pk}],
        "joins": merging.joins_of(person),
        "apart": merging.apart_from(person),
    }


def person_new(request: HttpRequest) -> HttpResponse:
    """Write down somebody new."""
    school = school_for(request, "see_people")
    return edited(request, school, None)


def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is known of a person. Whoever only keeps the addresses sees and changes those alone."""
    school = school_for(request, "edit_people")
    person = get_object_or_404(school.people, pk=pk)
    if request.method != "POST":
        register.looked_at(person, by=request.user, at=request.at)
    return edited(request, school, person)


def edited(request: HttpRequest, school: School, person: Person | None) -> HttpResponse:
    """The form, with everything still in it when something is wrong; else the change, its audit row, and on."""
    whole = may(request.roles, "see_people")
    data = request.POST if request.method == "POST" else None
    form = form_of(request, data, person or Person(school=school), whole=whole)
    rows = children_formset(data, register.children_of(person) if person else []) if whole else None
    if data is not None and all([form.is_valid(), rows is None or rows.is_valid()]):
        person = written(request, form, rows, person)
        messages.success(request, "Saved." if whole else "The address is saved. Letters made from now on use it.")
        return redirect(back_to(request, person))
    context = {"form": form, "rows": rows, "person": saved(person), "back": back_to(request, person)}
    context |= {"languages": covering.languages().values()}
    context["told"] = ids_in(request.POST.getlist("not_same"))
    return render(request, "conduct/person_form.html", context, status=200 if data is None else 422)


def form_of(request: HttpRequest, data: Any, person: Person, *, whole: bool) -> ContactForm:
    """All that is known of a person, or only where letters go; a protected address only for those who may see it."""
    if not whole:
        return ContactForm(data, instance=person)
    moves_with = households.also_move(person) if person.pk else []
    sees_address = may(request.roles, "see_protected_address")
    return PersonForm(data, instance=person, sees_address=sees_address, moves_with=moves_with)


@transaction.atomic
def written(request: HttpRequest, form: ContactForm, rows: Children | None, person: Person | None) -> Person:
    """Write down what the form says: of the person, and of who moved house with them."""
    told = {"by": request.user, "at": request.at}
    if person is None:
        person = register.add(request.school, form.values(), rows.children() if rows else [], **told)
    else:
        register.change(person, form.values(), rows.children() if rows is not None else None, **told)
    for member in form.moved_too():
        register.change(Person.objects.get(pk=member), {"address": form.cleaned_data["address"]}, **told)
    told_apart = ids_in(request.POST.getlist("not_same")) if may(request.roles, "merge_people") else []
    for other in request.school.people.filter(pk__in=told_apart):
        if other.stands_for != person.stands_for:
            merging.tell_apart(person, other, **told)
    return person


def saved(person: Person | None) -> Person | None:
    """The person as the register has them: a form with errors has put what was typed into the one it was given."""
    return Person.objects.get(pk=person.pk) if person else None


def back_to(request: HttpRequest, person: Person | None) -> str:
    """Where the form goes on to: the page that sent here, the person, or the list."""
    if request.GET.get("next"):
        return safe_next(request.GET["next"])
    if not may(request.roles, "see_people"):
        return reverse("letters")
    return reverse("person", args=[person.pk]) if person else reverse("people")


urlpatterns = [
    path("people/new/", person_new, name="person_new"),
    path("people/pick/", pick, name="person_pick"),
    path("people/like/", like, name="person_like"),
    path("people/<int:pk>/", person_page, name="person"),
    path("people/<int:pk>/edit/", person_edit, name="person_edit"),
]
