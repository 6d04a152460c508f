"""The words in square brackets that a text may hold, each of which stands for a fact of its letter.

A fixed list for each kind of letter, and nothing else is ever filled in. A text is gone through once: what was filled in
is not looked at again, so that no name and no reason that somebody typed is taken for a placeholder. Facts are kept with
their texts as they were worded, `[reply_by]` and all; the press fills them in. No Django in here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, fields
from typing import Any

# Placeholders that have a plainer name than the fact they stand for, in the order of the menu.
NAMES = {
    "school": "school_name",
    "trust": "trust_name",
    "policy": "policy_title",
    "head": "head_title",
    "chair": "chair_title",
    "recording": "recording",
    "children": "pupils",
}
# Facts in words that read well in the middle of a sentence; of days every one does.
IN_WORDS = (
    "decider",
    "reviewer",
    "contact_who",
    "measure_name",
    "meeting_when",
    "meeting_where",
    "ask_name",
    "ask_phone",
)


@dataclass(frozen=True)
class Placeholder:
    """A name that may stand in brackets, the fact that it stands for, and what it is in words."""

    name: str
    fact: str
    label: str


def of(facts: type) -> dict[str, Placeholder]:
    """Every placeholder that the texts of a letter with these facts may hold, by its name."""
    known = {field.name: field for field in fields(facts)}
    named = {name: known[fact] for name, fact in NAMES.items() if fact in known}
    named |= {name: field for name, field in known.items() if field.metadata["shape"] == "day" or name in IN_WORDS}
    return {name: Placeholder(name, field.name, field.metadata["label"]) for name, field in named.items()}


def parts(words: str) -> Iterator[tuple[str, str]]:
    """The text piece by piece: ("words", …), ("name", what stands between two brackets), ("loose", a bracket alone)."""
    while words:
        at = next((n for n, sign in enumerate(words) if sign in "[]"), len(words))
        if at:
            yield "words", words[:at]
        inside, closed, after = words[at + 1 :].partition("]")
        if words[at : at + 1] == "[" and closed and "[" not in inside:
            yield "name", inside
            words = after
        else:
            yield from (("loose", words[at]),) if at < len(words) else ()
            words = words[at + 1 :]


def used(words: str) -> set[str]:
    """What stands in brackets."""
    return {part for sort, part in parts(words) if sort == "name"}


def fill(words: str, values: Mapping[str, str]) -> Iterator[tuple[bool, str]]:
    """The text in pieces, each with whether it was filled in; at the beginning of a sentence with a capital letter.

    A name that has no value stays as it stands, in its brackets.
    """
    before = ""
    for sort, part in parts(words):
        known = sort == "name" and part in values
        piece = values[part] if known else f"[{part}]" if sort == "name" else part
        if known and begins_sentence(before):
            piece = piece[:1].upper() + piece[1:]
        before += piece
        yield known, piece


def begins_sentence(before: str) -> bool:
    return not before.strip() or before.rstrip()[-1] in ".!?" or before.endswith("\n")


def missing_in(texts: Mapping[str, str], facts: Any, blank: Any) -> Iterator[Field[Any]]:
    """The facts that the texts name and that these facts do not hold, each once."""
    named = of(type(facts))
    wanted = {named[name].fact for words in texts.values() for name in used(words) if name in named}
    for field in fields(facts):
        if field.name in wanted and blank(getattr(facts, field.name)):
            yield field
