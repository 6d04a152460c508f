"""The texts that a letter starts with, from starters.toml: plain text with placeholders in square brackets."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path

from letters.kinds import KINDS


@cache
def texts() -> Mapping[str, str]:
    """Every starter text by its name: a fact's name, or "kind.fact" for one kind alone."""
    read = tomllib.loads(Path(__file__).with_name("starters.toml").read_text(encoding="utf-8"))
    return {name: words.strip() for name, words in read.items()}


@cache
def kinds() -> tuple[str, ...]:
    """The kinds of letter that have a text; a notice for the desk has none."""
    return tuple(kind for kind in KINDS if texts_of(kind))


@cache
def texts_of(kind: str) -> Mapping[str, str]:
    """The starter text of each fact of that kind that has one, by the fact's name, in the order of the facts.

    A fact that is filled in elsewhere (the reasons of a decision, say) has one only where it is written for its kind.
    """
    chosen = {}
    for fact in fields(KINDS[kind].facts):
        words = texts().get(f"{kind}.{fact.name}", texts().get(fact.name))
        first_words = fact.metadata["where"] == "starter" or f"{kind}.{fact.name}" in texts()
        if first_words and words is not None:
            chosen[fact.name] = words
    return chosen
