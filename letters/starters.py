"""The texts that a letter starts with, from starters.toml: plain text with a fixed list of words to fill in."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path

from letters.kinds import KINDS

# The words that may stand in square brackets in a starter text, and nothing else is ever filled in.
BLANKS = ("school", "trust", "policy", "head", "chair", "recording")


@cache
def texts() -> Mapping[str, str]:
    """Every starter text by its name: a fact's name, or "kind.fact" for one kind alone."""
    read = tomllib.loads(Path(__file__).with_name("starters.toml").read_text(encoding="utf-8"))
    return {name: words.strip() for name, words in read.items()}


def fill(words: str, blanks: Mapping[str, str]) -> str:
    """The text with [school] and the like replaced, once each; what was filled in is not looked through again."""
    done = ""
    while words:
        before, bracket, rest = words.partition("[")
        name, closed, after = rest.partition("]")
        known = closed and name in BLANKS and name in blanks
        done += before + (blanks[name] if known else bracket)
        words = after if known else rest
    return done


def starter_facts(kind: str, blanks: Mapping[str, str], own: Mapping[str, str] | None = None) -> dict[str, str]:
    """The starter text of each fact of that kind that has one. `own`: the school's own texts, by the same names.

    A fact that is filled in elsewhere (the reasons of a decision, say) has one only where it is written for its kind.
    """
    offered = {**texts(), **(own or {})}
    chosen = {}
    for fact in fields(KINDS[kind].facts):
        words = offered.get(f"{kind}.{fact.name}", offered.get(fact.name))
        first_words = fact.metadata["where"] == "starter" or f"{kind}.{fact.name}" in offered
        if first_words and words is not None:
            chosen[fact.name] = fill(words, blanks)
    return chosen
