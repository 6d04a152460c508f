"""What a page and a file need to know of a list, whichever it is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from conduct import people
from conduct.listing import Listing, Rows, Scope, State
from conduct.models import Person
from sanctions.models import Measure
from sanctions.situation import with_history

FOUND_AT_MOST = 100  # people whom the words of the search box may mean
FEW = 1000
CHUNK = 500  # rows of a file made at a time
NO_MORE = f"Many people are called that: the first {FOUND_AT_MOST} were looked at. Type more of the name."
TOO_SHORT = "Type at least two letters to search."


@dataclass(frozen=True)
class Table:
    """A list: who may see it, which rows there are for them, how words find some, and how rows become cells."""

    listing: Listing
    title: str
    template: str
    deeds: tuple[str, ...]  # any of them opens the list
    visible: Callable[[Scope], Rows]
    find: Callable[[Rows, State], tuple[Rows, State]]
    with_all: Callable[[Rows, Scope], Rows]  # the same rows with what `dressed` looks at, in a fixed number of queries
    dressed: Callable[[list[Any], Scope], list[Any]]  # rows as the template shows them
    columns: tuple[str, ...]  # heads of the file
    cells: Callable[[list[Any], Scope], list[list[object]]]

    def asked(self, state: State) -> tuple[Rows, State]:
        """The rows that a state asks for, in its order; and the state, with what there is to say about the search."""
        rows = state.rows(self.visible(state.scope))
        return self.find(rows, state) if state.q else (rows, state)

    def shown(self, rows: Rows, scope: Scope) -> list[Any]:
        """One page's rows as its template shows them."""
        return self.dressed(list(self.with_all(rows, scope)), scope)

    def lines(self, numbers: list[int], scope: Scope) -> Iterator[list[object]]:
        """The cells of these rows, some hundred rows at a time, each in the same number of queries."""
        for first in range(0, len(numbers), CHUNK):
            wanted = numbers[first : first + CHUNK]
            found = self.with_all(self.visible(scope).filter(pk__in=wanted), scope).in_bulk(wanted)
            yield from self.cells([found[pk] for pk in wanted if pk in found], scope)


def told(measures: QuerySet[Measure]) -> QuerySet[Measure]:
    """Measures with their history; those under one policy share it, since reading it for each would take most of the time."""
    return with_history(measures).select_related(None).prefetch_related("adoption")


def among(rows: Rows, numbers: QuerySet[Any]) -> Rows:
    """The rows of these numbers. Few are looked up by number; of many a page is soon full in the order of the list."""
    few = list(numbers[: FEW + 1])
    return rows.filter(pk__in=few if len(few) <= FEW else numbers)


def meant(state: State) -> tuple[list[int], State]:
    """The people whom the words may mean, best first, and all their rows; by number."""
    if len(state.q) < 2:
        return [], state.saying(TOO_SHORT)
    found = [p.pk for p in people.search(state.scope.school, state.q, limit=FOUND_AT_MOST)]
    return found, state.saying(NO_MORE) if len(found) == FOUND_AT_MOST else state


def all_rows_of(numbers: list[int]) -> list[int]:
    """The rows of these people, those included that were written down twice."""
    return [*numbers, *Person.objects.filter(identity__in=numbers).values_list("pk", flat=True)]
