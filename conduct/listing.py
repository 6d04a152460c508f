"""A list that can be narrowed, put in order and paged, each state of which is an address.

A `Listing` says what may be asked of a list: its filters and its orders, both by name, and nothing else is taken from an
address. `State` is one such question, read from the parameters: what cannot be understood is left out and said, never an
error, so that an old bookmark still opens. The rows themselves, and who may see them, are the matter of each list.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet

from conduct.calendar import LONDON, Calendar, local_date, words
from conduct.code import Pack
from conduct.models import Adoption, School, User

A_PAGE = 25
COUNTED_TO = 5_000  # nobody pages on so far, and counting more would cost more than the page
LONGEST_WORDS = 120
MOST_REMARKS = 4
YEARS = (2000, 2099)
NOT_FILTERS = {"q", "order", "page"}

Rows = QuerySet[Any]
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Scope:
    """For whom a list is made: the school, who looks, and when."""

    school: School
    user: User
    at: datetime

    @cached_property
    def pack(self) -> Pack | None:
        """The policy in force; none at a school that has adopted none yet."""
        try:
            return self.school.adoption_on(local_date(self.at)).pack
        except Adoption.DoesNotExist:
            return None

    @cached_property
    def calendar(self) -> Calendar:
        return self.school.calendar


@dataclass(frozen=True)
class Filter:
    """One way to narrow a list. `narrow` takes the rows, the value and the scope."""

    name: str
    label: str
    narrow: Callable[[Rows, Any, Scope], Rows]
    default = ""

    def read(self, text: str, scope: Scope) -> Any:
        """The value that a parameter names; None for one that cannot be understood."""
        raise NotImplementedError

    def say(self, value: Any, scope: Scope) -> str:
        """The value in words."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True)
class Choice(Filter):
    """One of some values; `default` holds where an address names none, and `any_label` says what no choice means."""

    choices: Choices | Callable[[Scope], tuple[tuple[str, Choices], ...]] = ()
    any_label: str = "Any"
    default: str = ""

    def groups(self, scope: Scope) -> tuple[tuple[str, Choices], ...]:
        """The choices as groups with a heading; those of one group have none."""
        return self.choices(scope) if callable(self.choices) else (("", self.choices),)

    def labels(self, scope: Scope) -> dict[str, str]:
        return {value: label for _, choices in self.groups(scope) for value, label in choices}

    def read(self, text: str, scope: Scope) -> str | None:
        return text if text in self.labels(scope) else None

    def say(self, value: str, scope: Scope) -> str:
        return self.labels(scope)[value]


@dataclass(frozen=True)
class Day(Filter):
    """A day; one that is the end of a stretch names the filter of its beginning in `after`."""

    after: str = ""

    def read(self, text: str, scope: Scope) -> date | None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        return day if YEARS[0] <= day.year <= YEARS[1] else None

    def say(self, value: date, scope: Scope) -> str:
        return words(value)


def since(name: str, label: str, column: str) -> Day:
    """From a day on: the moment in a column is not before its beginning in London."""
    return Day(name, label, lambda rows, day, scope: rows.filter(**{f"{column}__gte": beginning(day)}))


def until(name: str, label: str, column: str, after: str) -> Day:
    """Up to a day, the whole of it."""
    return Day(
        name, label, lambda rows, day, scope: rows.filter(**{f"{column}__lt": beginning(day + timedelta(days=1))}),
        after=after,
    )  # fmt: skip


def beginning(day: date) -> datetime:
    return datetime.combine(day, time.min, LONDON)


def equals(column: str) -> Callable[[Rows, Any, Scope], Rows]:
    """Narrow to the rows whose column holds the value."""
    return lambda rows, value, scope: rows.filter(**{column: value})


@dataclass(frozen=True)
class Order:
    """One order of a list, under the head of a column: `columns` from the least to the most, `label` as the head says."""

    name: str
    columns: tuple[str, ...]

    def by(self, down: bool) -> list[str]:
        """The columns in a direction; the row's number last, so that the order is the same each time."""
        return [f"-{c}" if down else c for c in (*self.columns, "pk")]


@dataclass(frozen=True)
class Chip:
    """A filter that is on: what it says, and the address of the list without it."""

    label: str
    words: str
    query: str


@dataclass(frozen=True)
class Head:
    """The head of a column: its words, and, where the list can be put in its order, the address that does so."""

    label: str
    order: str = ""
    query: str = ""
    sorted: str = ""  # ascending or descending, as aria-sort has it


@dataclass(frozen=True)
class Field:
    """A filter as the form shows it."""

    name: str
    label: str
    is_day: bool
    value: str
    any_label: str = ""
    groups: list[tuple[str, list[tuple[str, str, bool]]]] = field(default_factory=list)


@dataclass(frozen=True)
class State:
    """One question to a list: which filters are on, which words were typed, which order, and what was left out."""

    listing: "Listing"
    scope: Scope
    chosen: Mapping[str, Any]
    q: str = ""
    order: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def usual_order(self) -> str:
        """The order where none is asked for: empty where the likeliest of those found come first."""
        return "" if self.q and self.listing.by_likeness else self.listing.order

    @property
    def narrowed(self) -> bool:
        """Whether anything but the usual is asked."""
        return bool(self.q or self.chosen != self.listing.usual)

    def query(self, **changed: Any) -> str:
        """The state as the query string of an address, whatever is usual left out; `changed` values in place of its own."""
        listing = self.listing
        told = {"q": self.q, "order": self.order, **changed}
        told["order"] = "" if told["order"] == self.usual_order else told["order"]
        for each in listing.filters:
            value = changed.get(each.name, self.chosen.get(each.name))
            text = "" if value is None else each.write(value)
            told[each.name] = "" if text == each.default else text
        return urlencode({name: value for name, value in told.items() if value})

    @cached_property
    def chips(self) -> list[Chip]:
        """What is asked beside the usual, each with the address of the list without it."""
        found = [Chip("Search", f"“{self.q}”", self.query(q=""))] if self.q else []
        for each in self.listing.filters:
            value = self.chosen.get(each.name)
            if value is not None and value != (each.default or None):
                found.append(Chip(each.label, each.say(value, self.scope), self.query(**{each.name: None})))
        return found

    @property
    def in_words(self) -> list[str]:
        """What is asked, line by line, the usual included."""
        found = [f"Search: “{self.q}”"] if self.q else []
        on = [(f, self.chosen[f.name]) for f in self.listing.filters if f.name in self.chosen]
        return found + [f"{f.label}: {f.say(value, self.scope)}" for f, value in on]

    @property
    def order_words(self) -> str:
        """The order, if it is not the usual one: "In order of opened, downwards." """
        if self.order in {"", self.listing.order}:
            return ""
        label = next(label for label, order in self.listing.heads if order == self.order.removeprefix("-"))
        return f"In order of “{label}”, {'downwards' if self.order.startswith('-') else 'upwards'}."

    def heads(self) -> list[Head]:
        """The heads of the table, with the addresses that sort it; pressed again, a head turns the order round."""
        return [self.head(label, order) for label, order in self.listing.heads]

    def head(self, label: str, order: str) -> Head:
        if not order:
            return Head(label)
        down = self.order == f"-{order}"
        now = {order: "ascending", f"-{order}": "descending"}.get(self.order, "")
        usual = self.listing.order if self.listing.order.removeprefix("-") == order else order
        turned = order if down else f"-{order}"
        return Head(label, order, self.query(order=turned if now else usual), now)

    def fields(self) -> list[Field]:
        """The filters as the form shows them."""
        return [self.shown(each) for each in self.listing.filters]

    def shown(self, each: Filter) -> Field:
        value = self.chosen.get(each.name)
        text = "" if value is None else each.write(value)
        if not isinstance(each, Choice):
            return Field(each.name, each.label, True, text)
        groups = [
            (heading, [(v, label, v == text) for v, label in choices]) for heading, choices in each.groups(self.scope)
        ]
        return Field(each.name, each.label, False, text, "" if each.default else each.any_label, groups)

    def saying(self, *remarks: str) -> "State":
        return replace(self, remarks=(*self.remarks, *remarks))

    def rows(self, rows: Rows) -> Rows:
        """The rows as the filters narrow them and the order has them."""
        for each in self.listing.filters:
            if each.name in self.chosen:
                rows = each.narrow(rows, self.chosen[each.name], self.scope)
        if not self.order:
            return rows
        order = self.listing.orders[self.order.removeprefix("-")]
        return rows.order_by(*order.by(self.order.startswith("-")))


@dataclass(frozen=True)
class Listing:
    """What may be asked of a list: filters, and orders by the name under which an address has them.

    `heads` are the table's columns from the left, each with the order it stands for, or none; `order` is the usual one,
    and `by_likeness` says that whoever the words of the search box found come in the order of their likeness instead.
    """

    name: str
    filters: tuple[Filter, ...]
    orders: Mapping[str, Order]
    order: str
    heads: tuple[tuple[str, str], ...]
    by_likeness: bool = False

    @cached_property
    def usual(self) -> dict[str, Any]:
        """The filters that are on where an address names none."""
        return {each.name: each.default for each in self.filters if each.default}

    def read(self, told: Mapping[str, str], scope: Scope) -> State:
        """The state that the parameters of an address ask for; what cannot be understood is left out, with a word."""
        chosen, remarks = dict(self.usual), [f"This list has no filter “{short(n)}”." for n in self.unknown(told)]
        for each in self.filters:
            text = clean(told.get(each.name, ""))
            value = each.read(text, scope) if text else None
            if value is not None:
                chosen[each.name] = value
            elif text:
                remarks.append(f"“{short(text)}” cannot be chosen under “{each.label}”: it is left out.")
        remarks += self.ends_too_early(chosen)
        order = clean(told.get("order", ""))
        if order and order.removeprefix("-") not in self.orders:
            remarks.append(f"This list has no order “{short(order)}”.")
            order = ""
        state = State(self, scope, chosen, clean(told.get("q", ""))[:LONGEST_WORDS], "", tuple(remarks[:MOST_REMARKS]))
        return replace(state, order=order or state.usual_order)

    def unknown(self, told: Iterable[str]) -> list[str]:
        return sorted(set(told) - {each.name for each in self.filters} - NOT_FILTERS)

    def ends_too_early(self, chosen: dict[str, Any]) -> list[str]:
        """Take out each last day that is before its first day, and say so."""
        wrong = [
            each for each in self.filters
            if isinstance(each, Day) and each.after in chosen and each.name in chosen
            and chosen[each.name] < chosen[each.after]
        ]  # fmt: skip
        return [f"{words(chosen.pop(each.name))} is before the first day: it is left out." for each in wrong]


def clean(text: str) -> str:
    """What somebody typed, as a database takes it."""
    return "".join(c for c in text if c.isprintable() or c == " ").strip()


def short(text: str) -> str:
    text = clean(text)
    return text if len(text) <= 40 else f"{text[:39]}…"


class BoundedPaginator(Paginator):
    """Pages whose count stops at a bound: a longer list is paged that far, and says that there are more."""

    @cached_property
    def counted(self) -> int:
        return int(self.object_list.order_by()[: COUNTED_TO + 1].count())

    @property
    def more(self) -> bool:
        return self.counted > COUNTED_TO

    @cached_property
    def count(self) -> int:
        return min(self.counted, COUNTED_TO)
