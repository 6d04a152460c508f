"""The ladder as a Mermaid diagram, generated from the table of moves: for the README, kept true by a test."""

from sanctions.dates import PASSING
from sanctions.ladder import FIRST_STATE, MOVES, OPENING_KINDS, PLANS, letter_kind
from sanctions.states import FINAL, LIMITING, OPENED, State

D = State.DECIDED.value


def arrows(response: str) -> list[tuple[str, str, str]]:
    """Every way from a state to another, with its verb; withdrawing, which leads from everywhere, left out."""
    found = []
    for move in MOVES:
        if response not in move.responses or move.target is None or move.verb == "withdraw":
            continue
        found += [(source.value, move.target.value, move.verb) for source in move.sources - skipped(move.verb)]
    return sorted({*found, *by_letter(response), *by_time(response)})


def skipped(verb: str) -> set[State]:
    """States that a move names only so that `letter-first` can refuse there."""
    return {State.DECIDED} if verb not in {"decline", "settle"} else set()


def by_letter(response: str) -> list[tuple[str, str, str]]:
    """Issuing the letter of a decision is what serves it or opens the ban."""
    kinds = OPENING_KINDS.values() if response == "site_ban" else [letter_kind(response, "decide", "")]
    return [(D, FIRST_STATE.get(kind, State.SERVED).value, "issue_letter") for kind in kinds if kind]


def by_time(response: str) -> list[tuple[str, str, str]]:
    if response in PLANS:
        return [(s.value, State.ENDED.value, PASSING[1]) for s in LIMITING]
    if response != "site_ban":
        return []
    lapses = [(s.value, State.LAPSED.value, PASSING[0]) for s in OPENED | FINAL]
    return lapses + [(s.value, State.ENDED.value, PASSING[1]) for s in FINAL]


def mermaid(response: str) -> str:
    """The diagram's text."""
    lines = ["stateDiagram-v2", "    [*] --> proposed: propose"]
    lines += [f"    {source} --> {target}: {verb}" for source, target, verb in arrows(response) if source != target]
    return "\n".join(lines)
