"""People: the picker, a person's page, adding and changing what is known of them."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from conduct import people, register
from conduct.forms import ContactForm, PersonForm, children_formset
from conduct.models import Person, School
from conduct.names import fold
from conduct.roles import may
from conduct.views import safe_next
from incidents.forms import SPECIAL
from incidents.models import Incident
from sanctions import cases, gate
from sanctions.views.asking import asked, school_for
from sanctions.views.gate import whom_to_call


@require_GET
def pick(request: HttpRequest) -> HttpResponse:
    """What the picker shows under its box: whom the words may mean, then the two who are nobody on the list."""
    school = school_for(request, "see_people")
    question = asked(request)
    found = people.search(school, question)
    earlier = dict(
        Incident.objects.counting().filter(subject__in=found).order_by().values_list("subject").annotate(Count("pk"))
    )
    options = [option(person, question, earlier.get(person.pk, 0)) for person in found]
    options += [{"value": value, "name": name} for value, name in SPECIAL.items()]
    return render(request, "components/picker_options.html", {"options": options})


def option(person: Person, question: str, earlier: int) -> dict[str, Any]:
    asides = ["spelled alike"] if spelled_alike(person, question) else []
    if earlier:
        asides.append(f"{earlier} earlier incident{'' if earlier == 1 else 's'}")
    return {"value": person.pk, "name": str(person), "detail": belongs(person), "aside": " · ".join(asides)}


def belongs(person: Person) -> str:
    """How a person belongs to the school: "parent of Robin Marsh, Year 4"."""
    relation = {"relative": "relative or childminder", "other": "other"}.get(person.relation, person.relation)
    children = " and ".join(f"{p.name}, {p.year}" if p.year else p.name for p in person.pupils.all())
    return f"{relation} of {children}" if children else relation


def spelled_alike(person: Person, question: str) -> bool:
    """Whether only the likeness of the name found the person: no word of it, no number, address or child."""
    names = person.folded.split()
    if all(any(name.startswith(word) for name in names) for word in fold(question).split()):
        return False
    digits = "".join(c for c in question if c.isdigit())
    by_phone = bool(digits) and digits in "".join(c for c in person.phone if c.isdigit())
    by_email = person.email.lower().startswith(question.lower())
    return not (by_phone or by_email or any(question.lower() in p.name.lower() for p in person.pupils.all()))


@require_GET
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A person: what applies today, how to reach them, their children and needs, and what has happened."""
    school = school_for(request, "see_people")
    person = get_object_or_404(school.people, pk=pk)
    register.looked_at(person, by=request.user, at=request.at)
    context = {
        "person": person,
        "applies": gate.applies_to([person], school, request.at)[person.pk],
        "children": register.children_of(person),
        "cases": cases_of(person, request),
        "needs": needs_of(person),
        "may_log": may(request.roles, "log_incident"),
        **whom_to_call(school, request),
    }
    return render(request, "conduct/person.html", context)


def cases_of(person: Person, request: HttpRequest) -> Iterable[Any]:
    """The person's cases at this school that the user may see, each with its incidents, the newest first."""
    visible = cases.visible_to(request.user, request.at).filter(person=person, school=request.school)
    return visible.prefetch_related(Prefetch("incidents", Incident.objects.prefetch_related("findings", "marks")))


def needs_of(person: Person) -> list[str]:
    """What letters and meetings must respect, in words."""
    said = [
        "Letters in large print" if person.large_print else "",
        f"Language or interpreter: {person.language}" if person.language else "",
        f"Adjustments: {person.adjustments}" if person.adjustments else "",
    ]
    return [words for words in said if words]


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
    form = (PersonForm if whole else ContactForm)(data, instance=person or Person(school=school))
    rows = children_formset(data, register.children_of(person) if person else []) if whole else None
    sound = data is not None and all([form.is_valid(), rows is None or rows.is_valid()])
    if sound:
        children = rows.children() if rows is not None else None
        if person is None:
            person = register.add(school, form.values(), children or [], by=request.user, at=request.at)
        else:
            register.change(person, form.values(), children, by=request.user, at=request.at)
        messages.success(request, "Saved." if whole else "The address is saved. Letters made from now on use it.")
        return redirect(back_to(request, person))
    context = {"form": form, "rows": rows, "person": saved(person), "back": back_to(request, person)}
    return render(request, "conduct/person_form.html", context, status=200 if data is None else 422)


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
    path("people/<int:pk>/", person_page, name="person"),
    path("people/<int:pk>/edit/", person_edit, name="person_edit"),
]
