"""Which step comes next under the policy, and why, in sentences. A suggestion: somebody decides, and says why.

The step itself is said by `ladder.suggested` alone. Beside it stands what the clauses of the case point to. Nothing here
recommends a punishment, and nothing follows from it by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from conduct import code, policy
from conduct.calendar import local_date, words
from conduct.code import RESPONSE_LABELS, ROUTES, Clause, Pack
from incidents.models import Incident
from sanctions import ladder
from sanctions.dates import months_away
from sanctions.ladder import Served, Situation

CLOSING = "It is a suggestion: you decide, and severity may ask for another step (write why)."
SERVED_WORDS = {
    "meeting": "An invitation to a meeting was sent",
    "warning_letter": "A warning letter was sent",
    "communication_plan": "A restricted communication plan was put in place",
    "channel_block": "A block from the school app or social media was put in place",
    "vexatious_notice": "A notice that communications are vexatious was sent",
    "site_ban": "The first letter of a ban from the site was sent",
}


@dataclass(frozen=True)
class Pointer:
    """A clause of the case, and to what the policy points there."""

    clause: Clause
    to: str


@dataclass(frozen=True)
class Suggestion:
    """What was put to the person so far, which level that leads to and its steps, what the clauses of the case point to."""

    history: str
    level: str
    steps: str
    pointers: tuple[Pointer, ...]
    closing: str = CLOSING


def suggest(s: Situation, incidents: Iterable[Incident]) -> Suggestion:
    """What comes next for a case as it stands."""
    following = ladder.suggested(s)
    steps = policy.responses(r for r in s.pack.rungs if r in following)
    return Suggestion(*why(s), steps, tuple(pointers(s.pack, in_question(incidents))))


def why(s: Situation) -> tuple[str, str]:
    """The history that the next level rests on, and which level that is."""
    steps = [x for x in s.served if s.pack.level_of(x.response)]
    counting = [x for x in steps if local_date(x.at) >= ladder.since_a_year(s)]
    if not counting:
        return nothing_counts(s, steps), f"The first level of {s.pack.title} is:"
    highest = max(counting, key=lambda x: (s.pack.level_of(x.response) or 0, x.at))
    level = s.pack.level_of(highest.response) or 0
    if level >= len(s.pack.levels):
        return history(s, highest), f"That is the top level of {s.pack.title} already:"
    return history(s, highest), f"The next level of {s.pack.title} is level {level + 1}:"


def nothing_counts(s: Situation, steps: list[Served]) -> str:
    last = max((x.at for x in steps), default=None)
    earlier = f" (the last one, of {words(local_date(last))}, no longer counts)" if last else ""
    months = policy.count(s.pack.timers.history_months, "month")
    return f"No formal step was put to this person in the last {months}{earlier}."


def history(s: Situation, served: Served) -> str:
    """A step that was put to the person, and how long it counts."""
    day, timers = local_date(served.at), s.pack.timers
    months = timers.warning_counts_months if served.response == "warning_letter" else timers.history_months
    return f"{SERVED_WORDS[served.response]} on {words(day)}; it counts until {words(months_away(day, months))}."


def in_question(incidents: Iterable[Incident]) -> list[str]:
    """The clauses that are upheld, or alleged where nothing is found yet."""
    found = (i.finding.upheld if i.finding else i.clause_ids for i in incidents)
    return list(dict.fromkeys(clause for clauses in found for clause in clauses))


def pointers(pack: Pack, ids: Iterable[str]) -> list[Pointer]:
    """For each clause that the policy holds and that points somewhere: where to, in the order of the policy."""
    wanted = set(ids)
    held = [c for kind in code.KINDS for c in pack.clause_list(kind) if c.id in wanted and c.routes]
    found = [(c, pack.routes_of([c.id])) for c in held]
    return [Pointer(c, pointed([ROUTES[route] for route in routes])) for c, routes in found if routes]


def pointed(responses: Iterable[str]) -> str:
    """ "a referral to the police and a block from the school app or social media"."""
    return policy.listed([ARTICLES.get(r, f"a {policy.lower(RESPONSE_LABELS[r])}") for r in responses], "and")


ARTICLES = {"post_removal": "asking for the post to be taken down"}
