"""Trying a deed, or letting time pass, and holding what comes of it against the plain rules and against `watch`."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from sanctions import diary
from sanctions.standing import Refused
from tests.search import deeds, watch
from tests.search.plain import ALONE, RULES, Deed, Plain
from tests.search.rows import Rows, changes
from tests.search.tally import TALLY

UNFORESEEN = {"letter-complete", "no-third-parties"}  # what a letter says: the tests of letters hold these


def refusal(deed: Callable[[], object]) -> list[str]:
    """The rules that refuse a deed, in the order in which they are told; none: it went through."""
    try:
        deed()
    except Refused as refused:
        return [r.rule for r in refused.refusals]
    return []


class Trying:
    """A school at a moment: what stands in its database, and what was tried so far."""

    def begin(self, at: datetime) -> None:
        self.at = at
        self.tokens: list[Deed] = []
        self.rows = Rows()
        watch.always(self.rows, self.at)

    def attempt(self, deed: Deed, *, look: bool = True) -> None:
        """Try a deed: refused as foreseen and nothing changed, or gone through and everything holds."""
        self.at += timedelta(minutes=1)
        plain = Plain(self.rows, self.at)
        foreseen = plain.refused(deed)
        self.same_whether_looked_at_before(deed, plain)
        if deed.verb == "log_incident":
            token = UUID(int=len(self.tokens) + 1)
            deed = replace(deed, told={**deed.told, "token": token})
        rules = refusal(lambda: deeds.perform(deed, self.at))
        if deed.verb == "log_incident" and not rules:
            self.tokens.append(deed)
        self.count(deed, plain, rules)
        if rules:
            assert rules == sorted(set(rules)), rules
            assert set(rules) <= RULES, f"a rule that nobody knows: {rules}"
            assert len(rules) == 1 or not set(rules) & ALONE, f"told beside others: {rules}"
            missed = f"{deed} was refused by {rules}, plainly by {sorted(foreseen)}"
            assert set(rules) - UNFORESEEN == foreseen, missed
            if look:
                self.after_nothing()
            return
        assert not foreseen, f"{deed} went through, plainly refused by {sorted(foreseen)}"
        after = Rows()
        found = changes(self.rows, after)
        watch.after_a_deed(deed, self.rows, after, found, self.at)
        self.ends_moved_only_by(deed, after)
        self.rows = after
        watch.always(self.rows, self.at)

    def same_whether_looked_at_before(self, deed: Deed, plain: Plain) -> None:
        """Where something is due that nobody has looked at yet, a look first changes nothing about who is refused what."""
        due = any(m["due_on"] and m["due_on"] <= plain.today for m in self.rows["measure"].values())
        if not due or deed.verb == "complete_task":
            return
        mark = transaction.savepoint()
        diary.sweep(self.at)
        swept = Plain(Rows(), self.at)
        told = set(refusal(lambda: deeds.perform(deed, self.at))) - UNFORESEEN
        transaction.savepoint_rollback(mark)
        assert told == plain.refused(deed) == swept.refused(deed), f"{deed} after a look: {told}"

    def ends_moved_only_by(self, deed: Deed, after: Rows) -> None:
        """Nothing extends itself: a last day moves only by a decision about that very measure, or its letter."""
        was, now = watch.ends(self.rows, self.at), watch.ends(after, self.at)
        moved = {key for key in was if was[key] != now[key]}
        deciding = {"confirm", "vary", "extend", "vary_on_review", "keep", "issue_letter"}
        assert moved <= ({deed.measure} if deed.verb in deciding else set()), f"{deed} moved the end of {moved}"

    def elapse(self, to: datetime) -> None:
        """Time passes and nobody does anything."""
        was, self.rows = watch.ends(self.rows, self.at), Rows()
        TALLY.days += (to - self.at).days
        self.at = max(self.at, to.astimezone(self.at.tzinfo))
        now = watch.ends(self.rows, self.at)
        if was.keys() == now.keys():
            longer = {k for k in was if was[k] and now[k] and now[k] > was[k]}
            assert not longer, f"extended by itself: {longer}"
        watch.always(self.rows, self.at)

    def after_nothing(self) -> None:
        found = changes(self.rows, Rows())
        assert not found, f"changed, though nothing was done: {found}"

    def count(self, deed: Deed, plain: Plain, rules: list[str]) -> None:
        TALLY.tried += 1
        TALLY.by_rule.update(rules)
        if not rules:
            TALLY.by_verb[deed.verb] += 1
        if deed.measure is not None:
            m = self.rows["measure"][deed.measure]
            TALLY.count((m["response"], plain.state(m), deed.verb), plain.roles(deed.by), rules)

    def look_at_what_is_due(self) -> None:
        diary.sweep(self.at)
        TALLY.looks += 1
        after = Rows()
        watch.after_a_look(self.rows, after, changes(self.rows, after), self.at)
        diary.sweep(self.at)
        again = changes(after, Rows())
        assert not again, f"a second look changed something: {again}"
        self.rows = after
        watch.always(self.rows, self.at)

    def one_look_late_or_one_a_day(self, days: int) -> None:
        """One look after some days leaves what a look on each of them would have left."""
        mark, left = transaction.savepoint(), []
        for n in range(1, days + 1):
            diary.sweep(self.at + timedelta(days=n))
        left.append(self.what_is_left())
        transaction.savepoint_rollback(mark)
        self.elapse(self.at + timedelta(days=days))
        self.look_at_what_is_due()
        left.append(self.what_is_left())
        assert left[0] == left[1], f"every day {left[0]}, one look {left[1]}"

    def what_is_left(self) -> Any:
        """Where measures stand and which tasks are open, by when."""
        rows = Rows()
        states = {m["id"]: m["state"] for m in rows["measure"].values()}
        tasks = sorted((t["case_id"], t["kind"], t["due_on"]) for t in rows.of("task", closed_at=None))
        return states, tasks
