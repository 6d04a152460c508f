"""What came of a story, row by row: the command's own lines beside the words of the story."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sanctions.rehearsals import words
from sanctions.rehearsals.playing import Played
from sanctions.rehearsals.words import Thing
from sanctions.story import Mapped, StoryStep


@dataclass(frozen=True)
class Check:
    """One thing that a story expects to see, and what there was; `found` is nothing where it was not looked at."""

    what: str
    expected: str
    found: str
    holds: bool


@dataclass(frozen=True)
class Row:
    """One step: what was tried, what came of it, and whether that is what the story says."""

    n: int
    line: int
    at: datetime
    who: str
    what: str
    refused: bool
    refusals: tuple[tuple[str, str], ...]  # rule, and its sentence
    checks: tuple[Check, ...]
    holds: bool
    missed: str  # what the story said would come of it; nothing where it did
    detail: str  # what the command says beside all that

    @property
    def in_short(self) -> str:
        """The step in the summary: of what was looked at, what differs."""
        return ", ".join(check.what for check in self.checks if not check.holds) or self.what


@dataclass(frozen=True)
class Result:
    """A story that was played."""

    name: str
    policy: str
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, played: Played) -> "Result":
        story, steps = played.story, {step.n: step for step in played.story.steps}
        thing = words.things(story)
        rows = tuple(
            row(steps[told["n"]], told, words.who(steps[told["n"]], story), thing) for told in played.told["steps"]
        )
        return cls(story.name, words.policy(story.pack), rows)

    @property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows if not row.holds]

    @property
    def sentence(self) -> str:
        wrong, all_of_them = len(self.wrong), len(self.rows)
        if not wrong:
            return f"The story holds: {all_of_them} {'step' if all_of_them == 1 else 'steps'}"
        return f"{wrong} of {all_of_them} steps {'does' if wrong == 1 else 'do'} not hold"


def row(step: StoryStep, told: dict[str, Any], who: str, thing: Thing) -> Row:
    """One step of the story with what the command says of it."""
    rules, detail = told["rules"], told["detail"]
    checks: tuple[Check, ...] = ()
    refusals: tuple[tuple[str, str], ...] = ()
    missed = ""
    if step.verb == "expect":
        checks, detail = checked(step.fields, detail, thing)
    elif rules or step.refused:
        refusals, detail = sentences(rules, detail), ""
        missed = "" if told["holds"] else should_have(step)
    return Row(
        n=step.n,
        line=step.line,
        at=step.at,
        who=who,
        what=words.said(step, thing),
        refused=told["outcome"] == "refused",
        refusals=refusals,
        checks=checks,
        holds=told["holds"],
        missed=missed,
        detail=detail,
    )


def should_have(step: StoryStep) -> str:
    if step.refused:
        return f"The story says that it is refused by {', '.join(step.refused)}, and by nothing else."
    return "The story says that it goes through."


def sentences(rules: list[str], detail: str) -> tuple[tuple[str, str], ...]:
    """The rules that refused a step, each with its sentence, out of the command's "rule: sentence rule: sentence"."""
    if not rules:
        return ()
    names = "|".join(re.escape(rule) for rule in sorted(rules, key=len, reverse=True))
    parts = re.split(rf"(?:^|(?<=\s))({names}): ", detail)
    said: dict[str, str] = {}
    for rule, sentence in zip(parts[1::2], parts[2::2], strict=True):
        said[rule] = f"{said.get(rule, '')} {sentence}".strip()
    return tuple((rule, said.get(rule, "")) for rule in rules)


# -- what a story expects -----------------------------------------------------------------------------------------


def checked(fields: Mapped, detail: str, thing: Thing) -> tuple[tuple[Check, ...], str]:
    """Each thing expected with what there was; and what the command says when it could not look."""
    leaves = list(expected_in(fields))
    marks = [f"{' '.join(path)}: expected {told}, is " for path, told in leaves]
    starts = [detail.find(mark) for mark in marks]
    if detail and max(starts, default=-1) < 0:
        return tuple(Check(labelled(path, thing), words.value(told), "", False) for path, told in leaves), detail
    ends = [*sorted(start for start in starts if start >= 0), len(detail) + 2]
    checks = []
    for (path, told), mark, start in zip(leaves, marks, starts, strict=True):
        what, expected = labelled(path, thing), words.value(told)
        if start < 0:
            checks.append(Check(what, expected, expected, True))
        else:
            end = next(end for end in ends if end > start) - 2  # before "; "
            checks.append(Check(what, expected, words.value(as_value(detail[start + len(mark) : end])), False))
    return tuple(checks), ""


def expected_in(told: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that is expected, with the way to it."""
    if isinstance(told, dict):
        for key, inner in told.items():
            yield from expected_in(inner, (*path, str(key)))
    else:
        yield path, told


def labelled(path: tuple[str, ...], thing: Thing) -> str:
    """ "Ban from the site (ban): state", "Gate list: alex"."""
    if path[0] == "measure":
        first, rest = thing(path[1]), [words.SEEN.get(part, part) for part in path[2:]]
    else:
        first, rest = words.SEEN.get(path[0], path[0]), [words.named(part) for part in path[1:]]
    return ": ".join([first[:1].upper() + first[1:], *rest])


def as_value(printed: str) -> Any:
    """A value as the command prints it: a list, a yes or no, nothing; anything else is a text."""
    try:
        return ast.literal_eval(printed)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return printed
