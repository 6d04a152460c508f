"""What a fact of a letter is: its type, its label, where it is filled in, and its way to JSON and back.

A kind of letter is a frozen dataclass whose fields are made by `text`, `lines`, `day`, `items` and `flag`. Every field
has an empty value, so that half-filled facts can be held, drafted and asked what they still lack. No Django in here.
"""

from collections.abc import Callable, Mapping
from dataclasses import Field, field, fields
from datetime import date
from typing import Any, NamedTuple

# Where in the program a person goes to fill a fact in.
PLACES = ("case", "terms", "school", "policy", "starter", "person", "decision")

Condition = Callable[[Any], bool]


class FactError(ValueError):
    """A fact that is unknown to its kind of letter or has the wrong type. `field` names it."""

    def __init__(self, field_name: str, reason: str) -> None:
        super().__init__(f"{field_name}: {reason}")
        self.field = field_name


class Missing(NamedTuple):
    """A fact that a letter needs and does not have. `where` is one of PLACES."""

    field: str
    label: str
    where: str


def _fact(shape: str, empty: Any, label: str, where: str, **more: Any) -> Any:
    if where not in PLACES:
        raise ValueError(f"{label}: {where!r} is no place of the program")
    return field(default=empty, metadata={"shape": shape, "label": label, "where": where, **more})


def text(label: str, where: str, *, required: bool = True, when: Condition | None = None, empty: str = "") -> Any:
    """Plain text; a blank line starts a new paragraph. `when` limits the need to facts for which it is true."""
    return _fact("text", empty, label, where, required=required, when=when)


def lines(label: str, where: str, *, required: bool = True, when: Condition | None = None) -> Any:
    """Several short texts, one a line."""
    return _fact("lines", (), label, where, required=required, when=when)


def day(label: str, where: str, *, required: bool = True, when: Condition | None = None) -> Any:
    """A date, which prints as "Monday 2 March 2026"."""
    return _fact("day", None, label, where, required=required, when=when)


def items(of: type, label: str, where: str, *, required: bool = True, when: Condition | None = None) -> Any:
    """Several small frozen dataclasses of one type."""
    return _fact("items", (), label, where, required=required, when=when, of=of)


def flag(label: str, where: str) -> Any:
    """Yes or no; never missing."""
    return _fact("flag", False, label, where, required=False, when=None)


def needed(fact: Field[Any], facts: object) -> bool:
    """Whether this letter, with these facts, needs that one."""
    when = fact.metadata["when"]
    return bool(fact.metadata["required"]) and (when is None or bool(when(facts)))


def blank(value: object) -> bool:
    """Whether a fact is empty: nothing, only spaces, or a list in which some part is."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, tuple):
        return not value or any(blank(part) for part in value)
    if hasattr(value, "__dataclass_fields__"):
        return any(blank(getattr(value, part.name)) for part in fields(value))  # type: ignore[arg-type]
    return value is None


def to_json(facts: Any) -> dict[str, Any]:
    """The facts as plain JSON values, dates in ISO form, tuples as lists."""
    return {fact.name: _plain(getattr(facts, fact.name)) for fact in fields(facts)}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if hasattr(value, "__dataclass_fields__"):
        return to_json(value)
    return value


def build(kind: type, data: Mapping[str, Any]) -> Any:
    """A dataclass of facts from JSON values, or from values already of the right type. FactError names a bad field."""
    known = {fact.name: fact for fact in fields(kind)}
    for name in data:
        if name not in known:
            raise FactError(name, "no such fact in this kind of letter")
    return kind(**{name: _value(known[name], value) for name, value in data.items()})


def _value(fact: Field[Any], value: Any) -> Any:
    readers: dict[str, Callable[[Field[Any], Any], Any]] = {
        "text": _text,
        "lines": _lines,
        "day": _day,
        "items": _items,
        "flag": _flag,
    }
    return readers[fact.metadata["shape"]](fact, value)


def _text(fact: Field[Any], value: Any) -> str:
    if not isinstance(value, str):
        raise FactError(fact.name, "is not text")
    return value


def _lines(fact: Field[Any], value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise FactError(fact.name, "is not a list of texts")
    return tuple(_text(fact, line) for line in value)


def _day(fact: Field[Any], value: Any) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise FactError(fact.name, "is not a date such as 2026-03-02") from error


def _items(fact: Field[Any], value: Any) -> tuple[Any, ...]:
    of = fact.metadata["of"]
    if not isinstance(value, list | tuple):
        raise FactError(fact.name, f"is not a list of {of.__name__}")
    return tuple(part if isinstance(part, of) else _item(fact, of, part) for part in value)


def _item(fact: Field[Any], of: type, value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise FactError(fact.name, f"holds something that is no {of.__name__}")
    return build(of, value)


def _flag(fact: Field[Any], value: Any) -> bool:
    if not isinstance(value, bool):
        raise FactError(fact.name, "is neither true nor false")
    return value
