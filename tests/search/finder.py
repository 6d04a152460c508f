"""A search for a way: from where a case stands to where it should come, by the program's own verbs and by nothing else.

At every node the finder asks the plain rules which deeds of which people would go through, tries them for real, goes on
from there, and takes back what led nowhere. Time moves forward when that is all that is left. It knows no script: only
which deeds change something that has not been done yet.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from sanctions import diary
from sanctions.standing import Refused
from tests.search import deeds
from tests.search.plain import FINISHED, LIVE, LONDON, PLANS, Deed, Plain
from tests.search.rows import Row, Rows

ENOUGH = 250  # nodes, after which the finder gives up: a way that exists takes about twenty
DAWN = (7, 30)
CHOICES = {
    "extend": 2,
    "vary_on_review": 2,
    "hold_meeting": 3,
    "follow": 5,
}  # how many of the right answers are worth a try


@dataclass(frozen=True)
class Goal:
    """Where the way should lead: `done` looks at the rows; `by` are the verbs that may lead there, first to last."""

    name: str
    done: Callable[["Finder", Plain], bool]
    by: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


def proposed(response: str, opening: str = "") -> Goal:
    def done(finder: "Finder", plain: Plain) -> bool:
        m = finder.measure(plain)
        return m is not None and (m["response"], m["opening"]) == (response, opening)

    return Goal(f"{response} {opening}".strip(), done, (f"propose {response} {opening}".strip(),))


def decided(verb: str) -> Goal:
    """The last decision about the measure is this one."""

    def done(finder: "Finder", plain: Plain) -> bool:
        m = finder.measure(plain)
        return m is not None and [d["verb"] for d in plain.decisions(m)][-1:] == [verb]

    return Goal(verb, done, (verb,))


def now(state: str, *by: str) -> Goal:
    def done(finder: "Finder", plain: Plain) -> bool:
        m = finder.measure(plain)
        return m is not None and plain.state(m) == state

    return Goal(state, done, by)


def met(outcome: str) -> Goal:
    return Goal(outcome, now(outcome).done, ("hold_meeting",))


def followed(step: str) -> Goal:
    """A step of a side branch is recorded."""

    def done(finder: "Finder", plain: Plain) -> bool:
        m = finder.measure(plain)
        return m is not None and bool(plain.rows.of("follow", measure_id=m["id"], step=step))

    return Goal(step, done, ("follow",))


def told_by_letter(finder: "Finder", plain: Plain) -> bool:
    m = finder.measure(plain)
    return m is not None and not deeds.waiting_kinds(plain, m)


def closed(finder: "Finder", plain: Plain) -> bool:
    case = plain.latest_case(finder.person)
    return case is not None and case["closed_at"] is not None


ISSUED = Goal("letter", told_by_letter, ("issue_letter",))
RUN_OUT = Goal("keep to run out", decided("keep").done, ("run out",))
LAPSED, ENDED = now("lapsed"), now("ended")
CLOSED = Goal("closed", closed, ("close_case",))
# What ends a measure that nobody wants to see through to one end in particular.
ANY_END = ("decline", "lift", "end", "withdraw", "not_confirm", "hold_meeting", "follow")


@dataclass
class Step:
    at: datetime
    by: int | None
    what: str


@dataclass
class Finder:
    """Looks for a way for one person's case, from a moment on."""

    person: int
    at: datetime
    closing: bool = False  # any end will do
    path: list[Step] = field(default_factory=list)
    tried: int = 0
    seen: set[Any] = field(default_factory=set)
    nearest: tuple[int, int, str] = (99, 99, "")  # goals left, rules in the way at least, and for whom which

    def measures(self, plain: Plain) -> list[Row]:
        case = plain.latest_case(self.person)
        return plain.measures(case_id=case["id"]) if case else []

    def measure(self, plain: Plain) -> Row | None:
        """The measure that the way is about: the last of the case."""
        return (self.measures(plain) or [None])[-1]

    # -- searching ----------------------------------------------------------------------------------------------------

    def reach(self, goals: tuple[Goal, ...]) -> bool:
        """Come by all these goals in turn. What was done stays done; where there is no way, nothing was."""
        plain = Plain(Rows(), self.at)
        while goals and goals[0].done(self, plain):
            goals = goals[1:]
            self.seen = set()
        if not goals:
            return True
        key = (len(goals), self.outline(plain))
        if key in self.seen or self.tried >= ENOUGH:
            return False
        self.seen.add(key)
        self.nearest = min(self.nearest, (len(goals), *self.in_the_way(plain, goals[0])))
        for deed in self.ways(plain, goals[0]):
            if self.tried >= ENOUGH:
                return False
            mark, at, length, seen = transaction.savepoint(), self.at, len(self.path), self.seen
            if self.take(deed) and self.reach(goals):
                transaction.savepoint_commit(mark)
                return True
            transaction.savepoint_rollback(mark)
            self.at, self.seen = at, seen
            del self.path[length:]
        return False

    def take(self, deed: Deed | date | None) -> bool:
        """Do it: a deed, a look at what is due (None), or waiting until a day."""
        self.tried += 1
        self.at += timedelta(minutes=7)
        if deed is None:
            self.path.append(Step(self.at, None, "the program looks at what is due"))
            diary.sweep(self.at)
            return True
        if isinstance(deed, date):
            self.at = datetime(deed.year, deed.month, deed.day, *DAWN, tzinfo=LONDON)
            self.path.append(Step(self.at, None, "time passes"))
            diary.sweep(self.at)
            return True
        try:
            deeds.perform(deed, self.at)
        except Refused:
            return False
        self.path.append(Step(self.at, deed.by, deed.verb))
        return True

    def outline(self, plain: Plain) -> Any:
        """What stands in a case, without its moments: two situations alike in this have the same ways on."""
        case = plain.latest_case(self.person)
        if case is None:
            return None
        rows, measures = plain.rows, plain.measures(case_id=case["id"])
        incidents = [
            (sorted((a["of"], a["by_id"]) for a in rows.of("account", incident_id=i["id"])), plain.upheld(i["id"]))
            for i in plain.incidents(case["id"])
        ]
        told = [
            (
                m["id"],
                plain.state(m),
                [(d["verb"], d["by_id"], bool(plain.issued(d))) for d in plain.decisions(m)],
                sorted((c["consulted_id"], c["by_id"]) for c in rows.of("consultation", measure_id=m["id"])),
                sorted(s["by_id"] for s in rows.of("signoff", measure_id=m["id"])),
                len(plain.replies(m)),
                plain.unanswered(m),
                sorted(f["step"] for f in rows.of("follow", measure_id=m["id"])),
                [plain.today > day for day in self.days(plain, m)],
            )
            for m in measures
        ]
        referred = sorted(r["to"] for r in rows.of("referral", case_id=case["id"]))
        return repr((bool(case["closed_at"]), incidents, told, referred, sorted(plain.tasks(case["id"]))))

    def in_the_way(self, plain: Plain, goal: Goal) -> tuple[int, str]:
        """What keeps everybody from the goal at this node: how many rules at least, and for whom which."""
        told = {}
        for deed in self.goal_deeds(plain, goal):
            told[plain.rows["user"][deed.by]["name"]] = sorted(plain.refused(deed))
        words = "; ".join(f"{name}: {', '.join(rules)}" for name, rules in told.items())
        alone = {"not-permitted", "wrong-state"}
        return min((9 if alone & set(rules) else len(rules) for rules in told.values()), default=99), words

    @property
    def stuck(self) -> str:
        """Where it came nearest to the goal, and what stood in the way there."""
        return self.nearest[2] or "nothing leads there"

    # -- the ways on from a node ----------------------------------------------------------------------------------------

    def ways(self, plain: Plain, goal: Goal) -> Iterator[Deed | date | None]:
        """What may be done next, the goal's own verbs first, waiting last."""
        for deed in [*self.goal_deeds(plain, goal), *self.preparing(plain)]:
            if not plain.refused(deed):
                yield deed
        if plain.rows["measure"] and self.something_due(plain):
            yield None
        running = [m for m in self.measures(plain) if plain.state(m) not in FINISHED[m["response"]]]
        if self.closing:
            for m in running:
                for verb in ANY_END:
                    yield from (d for d in self.on(plain, m, verb) if not plain.refused(d))
        ahead = [day for m in running for day in self.days(plain, m) if day > plain.today]
        if ahead:
            yield min(ahead)

    def something_due(self, plain: Plain) -> bool:
        return any(m["due_on"] and m["due_on"] <= plain.today for m in plain.rows["measure"].values())

    def days(self, plain: Plain, m: Row) -> list[date]:
        """The days on which something changes for a ban: what is worth waiting for."""
        if plain.state(m) not in LIVE:
            return []
        if m["response"] in PLANS:
            terms = plain.terms_of(plain.in_effect(m, plain.at))
            return [d for d in (terms.review_on, terms.ends and terms.ends + timedelta(days=1)) if d]
        if m["response"] != "site_ban":
            return []
        window, lapse, step = plain.window(m), plain.lapses_after(m), plain.in_effect(m, plain.at)
        days = [window, plain.decide_by(m), lapse] if not plain.confirmation(m) else []
        found = [day + timedelta(days=1) for day in days if day]
        terms = plain.terms_of(step)
        if terms.review_on:
            found.append(plain.counted(terms.review_on, 20, plain.is_school_day, step=-1))
        if terms.ends:
            found.append(terms.ends + timedelta(days=1))
        return found

    def goal_deeds(self, plain: Plain, goal: Goal) -> list[Deed]:
        """The deeds that lead to the goal at once, whoever does them."""
        case, m = plain.latest_case(self.person), self.measure(plain)
        found: list[Deed] = []
        for verb in goal.by:
            name, *more = verb.split()
            if name == "close_case" and case is not None:
                found += self.with_person(plain, "close_case")
            elif name == "propose":
                told = {"response": more[0], "opening": (more[1:] or [""])[0], **deeds.WEIGHED}
                found += [Deed("propose", by, person=self.person, told=told) for by in self.people(plain)]
            elif verb == "run out" and m is not None:
                told = {"reasons": "It may run out.", "run_out": True}
                found += [Deed("keep", by, m["id"], told=told) for by in self.people(plain)]
            elif m is not None:
                found += [d for d in self.on(plain, m, verb) if self.fits(d, goal)]
        return found

    def fits(self, deed: Deed, goal: Goal) -> bool:
        chosen = {"hold_meeting": "outcome", "follow": "step"}.get(deed.verb)
        return chosen is None or deed.told[chosen] == goal.name

    def people(self, plain: Plain) -> list[int]:
        return sorted(plain.held)

    def on(self, plain: Plain, m: Row, verb: str) -> list[Deed]:
        """A verb on a measure by everybody, with right answers."""
        return [
            Deed(verb, by, m["id"], told=told)
            for by in self.people(plain)
            for told in deeds.answers(plain, m, verb, by)[: CHOICES.get(verb, 1)]
        ]

    def with_person(self, plain: Plain, verb: str, **wanted: Any) -> list[Deed]:
        return [
            Deed(verb, by, person=self.person, told=told)
            for told in deeds.about_person(plain, verb)
            if all(told[k] == v for k, v in wanted.items())
            for by in self.people(plain)
        ]

    def preparing(self, plain: Plain) -> Iterator[Deed]:
        """What does no harm and has not been done yet: accounts, findings, referrals, notices, views, replies, letters."""
        case = plain.open_case(self.person)
        if case is None:
            return
        for incident in plain.incidents(case["id"]):
            yield from self.about(plain, incident)
        open_tasks = plain.tasks(case["id"])
        for to in {"police", "legal"} & open_tasks | ({"police"} if plain.police_untold(case["id"]) else set()):
            yield from self.with_person(plain, "refer", to=to)
        for kind in sorted(open_tasks - {"police", "legal"}):
            yield from self.with_person(plain, "complete_task", kind=kind)
        for m in self.measures(plain) if self.closing else self.measures(plain)[-1:]:
            if plain.state(m) in LIVE | {"served"}:
                yield from self.hearing(plain, m)

    def about(self, plain: Plain, incident: Row) -> Iterator[Deed]:
        """Accounts that are still missing, one of them by somebody else than who logged it; and the finding."""
        accounts = plain.rows.of("account", incident_id=incident["id"])
        others = {a["by_id"] for a in accounts if a["of"] != "subject"} - {incident["logged_by_id"]}
        for told in deeds.about_incident(plain, incident["id"], "record_account"):
            if told["of"] not in {a["of"] for a in accounts}:
                for by in self.people(plain):
                    yield Deed("record_account", by, incident=incident["id"], told=told)
        if not others and not any(a["of"] == "witness" for a in accounts):
            for by in set(self.people(plain)) - {incident["logged_by_id"]}:
                yield Deed("record_account", by, incident=incident["id"], told={"of": "witness", "text": "I saw it."})
        if not plain.findings(incident["id"]):
            for by in self.people(plain):
                (told,) = deeds.about_incident(plain, incident["id"], "find")
                yield Deed("find", by, incident=incident["id"], told=told)

    def hearing(self, plain: Plain, m: Row) -> Iterator[Deed]:
        """Letters that wait, views, signing off, the reply and its answer."""
        if deeds.waiting_kinds(plain, m) and m["state"] != "decided":
            yield from self.on(plain, m, "issue_letter")
        if plain.state(m) == "proposed":
            viewed = {(c["consulted_id"], c["by_id"]) for c in plain.rows.of("consultation", measure_id=m["id"])}
            for by in self.people(plain):
                for told in deeds.answers(plain, m, "consult", by):
                    if (told["consulted"], by) not in viewed:
                        yield Deed("consult", by, m["id"], told=told)
        if m["response"] == "post_removal":  # a letter that asks for a post to come down says which
            yield from (d for d in self.on(plain, m, "follow") if d.told["step"] == "captured")
        if m["response"] != "site_ban":
            return
        if plain.state(m) in {"provisional", "intent"}:
            if plain.unanswered(m):
                yield from self.on(plain, m, "answer")
            elif not plain.replies(m):
                yield from self.on(plain, m, "none_received")
        signed = {s["by_id"] for s in plain.rows.of("signoff", measure_id=m["id"])}
        yield from (d for d in self.on(plain, m, "sign_off") if d.by not in signed)
