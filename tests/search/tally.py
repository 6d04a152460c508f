"""What a search has reached, counted over all its runs: told at the end of a large one."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.search.plain import ALL_STATES, FIRST_LETTERS, LETTERS, MOVES

ROLES = ("office", "senior", "head", "chair", "trust", "admin", "gate", "records", "sysadmin")
Cell = tuple[str, str, str, str]  # response, state, verb, role


def states_of(response: str) -> set[str]:
    """The states that a measure of this response can come to at all."""
    found = {"proposed"} | {t for _, targets in MOVES[response].values() for t in targets or ()}
    for kind, (responses, verbs) in LETTERS.items():
        if response in responses and "decide" in verbs:
            found.add(FIRST_LETTERS.get(kind, "served"))
    return found | ({"lapsed", "ended"} if response == "site_ban" else set())


def cube() -> set[Cell]:
    """Every state of every response × every verb that it has × every role."""
    return {
        (response, state, verb, role)
        for response, moves in MOVES.items()
        for state in states_of(response) & ALL_STATES
        for verb in (*moves, "issue_letter")
        for role in ROLES
    }


@dataclass
class Tally:
    """Counts of one search."""

    runs: int = 0
    tried: int = 0
    went_through: int = 0
    looks: int = 0
    days: int = 0
    finished: int = 0
    by_verb: Counter[str] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    went: set[Cell] = field(default_factory=set)
    refused: dict[Cell, set[str]] = field(default_factory=lambda: defaultdict(set))

    def count(self, cell: tuple[str, str, str], roles: Iterable[str], rules: list[str]) -> None:
        """A deed on a measure was tried by somebody in these roles; only one who holds a single role says something of it."""
        held = list(roles)
        if len(held) != 1:
            return
        if rules:
            self.refused[*cell, held[0]].update(rules)
        else:
            self.went.add((*cell, held[0]))

    def lines(self) -> list[str]:
        """The counts in words, for a report."""
        cells, reached = cube(), set(self.refused) | self.went
        plain_no = {c for c, rules in self.refused.items() if rules <= {"not-permitted", "wrong-state"}}
        by_guard = set(self.refused) - plain_no
        told = [
            f"runs: {self.runs}; days lived through: {self.days}; looks at what is due: {self.looks}",
            f"deeds tried: {self.tried}; went through: {self.went_through}; refused: {self.tried - self.went_through}",
            f"cases taken to their end from where a run left them: {self.finished}",
            f"state × verb × role: {len(reached & cells)} of {len(cells)} cells tried",
            f"  in {len(self.went & cells)} it went through, in {len((by_guard - self.went) & cells)} only a rule refused it,"
            f" in {len((plain_no - self.went) & cells)} role or state did",
            "went through, by verb: " + ", ".join(f"{v} {n}" for v, n in sorted(self.by_verb.items())),
            "refused, by rule: " + ", ".join(f"{r} {n}" for r, n in sorted(self.by_rule.items())),
        ]
        missed = sorted(cells - reached)
        if missed:
            told.append("not tried: " + "; ".join(f"{r} {s} {v} by {role}" for r, s, v, role in missed[:40]))
        return told
