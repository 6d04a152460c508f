"""What stands in the database, as plain rows: read at once before and after a deed, and compared."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

Row = dict[str, Any]
APPS = ("conduct", "incidents", "letters", "sanctions")
LEFT_OUT = {"document.pdf", "letter.facts"}  # the digest of the bytes stands in for them; the database keeps both final


@cache
def models() -> dict[str, type[Model]]:
    """Every table of the program by a short name: `measure`, `case_letter`'s is `caseletter`, as Django calls it."""
    found = [m for app in APPS for m in apps.get_app_config(app).get_models(include_auto_created=True)]
    return {m._meta.model_name: m for m in found if m._meta.model_name}


@cache
def columns(table: str) -> tuple[str, ...]:
    fields = models()[table]._meta.concrete_fields
    return tuple(f.attname for f in fields if f"{table}.{f.name}" not in LEFT_OUT)


@cache
def reader(table: str) -> Callable[[], dict[Any, Row]]:
    """How to read a table: its query put together once, since that takes longer than to run it."""
    names, model = columns(table), models()[table]
    place = names.index(model._meta.pk.attname)  # type: ignore[union-attr]
    compiler = model._default_manager.order_by().values_list(*names).query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    converters = compiler.get_converters([expression for expression, _, _ in compiler.select])

    def read() -> dict[Any, Row]:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            found = compiler.apply_converters(cursor.fetchall(), converters)
            return {values[place]: dict(zip(names, values, strict=True)) for values in found}

    return read


class Rows:
    """All rows of all tables, by table and key."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[Any, Row]] = {table: reader(table)() for table in models()}

    def __getitem__(self, table: str) -> dict[Any, Row]:
        return self.tables[table]

    def of(self, table: str, *, order: tuple[str, ...] = ("id",), **wanted: Any) -> list[Row]:
        """The rows of a table in which these columns hold these values, in order."""
        rows = [r for r in self.tables[table].values() if all(r[k] == v for k, v in wanted.items())]
        return sorted(rows, key=lambda r: tuple(r[c] for c in order))


class Change:
    """One row that was made, changed or taken away."""

    def __init__(self, table: str, was: Row | None, now: Row | None) -> None:
        self.table, self.was, self.now = table, was, now

    @property
    def made(self) -> bool:
        return self.was is None

    @property
    def gone(self) -> bool:
        return self.now is None

    @property
    def columns(self) -> set[str]:
        """The columns whose value changed; all of them for a row that was made."""
        now, was = self.now or {}, self.was or {}
        return {c for c in now if c not in was or was[c] != now[c]}

    def __repr__(self) -> str:
        if self.made or self.gone:
            return f"{self.table} {'made' if self.made else 'gone'}: {self.now or self.was}"
        told = {c: [(self.was or {}).get(c), (self.now or {}).get(c)] for c in sorted(self.columns)}
        return f"{self.table} {(self.now or {}).get('id')}: {told}"


def changes(before: Rows, after: Rows) -> list[Change]:
    """What differs, table by table."""
    return list(differing(before, after))


def differing(before: Rows, after: Rows) -> Iterator[Change]:
    for table, now in after.tables.items():
        was = before.tables[table]
        if was == now:
            continue
        for key in [*was, *(k for k in now if k not in was)]:
            if was.get(key) != now.get(key):
                yield Change(table, was.get(key), now.get(key))


def audited(found: list[Change]) -> Counter[str]:
    """The audit rows among the changes, by their deed."""
    return Counter(c.now["deed"] for c in found if c.table == "auditrow" and c.now)
