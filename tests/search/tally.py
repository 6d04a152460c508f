"""What a search has reached, counted over all its runs: told at the end of a large one."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.search.plain import ALONE, FIRST_LETTERS, LETTERS, MOVES

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
        for state in states_of(response)
        for verb in (*moves, "issue_letter")
        for role in ROLES
    }


@dataclass
class Tally:
    """Counts of one search."""

    runs: int = 0
    steps: int = 0
    tried: int = 0
    looks: int = 0
    days: int = 0
    finished: int = 0
    ways: int = 0
    longest_way: int = 0
    searched: int = 0
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
        """The counts as a table in Markdown."""
        went = sum(self.by_verb.values())
        rows = {
            "runs of the machine": self.runs,
            "steps of these runs": self.steps,
            "days that passed in them": self.days,
            "looks at what is due": self.looks,
            "deeds tried, in the machine and the cube": self.tried,
            "of these, went through": went,
            "of these, refused as foreseen": self.tried - went,
            "cases led to their end from wherever a run had left them": self.finished,
            "ways to an end found for a small school": self.ways,
            "deeds tried to find them": self.searched,
            "deeds in the longest of them": self.longest_way,
        }
        told = ["| what | how many |", "|---|---|", *(f"| {what} | {many:,} |" for what, many in rows.items()), ""]
        return [*told, *self.cells(), "", *self.verbs_and_rules()]

    def cells(self) -> list[str]:
        """How much of the cube was reached, by response."""
        told = [
            "| response | cells: state × verb × role | tried | went through | refused by a rule | refused by role or state |",
            "|---|---|---|---|---|---|",
        ]
        for response in [*sorted(MOVES), ""]:
            cells = {c for c in cube() if response in ("", c[0])}
            went = cells & self.went
            no = {c for c in cells & set(self.refused) - went if self.refused[c] <= ALONE}
            rule = cells & set(self.refused) - went - no
            tried = went | no | rule
            name = response.replace("_", " ") or "**together**"
            told.append(f"| {name} | {len(cells):,} | {len(tried):,} | {len(went):,} | {len(rule):,} | {len(no):,} |")
        return told

    def verbs_and_rules(self) -> list[str]:
        verbs = ", ".join(f"{verb.replace('_', ' ')} {n:,}" for verb, n in sorted(self.by_verb.items()))
        rules = ", ".join(f"`{rule}` {n:,}" for rule, n in sorted(self.by_rule.items()))
        return [f"Went through: {verbs}.", "", f"Refused by: {rules}."]


TALLY = Tally()
