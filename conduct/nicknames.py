"""Names that are one name: Bob and Robert, Muhammad and Mohammed, and how Siobhan is spoken. The lists are in nicknames.toml."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path


def also_called(word: str) -> frozenset[str]:
    """Every other name by which whoever bears this one may be written down."""
    short, spelled = groups("short"), groups("spelled")
    near = {word, *short.get(word, ()), *spelled.get(word, ())}
    return frozenset(near.union(*(spelled.get(name, ()) for name in near))) - {word}


def spoken(word: str) -> str:
    """How a name is spoken, written as an English ear would; empty where its letters say it."""
    return lists()["spoken"].get(word, "")


@cache
def groups(which: str) -> Mapping[str, frozenset[str]]:
    """By name, all names of the groups in which it stands."""
    found: dict[str, set[str]] = {}
    for group in names_of(lists()[which]):
        for name in group:
            found.setdefault(name, set()).update(group)
    return {name: frozenset(group) for name, group in found.items()}


def names_of(lines: Iterable[str]) -> list[list[str]]:
    return [line.split() for line in lines]


@cache
def lists() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_name("nicknames.toml").read_text(encoding="utf-8"))
