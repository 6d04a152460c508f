"""The list of people."""

from typing import Any

from django.db.models import Case as Among
from django.db.models import F, Q, Value, When
from django.db.models.functions import Coalesce

from conduct.listing import Choice, Listing, Order, Rows, Scope, State, equals
from conduct.models import RELATIONS, Person
from sanctions import gate
from sanctions.lists.table import Table, meant, told
from sanctions.models import Case, Measure

APPLIES = (
    ("any", "Anything"), ("banned", "A ban"), ("plan", "A communication plan"), ("ended_no_decision", "Ended, no decision"),
)  # fmt: skip
WORDS = {"banned": "Banned", "plan": "Plan: may come in", "ended_no_decision": "Ended, no decision", "clear": ""}
YES_NO = (("yes", "Yes"), ("no", "No"))


def whom(column: str = "person") -> Coalesce:
    """For a query on what hangs on a person: the row that stands for them."""
    return Coalesce(F(f"{column}__identity"), F(column))


def applying(rows: Rows, value: str, scope: Scope) -> Rows:
    """By what applies at the gate today, the gravest of a person. Only measures under way are looked at."""
    held = Measure.objects.filter(gate.shown_at(scope.at), case__school=scope.school).annotate(whom=whom())
    found: dict[int, str] = {}
    for measure in told(held):
        words = (found.get(measure.whom, gate.CLEAR.word), gate.applied(measure, scope.calendar, scope.at).word)
        found[measure.whom] = min(words, key=gate.WORDS.index)
    if value == "any":
        return rows.filter(pk__in=[pk for pk, word in found.items() if word != gate.CLEAR.word])
    return rows.filter(pk__in=[pk for pk, word in found.items() if word == value])


def with_open_case(rows: Rows, value: str, scope: Scope) -> Rows:
    held = Case.objects.filter(school=scope.school, closed_at=None).order_by().values_list(whom())
    return rows.filter(pk__in=held) if value == "yes" else rows.exclude(pk__in=held)


def described(rows: Rows, value: str, scope: Scope) -> Rows:
    return rows.filter(name="") if value == "no" else rows.exclude(name="")


def with_address(rows: Rows, value: str, scope: Scope) -> Rows:
    elsewhere = Person.objects.exclude(identity=None).exclude(address="").filter(identity__in=rows.order_by())
    missing = Q(address="") & ~Q(pk__in=elsewhere.values("identity"))
    return rows.filter(missing if value == "no" else ~missing)


def whether_protected(rows: Rows, value: str, scope: Scope) -> Rows:
    held = Person.objects.filter(school=scope.school, address_protected=True).order_by()
    whose = held.values_list(Coalesce("identity", "pk"))
    return rows.filter(pk__in=whose) if value == "yes" else rows.exclude(pk__in=whose)


LISTING = Listing(
    name="people",
    filters=(
        Choice("applies", "Applies today", applying, APPLIES, "Whatever"),
        Choice("case", "Open case", with_open_case, YES_NO, "Whether or not"),
        Choice("relation", "Relation", equals("relation"), tuple(RELATIONS)),
        Choice("named", "Identified", described, (("yes", "By name"), ("no", "Only described")), "Whether or not"),
        Choice("address", "Address", with_address, (("yes", "Written down"), ("no", "Missing")), "Whether or not"),
        Choice("protected", "Address protected", whether_protected, YES_NO, "Whether or not"),
    ),
    orders={"name": Order("name", ("folded",)), "relation": Order("relation", ("relation", "folded"))},
    order="name",
    heads=(("Name", "name"), ("Relation", "relation"), ("Children", ""), ("Today", "")),
    by_likeness=True,
)


def visible(scope: Scope) -> Rows:
    """Everybody whom the school has written down, each once."""
    return scope.school.people.filter(identity=None)


def find(rows: Rows, state: State) -> tuple[Rows, State]:
    """Those whom the words may mean; the likeliest first, unless an order is asked for."""
    found, state = meant(state)
    rows = rows.filter(pk__in=found)
    if not state.order:
        rows = rows.order_by(Among(*[When(pk=pk, then=Value(n)) for n, pk in enumerate(found)], default=Value(0)))
    return rows, state


def with_all(rows: Rows, scope: Scope) -> Rows:
    return rows.prefetch_related("pupils", "aliases__pupils")


def dressed(people: list[Any], scope: Scope) -> list[tuple[Person, gate.Applies]]:
    found = gate.applies_to(people, scope.school, scope.at)
    return [(person, found[person.pk]) for person in people]


def cells(people: list[Any], scope: Scope) -> list[list[object]]:
    """No address, no number, no email: a file lies about, and a list of who it is needs none of them."""
    numbers = [person.pk for person in people]
    held = Case.objects.filter(Q(person__in=numbers) | Q(person__identity__in=numbers), closed_at=None)
    open_cases = dict(held.order_by("-pk").values_list(whom(), "reference"))
    return [
        [
            str(person),
            person.nicknames,
            person.get_relation_display(),
            "; ".join(f"{p.name}, {p.year}" if p.year else p.name for p in person.children),
            WORDS[applies.word],
            open_cases.get(person.pk, ""),
        ]
        for person, applies in dressed(people, scope)
    ]


TABLE = Table(
    listing=LISTING,
    title="People",
    template="conduct/people.html",
    deeds=("see_people",),
    visible=visible,
    find=find,
    with_all=with_all,
    dressed=dressed,
    columns=("Name", "Also called", "Relation", "Children", "Applies today", "Open case"),
    cells=cells,
)
