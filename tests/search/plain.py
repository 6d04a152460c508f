"""The rules a second time, in plain code over plain rows, written from the rules as they are told and not from the ladder.

`Plain(rows, at).refused(deed)` says which rules should stand in the way of a deed. The machine holds the program to it
both ways: what should be refused never goes through, and what should go through is never refused. Nothing in here
imports the ladder, the dates, the calendar or the situation.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from conduct.code import clauses as code_clauses
from conduct.code import pack as code_pack
from tests.search.rows import Row, Rows

LONDON = ZoneInfo("Europe/London")
SEVERITIES = ["minor", "serious", "criminal"]
PROTECTED = {"absence_reporting", "medical", "emergency", "safeguarding", "send", "complaints", "subject_access"}
STAFF, ABOVE = {"office", "senior", "head"}, {"chair", "trust"}
DECIDERS = {"head", "chair", "trust"}
NOBODY: set[str] = set()

RULES = {
    *("not-permitted", "wrong-state", "not-in-pack", "not-offered", "police-first", "facts-first"),
    *("skip-needs-reason", "lesser-options", "one-live-ban", "no-second-provisional", "consult-first", "two-people"),
    *("nothing-upheld", "own-cause", "letter-first", "hear-first", "dated", "first-ban-limited", "long-ban-sign-off"),
    *("contact-route", "never-cut-off", "child-plan", "equality-considered", "right-decider", "reviewer-differs"),
    *("review-in-time", "extension-reasons", "close-needs-end", "letter-complete", "one-recipient"),
    *("no-third-parties", "signer-allowed", "issued-is-final"),
}
ALONE = {"not-permitted", "wrong-state"}

LADDERS = {
    "sholing": [{"meeting", "warning_letter"}, {"communication_plan"}, {"site_ban"}],
    "kingsley": [{"warning_letter", "meeting"}, {"channel_block"}, {"site_ban"}],
    "burton_joyce": [{"meeting"}, {"warning_letter"}, {"site_ban"}],
    "oakmoor": [{"warning_letter", "meeting"}, {"communication_plan", "vexatious_notice"}, {"site_ban"}],
    "all_saints": [{"meeting", "warning_letter"}, {"site_ban"}],
    "combined": [
        {"meeting", "warning_letter"},
        {"communication_plan", "channel_block", "vexatious_notice"},
        {"site_ban"},
    ],
}
CONSULTED_ON_BANS = {"kingsley": {"chair"}, "all_saints": {"chair"}, "sholing": ABOVE, "combined": ABOVE}
CONSULTED_ON_ALL = {"kingsley": {"chair"}}
CONFIRMED_BY = {"sholing": ABOVE, "combined": ABOVE}  # the others: the head
FIRST_BAN_DAYS = {"burton_joyce": 90, "oakmoor": 90, "combined": 90}
REPORTED_TO = {"sholing": {"chair", "trust"}, "combined": {"chair", "trust"}}
BOARD_SIGNS = {"ban_confirmed", "ban_not_confirmed"}  # where the board confirms, the head does not sign these
RUNGS = {"meeting", "warning_letter", "communication_plan", "channel_block", "vexatious_notice", "site_ban"}
PLANS = {"communication_plan", "channel_block", "vexatious_notice"}
SIDE_BRANCHES = {"post_removal", "mediation", "no_further_action"}

UNDER_WAY, OPENED = {"proposed", "decided"}, {"provisional", "intent"}
FINAL = {"confirmed", "varied", "extended"}
LIVE = UNDER_WAY | OPENED | FINAL | {"in_force"}
BY_DEED = {"declined", "not_confirmed", "lifted", "withdrawn"}
OVER = BY_DEED | {"lapsed", "ended"}
FINISHED = {
    "site_ban": OVER,
    "meeting": OVER | {"held", "missed", "turned_down"},
    "warning_letter": OVER | {"served"},
    "post_removal": OVER | {"served"},
    "mediation": OVER | {"decided"},
    "no_further_action": OVER | {"decided"},
    **dict.fromkeys(PLANS, OVER),
}
ALL_STATES = LIVE | OVER | {"served", "held", "missed", "turned_down"}

# verb: the states that it leads from, and those to which it may lead; None: it stays where it is
BAN_MOVES: dict[str, tuple[set[str], set[str] | None]] = {
    "consult": ({"proposed"}, None),
    "decide": ({"proposed"}, {"decided"}),
    "decline": ({"proposed"}, {"declined"}),
    "sign_off": (LIVE, None),
    "tell": ({"decided", "provisional"} | FINAL, None),
    "represent": ({"decided"} | OPENED, None),
    "none_received": ({"decided"} | OPENED, None),
    "answer": ({"decided"} | OPENED, None),
    "confirm": ({"decided"} | OPENED, {"confirmed"}),
    "vary": ({"decided"} | OPENED, {"varied"}),
    "not_confirm": ({"decided"} | OPENED, {"not_confirmed"}),
    "keep": (FINAL, None),
    "extend": (FINAL, {"extended"}),
    "vary_on_review": (FINAL, {"varied"}),
    "lift": (FINAL, {"lifted"}),
    "withdraw": (ALL_STATES - {"withdrawn"}, {"withdrawn"}),
}
OTHER_MOVES = {verb: BAN_MOVES[verb] for verb in ("consult", "decide", "decline", "withdraw")}
GOES_ON = {"proposed", "decided", "served", "ended"}
PLAN_MOVES = OTHER_MOVES | {
    "keep": ({"in_force"}, None),
    "vary_on_review": ({"in_force"}, None),
    "end": ({"in_force"}, {"ended"}),
}
MOVES: dict[str, dict[str, tuple[set[str], set[str] | None]]] = {
    "site_ban": BAN_MOVES,
    "warning_letter": OTHER_MOVES,
    "meeting": OTHER_MOVES | {"hold_meeting": ({"decided", "served"}, {"held", "missed", "turned_down"})},
    "communication_plan": PLAN_MOVES | {"log_contact": ({"decided", "in_force"}, None)},
    "channel_block": PLAN_MOVES,
    "vexatious_notice": PLAN_MOVES,
    "post_removal": OTHER_MOVES | {"follow": (GOES_ON, {"ended"})},
    "mediation": OTHER_MOVES | {"follow": (GOES_ON, None)},
    "no_further_action": OTHER_MOVES,
}
# What must have been recorded of a side branch before a step of it.
STEPS = {
    "post_removal": {
        "captured": NOBODY, "asked": {"captured"}, "removed": {"captured"}, "reported": {"captured"},
        "escalated": {"captured"},
    },
    "mediation": {
        "offered": NOBODY, "accepted": {"offered"}, "turned_down": {"offered"}, "agreed": {"accepted"},
        "not_agreed": {"accepted"},
    },
}  # fmt: skip
POST_SETTLED = {"removed", "reported", "escalated"}
# kind of letter: of which responses, and each decision that it tells with the states in which it may be issued
LETTERS: dict[str, tuple[set[str], dict[str, set[str]]]] = {
    "meeting_invitation": ({"meeting"}, {"decide": {"decided", "served"}}),
    "warning": ({"warning_letter"}, {"decide": {"decided", "served"}}),
    "communication_plan": ({"communication_plan"}, {"decide": {"decided", "in_force"}}),
    "channel_block": ({"channel_block"}, {"decide": {"decided", "in_force"}}),
    "vexatious_notice": ({"vexatious_notice"}, {"decide": {"decided", "in_force"}}),
    "plan_outcome": (
        PLANS,
        {"keep": {"in_force"}, "vary_on_review": {"in_force"}, "end": {"ended"}, "withdraw": {"withdrawn"}},
    ),
    "post_removal_request": ({"post_removal"}, {"decide": {"decided", "served"}}),
    "provisional_ban": ({"site_ban"}, {"decide": {"decided", "provisional"}}),
    "intent_to_ban": ({"site_ban"}, {"decide": {"decided", "intent"}}),
    "ban_confirmed": ({"site_ban"}, {"confirm": FINAL}),
    "ban_varied": ({"site_ban"}, {"vary": FINAL, "vary_on_review": FINAL}),
    "ban_not_confirmed": ({"site_ban"}, {"not_confirm": {"not_confirmed"}}),
    "ban_withdrawn": ({"site_ban"}, {"withdraw": {"withdrawn"}}),
    "ban_lifted": ({"site_ban"}, {"lift": {"lifted"}}),
    "ban_extended": ({"site_ban"}, {"extend": FINAL}),
    "ban_kept": ({"site_ban"}, {"keep": FINAL}),
}
# Where the first letter of a measure takes it; any other serves it.
FIRST_LETTERS = {
    "provisional_ban": "provisional",
    "intent_to_ban": "intent",
    **dict.fromkeys(PLANS, "in_force"),
}
CONFIRMATIONS = {"confirm", "vary"}
NEW_TERMS = CONFIRMATIONS | {"extend", "vary_on_review"}
REVIEWS = {"keep", "extend", "vary_on_review"}
ALL_REVIEWS = REVIEWS | {"lift", "end"}


@dataclass(frozen=True)
class Deed:
    """Something that somebody is about to try: the verb, on what, and the answers of the form."""

    verb: str
    by: int
    measure: int | None = None
    person: int | None = None
    incident: int | None = None
    told: dict[str, Any] = field(default_factory=dict)


# -- days, counted one by one -------------------------------------------------------------------------------------


def day_of(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=[year]))


def is_business_day(day: date) -> bool:
    return day.isoweekday() not in (6, 7) and day not in bank_holidays(day.year)


def next_business_day(day: date) -> date:
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def received_on(method: str, sent_at: datetime) -> date:
    """The day on which a letter sent this way counts as received."""
    day, local = day_of(sent_at), sent_at.astimezone(LONDON)
    if method == "post":
        return next_business_day(day + timedelta(days=2))
    if is_business_day(day) and (local.hour, local.minute) < (16, 30):
        return day
    return next_business_day(day + timedelta(days=1))


def same_day_of_month(day: date, months: int) -> date:
    """The same day so many months away, or the month's last."""
    month = day.year * 12 + day.month - 1 + months
    for last in (day.day, 30, 29, 28):
        try:
            return date(month // 12, month % 12 + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


@dataclass(frozen=True)
class Terms:
    """The terms that an attempt would leave."""

    starts: date | None
    ends: date | None
    review_on: date | None
    latest_decision_on: date | None
    contact_who: str
    contact_methods: tuple[str, ...]
    closes: tuple[str, ...]
    handover: frozenset[int]


NO_TERMS = Terms(None, None, None, None, "", (), (), frozenset())


class Plain:
    """What the rows say at a moment."""

    def __init__(self, rows: Rows, at: datetime) -> None:
        self.rows, self.at, self.today = rows, at, day_of(at)

    # -- the calendar of the school ---------------------------------------------------------------------------------

    @cached_property
    def closed_days(self) -> list[tuple[date, date]]:
        return [(c["first"], c["last"]) for c in self.rows["schoolclosure"].values()]

    def is_school_day(self, day: date) -> bool:
        return is_business_day(day) and not any(first <= day <= last for first, last in self.closed_days)

    def counted(self, day: date, count: int, counts: Callable[[date], bool], step: int = 1) -> date:
        while count:
            day += timedelta(days=step)
            count -= counts(day)
        return day

    def school_days_after(self, day: date, count: int) -> date:
        return self.counted(day, count, self.is_school_day)

    # -- people -------------------------------------------------------------------------------------------------------

    @cached_property
    def held(self) -> dict[int, set[str]]:
        """Who holds which roles today."""
        found: dict[int, set[str]] = {}
        for m in self.rows["membership"].values():
            active = self.rows["user"][m["user_id"]]["is_active"]
            if active and m["starts_on"] <= self.today and (m["ends_on"] is None or m["ends_on"] >= self.today):
                found.setdefault(m["user_id"], set()).add(m["role"])
        return found

    def roles(self, user: int) -> set[str]:
        return self.held.get(user, NOBODY)

    def holders(self, *wanted: str) -> list[int]:
        return [user for user, roles in self.held.items() if roles & set(wanted)]

    # -- a case -------------------------------------------------------------------------------------------------------

    def incidents(self, case: int) -> list[Row]:
        ids = [r["incident_id"] for r in self.rows.of("caseincident", case_id=case)]
        return sorted((self.rows["incident"][i] for i in ids), key=lambda i: (i["logged_at"], i["id"]))

    def findings(self, incident: int) -> list[Row]:
        return self.rows.of("finding", order=("at", "id"), incident_id=incident)

    def upheld(self, incident: int) -> bool:
        found = self.findings(incident)
        return bool(found and found[-1]["upheld"])

    def harmed(self, case: int) -> set[int]:
        ids = {i["id"] for i in self.incidents(case)}
        return {r["user_id"] for r in self.rows["incident_harmed"].values() if r["incident_id"] in ids}

    def only_reporters(self, case: int) -> set[int]:
        """Who logged an incident of which nobody else recorded a staff or witness account."""
        found = set()
        for i in self.incidents(case):
            others = [
                a
                for a in self.rows.of("account", incident_id=i["id"])
                if a["of"] != "subject" and a["by_id"] != i["logged_by_id"]
            ]
            if not others:
                found.add(i["logged_by_id"])
        return found

    def barred(self, user: int, case: int, *, deciding_a_ban: bool = False) -> bool:
        return user in self.harmed(case) or (deciding_a_ban and user in self.only_reporters(case))

    def unbarred(self, case: int, *roles: str, deciding_a_ban: bool = False) -> list[int]:
        return [u for u in self.holders(*roles) if not self.barred(u, case, deciding_a_ban=deciding_a_ban)]

    def pack_on(self, day: date) -> str:
        adopted = self.rows.of("adoption", order=("starts_on",))
        earlier = [a["pack_key"] for a in adopted if a["starts_on"] <= day]
        return str(earlier[-1] if earlier else adopted[0]["pack_key"])

    def pack_of(self, m: Row) -> str:
        return str(self.rows["adoption"][m["adoption_id"]]["pack_key"])

    def open_case(self, person: int) -> Row | None:
        found = self.rows.of("case", person_id=person, closed_at=None)
        return found[-1] if found else None

    def measures(self, **wanted: Any) -> list[Row]:
        return self.rows.of("measure", order=("proposed_at", "id"), **wanted)

    def pupils(self, person: int) -> set[int]:
        return {r["pupil_id"] for r in self.rows.of("link", person_id=person)}

    # -- a ban, from what was recorded ----------------------------------------------------------------------------------

    def decisions(self, m: Row, *verbs: str) -> list[Row]:
        found = self.rows.of("decision", order=("at", "id"), measure_id=m["id"])
        return [d for d in found if not verbs or d["verb"] in verbs]

    def opening(self, m: Row) -> Row | None:
        return next(iter(self.decisions(m, "decide")), None)

    def issued(self, decision: Row, kind: str = "") -> list[Row]:
        """The letters that told a decision, the first issued first."""
        ids = [r["letter_id"] for r in self.rows.of("caseletter", decision_id=decision["id"])]
        found = [self.rows["letter"][i] for i in ids]
        told = [x for x in found if x["issued_at"] and kind in ("", x["kind"])]
        return sorted(told, key=lambda x: (x["issued_at"], x["id"]))

    def opening_letters(self, m: Row) -> list[Row]:
        decision = self.opening(m)
        return self.issued(decision) if decision else []

    def terms_of(self, decision: Row | None) -> Terms:
        if decision is None or decision["terms_id"] is None:
            return NO_TERMS
        row = self.rows["terms"][decision["terms_id"]]
        written = [h for h in self.rows.of("handover", terms_id=row["id"]) if h["arrangement"].strip()]
        return Terms(
            row["starts"], row["ends"], row["review_on"], row["latest_decision_on"], row["contact_who"],
            tuple(row["contact_methods"]), tuple(row["closes"]), frozenset(h["pupil_id"] for h in written),
        )  # fmt: skip

    def sent(self, letter: Row) -> list[Row]:
        """Each time that a letter is recorded to have left, the earliest first."""
        return [s for s in self.rows.of("sending", order=("at", "id"), letter_id=letter["id"]) if s["sent_at"]]

    def served(self, letter: Row) -> tuple[date, date | None, bool]:
        """The last service of a letter that stands: the day of receipt; since when it is back, where none does; whether it is a
        later one than the first. Before anybody has said how it left, it is taken to leave as it was issued to."""
        sent = sorted(self.sent(letter), key=lambda s: (s["sent_at"], s["id"])) if letter.get("id") else []
        if not sent:
            return received_on(letter["method"], letter["sent_at"]), None, False
        there = [s for s in sent if not s["came_back_on"]]
        last = (there or sent)[-1]
        back = None if there else max(s["came_back_on"] for s in sent)
        return received_on(last["method"], last["sent_at"]), back, last is not sent[0]

    def after_receipt(self, m: Row, since: date) -> date:
        """The last day for a reply to a letter received that day."""
        until = self.school_days_after(since, 10)
        return min(until, self.counted(since, 20, is_business_day)) if m["opening"] == "provisional" else until

    def window_after(self, m: Row, letters: list[Row]) -> date:
        """The last day for a reply, after the last of these letters."""
        since, _, again = self.served(letters[-1])
        until = self.after_receipt(m, since)
        limit = self.terms_of(self.opening(m)).latest_decision_on
        if m["opening"] == "provisional" and limit and (again or len(letters) > 1):
            until = min(until, limit)
        return until

    def is_back(self, m: Row) -> date | None:
        """Since when the opening letter is back at the school."""
        letters = self.opening_letters(m)
        return self.served(letters[-1])[1] if letters else None

    def window(self, m: Row) -> date | None:
        letters = self.opening_letters(m)
        return self.window_after(m, letters) if letters and not self.is_back(m) else None

    def lapses_after(self, m: Row) -> date | None:
        letters, back = self.opening_letters(m), self.is_back(m)
        if not letters or m["opening"] == "provisional":
            return self.terms_of(self.opening(m)).latest_decision_on if letters else None
        if back:  # as if it had been handed over on that day
            return self.school_days_after(self.after_receipt(m, max(back, self.served(letters[-1])[0])), 20)
        return self.school_days_after(self.window_after(m, letters), 20)

    def decide_by(self, m: Row) -> date | None:
        window = self.window(m)
        if window is None:
            return self.lapses_after(m)
        by = self.school_days_after(window, 5)
        limit = self.terms_of(self.opening(m)).latest_decision_on
        return min(by, limit) if m["opening"] == "provisional" and limit else by

    def counting_of_a_plan(self, m: Row) -> list[tuple[datetime, Row]]:
        """Each decision on the terms of a plan, block or notice, and from when it counts: its letter; keeping, at once."""
        found = []
        for d in self.decisions(m, "decide", "vary_on_review", "keep"):
            letters = self.issued(d)
            if d["verb"] == "keep" or letters:
                found.append((d["at"] if d["verb"] == "keep" else letters[0]["issued_at"], d))
        return sorted(found, key=lambda each: each[0])

    def counting(self, m: Row) -> list[tuple[datetime, Row]]:
        """Each decision on final terms that its letter has told, or that kept what a letter had told; from when it counts."""
        if m["response"] in PLANS:
            return self.counting_of_a_plan(m)
        found: list[tuple[datetime, Row]] = []
        for d in self.decisions(m, *NEW_TERMS, "keep"):
            letters = self.issued(d)
            if d["verb"] == "keep":
                if any(since <= d["at"] for since, _ in found):
                    found.append((d["at"], d))
                elif found:
                    found.append((found[-1][0], d))
            elif letters:
                found.append((letters[0]["issued_at"], d))
        return sorted(found, key=lambda each: each[0])

    def in_effect(self, m: Row, at: datetime) -> Row | None:
        """The decision whose terms count at a moment."""
        found = [d for since, d in self.counting(m) if since <= at]
        return found[-1] if found else None

    def confirmation(self, m: Row) -> Row | None:
        return next(iter(self.decisions(m, *CONFIRMATIONS)), None)

    def untold(self, m: Row) -> bool:
        """The last decision on new terms has not been told by its letter yet."""
        made = self.decisions(m, *NEW_TERMS)
        return bool(made) and not self.issued(made[-1])

    def state(self, m: Row) -> str:
        """Where a measure stands: what a passing date ends has lapsed or ended, whether or not anybody looked."""
        if m["response"] in PLANS and m["state"] == "in_force":
            ends = self.terms_of(self.in_effect(m, self.at)).ends
            return "ended" if ends and self.today > ends else "in_force"
        if m["response"] != "site_ban" or m["state"] in OVER or not self.opening_letters(m):
            return str(m["state"])
        if not self.confirmation(m):
            last = self.lapses_after(m)
            return "lapsed" if last and self.today > last else str(m["state"])
        step = self.in_effect(m, self.at)
        if self.untold(m) or step is None:
            return str(m["state"])
        ends = self.terms_of(step).ends
        if ends and self.today > ends:
            return "ended" if step["run_out"] else "lapsed"
        return str(m["state"])

    def start_after_intent(self, m: Row) -> date | None:
        found = self.counting(m)
        return self.terms_of(found[0][1]).starts if m["opening"] == "intent" and found else None

    def banned(self, m: Row, at: datetime | None = None) -> bool:
        """Whether a ban, or a plan, is in force."""
        at = at or self.at
        if m["response"] in PLANS:
            return self.limited(m, at)
        day, letters, opening = day_of(at), self.opening_letters(m), self.terms_of(self.opening(m))
        if any(d["at"] <= at for d in self.decisions(m, "not_confirm", "lift", "withdraw")) or not letters:
            return False
        step = self.in_effect(m, at)
        if step is not None:
            start, ends = self.start_after_intent(m), self.terms_of(step).ends
            return (start is None or day >= start) and ends is not None and day <= ends
        if m["opening"] != "provisional" or at < letters[0]["issued_at"]:
            return False
        return bool(
            opening.starts and opening.latest_decision_on and opening.starts <= day <= opening.latest_decision_on
        )

    def limited(self, m: Row, at: datetime) -> bool:
        """Whether a plan, block or notice applies: from its letter, not before its start, to its last day."""
        found, step = self.counting(m), self.in_effect(m, at)
        if step is None or any(d["at"] <= at for d in self.decisions(m, "end", "withdraw")):
            return False
        first = max(day_of(found[0][0]), self.terms_of(found[0][1]).starts or date.min)
        ends = self.terms_of(step).ends
        return ends is not None and first <= day_of(at) <= ends

    def first_day(self, m: Row) -> date | None:
        """The first day on which a ban was, or will be, in force, as far as its letters go."""
        letters, found = self.opening_letters(m), self.counting(m)
        if not letters:
            return None
        if m["opening"] == "provisional":
            starts = self.terms_of(self.opening(m)).starts
            return max(starts or date.min, day_of(letters[0]["issued_at"]))
        if not found:
            return None
        return max(day_of(found[0][0]), self.start_after_intent(m) or date.min)

    def last_day(self, m: Row) -> date | None:
        """The last day on which a ban was, or will be, in force; None for one that never was."""
        step, opening = self.in_effect(m, self.at), self.terms_of(self.opening(m))
        if step is not None:
            return self.terms_of(step).ends
        return opening.latest_decision_on if self.opening_letters(m) and m["opening"] == "provisional" else None

    def at_the_gate(self, person: int) -> str:
        bans = self.measures(person_id=person, response="site_ban")
        if any(self.banned(m) for m in bans):
            return "banned"
        if any(self.limited(m, self.at) for m in self.measures(person_id=person, response="communication_plan")):
            return "plan"
        for m in bans:
            last = self.last_day(m)
            if self.state(m) == "lapsed" and last and last < self.today <= self.school_days_after(last, 10):
                return "ended_no_decision"
        return "clear"

    def tasks(self, case: int) -> set[str]:
        return {t["kind"] for t in self.rows.of("task", case_id=case, closed_at=None)}

    def due(self, m: Row) -> list[set[str]]:
        """For a measure that is running: what a look at it today must leave open; one of each set."""
        if m["response"] in PLANS:
            return [{"plan_review"}] if self.review_asked_for(m) else []
        window, by = self.window(m), self.decide_by(m)
        if by is None or self.state(m) not in OPENED | FINAL:
            return []
        wanted: list[set[str]] = []
        if not self.confirmation(m):
            if self.today > by:
                wanted.append({"decision_overdue"})
            elif window and self.today > window:
                wanted.append({"decision_due", "decision_overdue"})
            starts = self.terms_of(self.opening(m)).starts
            if m["opening"] == "provisional" and starts and self.today >= starts + timedelta(days=20):
                wanted.append({"provisional_alert"})
            return wanted
        step = self.in_effect(m, self.at)
        review_on = self.terms_of(step).review_on
        if step is None or self.untold(m) or step["run_out"] or review_on is None:
            return []
        if self.today > review_on:
            wanted.append({"review_overdue"})
        elif self.today >= self.counted(review_on, 20, self.is_school_day, step=-1):
            wanted.append({"review_due", "review_overdue"})
        return wanted

    def review_asked_for(self, m: Row) -> bool:
        """A plan is past the day of its review, or on it where it is the only one; changed terms wait for their letter."""
        step, decisions = self.in_effect(m, self.at), self.decisions(m)
        review_on = self.terms_of(step).review_on
        if self.state(m) != "in_force" or review_on is None:
            return False
        if decisions[-1]["verb"] == "vary_on_review" and not self.issued(decisions[-1]):
            return False
        others = [x for x in self.measures(case_id=m["case_id"]) if x["response"] in PLANS and x["id"] != m["id"]]
        return self.today > review_on or (self.today == review_on and not others)

    # -- which rules stand in the way -----------------------------------------------------------------------------------

    def refused(self, deed: Deed) -> set[str]:
        """The rules that should refuse a deed; none: it should go through."""
        if deed.verb in CASE_DEEDS:
            return CASE_DEEDS[deed.verb](self, deed)
        m = self.rows["measure"][deed.measure]
        moves = MOVES[m["response"]]
        if deed.verb == "issue_letter":
            return self.refused_letter(deed, m)
        if deed.verb not in moves:
            return {"wrong-state"} if self.permitted_elsewhere(deed, m) else {"not-permitted"}
        if not self.permitted(deed, m, m["response"]):
            return {"not-permitted"}
        if self.state(m) not in moves[deed.verb][0] or (deed.verb == "follow" and self.out_of_turn(deed, m)):
            return {"wrong-state"}
        return {rule for rule, stands in self.guards(deed, m) if stands}

    def permitted_elsewhere(self, deed: Deed, m: Row) -> bool:
        """Whether somebody might try a verb that this response does not have; a review of any sort is like another."""
        reviewed = deed.verb in ALL_REVIEWS and any(verb in ALL_REVIEWS for verb in MOVES[m["response"]])
        if reviewed:
            return bool(self.roles(deed.by) & reviewers(m["response"]))
        return any(self.permitted(deed, m, other) for other in MOVES if deed.verb in MOVES[other])

    def out_of_turn(self, deed: Deed, m: Row) -> bool:
        """A step of a side branch that is none of it, or whose earlier step has not been recorded."""
        steps, done = STEPS[m["response"]], {f["step"] for f in self.rows.of("follow", measure_id=m["id"])}
        return deed.told["step"] not in steps or not steps[deed.told["step"]] <= done

    def heads_barred(self, m: Row, *, deciding_a_ban: bool) -> bool:
        return not self.unbarred(m["case_id"], "head", deciding_a_ban=deciding_a_ban)

    def confirmers(self, m: Row) -> set[str]:
        named = CONFIRMED_BY.get(self.pack_of(m), {"head"})
        ban = m["response"] == "site_ban"
        return ABOVE if named == {"head"} and self.heads_barred(m, deciding_a_ban=ban) else named

    def permitted(self, deed: Deed, m: Row, response: str) -> bool:
        """Whether somebody in these roles may try the verb at all."""
        roles, verb = self.roles(deed.by), deed.verb
        ban = m["response"] == "site_ban"
        if verb == "consult":
            consulted = deed.told["consulted"]
            if not self.roles(consulted) & ABOVE:
                return False
            return "head" in roles or bool(roles & ABOVE and consulted == deed.by)
        if verb in {"decide", "decline"}:
            return "head" in roles or bool(roles & ABOVE and self.heads_barred(m, deciding_a_ban=ban))
        if verb == "answer":
            instead = roles & self.confirmers(m) or self.heads_barred(m, deciding_a_ban=False)
            return "head" in roles or bool(roles & ABOVE and instead)
        if verb == "withdraw":
            if self.confirmation(m):
                return bool(roles & self.confirmers(m))
            barred = self.heads_barred(m, deciding_a_ban=False)
            return bool(roles & {"head", "trust"}) or ("chair" in roles and barred)
        if verb in ALL_REVIEWS:
            return bool(roles & reviewers(response))
        return bool(roles & MAY[verb])

    def guards(self, deed: Deed, m: Row) -> Iterable[tuple[str, bool]]:
        """Each rule that this verb is held to, and whether it stands in the way."""
        verb, by, case, told, response = deed.verb, deed.by, m["case_id"], deed.told, m["response"]
        if verb == "consult":
            yield "own-cause", self.barred(told["consulted"], case)
        elif verb == "decide":
            yield from self.guards_of_deciding(deed, m)
        elif response in PLANS and verb in ALL_REVIEWS:
            yield from self.guards_of_a_plan_review(deed, m)
        elif verb in {"decline", "sign_off", "answer", "confirm", "vary", "not_confirm", *REVIEWS}:
            deciding = response == "site_ban" and verb in {"decline", "confirm", "vary", "not_confirm"}
            yield "own-cause", self.barred(by, case, deciding_a_ban=deciding)
        if verb in AFTER_THE_LETTER:
            yield "letter-first", self.letter_missing(m)
        if verb == "none_received":
            window = self.window(m)
            yield "hear-first", window is None or self.today <= window
        if verb in {"confirm", "vary", "not_confirm"}:
            yield "right-decider", not self.roles(by) & self.confirmers(m)
        if verb in CONFIRMATIONS:
            yield "hear-first", self.unheard(m) or self.beyond_notice(deed, m)
            yield "nothing-upheld", self.rests_on_nothing(m)
            yield "first-ban-limited", self.too_long_for_a_first(deed, m)
        if response == "site_ban" and verb in REVIEWS:
            yield "reviewer-differs", self.reviews_own(m, by)
        if response == "site_ban" and verb in {"extend", "vary_on_review"}:
            yield "review-in-time", self.too_early(m)
            fresh = told.get("terms")
            stated = told.get("reasons", "").strip() and fresh and fresh.ends and fresh.review_on
            yield "extension-reasons", not stated
        if response == "site_ban" and verb in NEW_TERMS:
            yield "dated", self.final_undated(self.terms_left(deed, m))
            yield "long-ban-sign-off", self.not_signed_off(deed, m)
            yield "equality-considered", not told.get("equality", "").strip()
            yield from self.guards_of_the_way(deed, m)
        if response == "site_ban" and verb == "keep":
            yield "dated", not told.get("run_out") and self.review_undated(self.terms_kept(deed, m))

    def guards_of_deciding(self, deed: Deed, m: Row) -> Iterable[tuple[str, bool]]:
        case, response = m["case_id"], m["response"]
        yield "own-cause", self.barred(deed.by, case, deciding_a_ban=response == "site_ban")
        yield "police-first", self.police_untold(case)
        if response in SIDE_BRANCHES:
            return
        yield "consult-first", self.not_consulted(m)
        if response == "site_ban":
            yield "two-people", self.alone(m, deed.by)
            yield "dated", self.opening_undated(m, self.terms_left(deed, m))
            yield from self.guards_of_the_way(deed, m)
            return
        yield "nothing-upheld", not any(self.upheld(i["id"]) for i in self.incidents(case))
        if response in PLANS:
            terms = self.terms_left(deed, m)
            yield "dated", self.plan_undated(terms, terms.starts)
            yield from self.guards_of_a_plan(deed, m)

    def guards_of_a_plan_review(self, deed: Deed, m: Row) -> Iterable[tuple[str, bool]]:
        opening = self.opening(m)
        yield "own-cause", self.barred(deed.by, m["case_id"])
        yield "reviewer-differs", opening is not None and opening["by_id"] == deed.by
        if deed.verb == "keep":
            yield "dated", not deed.told.get("run_out") and self.plan_review_undated(self.terms_kept(deed, m))
        if deed.verb == "vary_on_review":
            terms = self.terms_left(deed, m)
            yield "dated", self.plan_undated(terms, None) or self.plan_review_undated(terms)
            yield from self.guards_of_a_plan(deed, m)

    def guards_of_a_plan(self, deed: Deed, m: Row) -> Iterable[tuple[str, bool]]:
        if m["response"] == "communication_plan":
            yield "equality-considered", not deed.told.get("equality", "").strip()
            yield from self.guards_of_the_way(deed, m)
        else:
            yield "never-cut-off", self.cut_off(self.terms_left(deed, m))

    def guards_of_the_way(self, deed: Deed, m: Row) -> Iterable[tuple[str, bool]]:
        """How communication goes on, what stays open, how the children are brought."""
        terms = self.terms_left(deed, m)
        yield "contact-route", not (terms.contact_who.strip() and terms.contact_methods)
        yield "never-cut-off", self.cut_off(terms)
        yield "child-plan", bool(self.pupils(m["person_id"]) - terms.handover)

    def cut_off(self, terms: Terms) -> bool:
        return any(c.strip().lower().replace(" ", "_") in PROTECTED for c in terms.closes)

    # -- each rule ------------------------------------------------------------------------------------------------------

    def police_untold(self, case: int) -> bool:
        told = [r["at"] for r in self.rows.of("referral", case_id=case, to="police")]
        crimes = [i for i in self.incidents(case) if i["severity"] == "criminal"]
        return any(not any(t >= i["logged_at"] for t in told) for i in crimes)

    def unclear(self, incident: int) -> bool:
        """An account of staff or witness is missing, or the person was neither spoken to nor tried."""
        of = {a["of"] for a in self.rows.of("account", incident_id=incident)}
        return not of & {"staff", "witness"} or "subject" not in of

    def not_consulted(self, m: Row) -> bool:
        pack, case = self.pack_of(m), m["case_id"]
        named = (CONSULTED_ON_BANS if m["response"] == "site_ban" else CONSULTED_ON_ALL).get(pack, NOBODY)
        if not named or m["response"] not in RUNGS:
            return False
        holders = self.holders(*named)
        if not holders or any(self.barred(u, case) for u in holders):
            named = named | {"trust"}
        rows = self.rows.of("consultation", measure_id=m["id"])
        return not any(set(c["roles"]) & named and not self.barred(c["consulted_id"], case) for c in rows)

    def alone(self, m: Row, by: int) -> bool:
        rows = self.rows.of("consultation", measure_id=m["id"])
        in_person = [c for c in rows if c["by_id"] == c["consulted_id"] != by]
        return m["proposed_by_id"] == by and not in_person

    def letter_missing(self, m: Row) -> bool:
        if self.state(m) == "decided":
            return True
        return m["opening"] == "intent" and self.state(m) in FINAL and not self.counting(m)

    def replies(self, m: Row) -> list[Row]:
        return self.rows.of("representation", order=("at", "id"), measure_id=m["id"])

    def unanswered(self, m: Row) -> bool:
        said = [r["id"] for r in self.replies(m) if not r["none_received"]]
        answered = [a["last_reply_id"] or 0 for a in self.rows.of("answer", measure_id=m["id"])]
        return any(r > max(answered, default=0) for r in said)

    def unheard(self, m: Row) -> bool:
        """Neither "none received" stands, nor was every reply answered, with the deadline passed or the last said to be all."""
        replies, window = self.replies(m), self.window(m)
        if not replies:
            return True
        closed = window is not None and self.today > window
        said = [r for r in replies if not r["none_received"]]
        if self.unanswered(m):
            return True
        if replies[-1]["none_received"] and closed:
            return False
        return not said or not (closed or said[-1]["complete"])

    def beyond_notice(self, deed: Deed, m: Row) -> bool:
        if m["opening"] != "intent":
            return False
        was, now = self.terms_of(self.opening(m)), self.terms_left(deed, m)
        earlier = was.starts and now.starts and now.starts < was.starts
        return bool(earlier or (was.ends and now.ends and now.ends > was.ends))

    def rests_on_nothing(self, m: Row) -> bool:
        incidents, proposed = self.incidents(m["case_id"]), m["proposed_at"]

        def found_by_then(i: Row) -> bool:
            return any(f["at"] <= proposed for f in self.findings(i["id"]))

        fresh = [i for i in incidents if not found_by_then(i)]
        if all(found_by_then(i) for i in incidents if i["logged_at"] <= proposed):
            fresh = incidents
        return not any(self.upheld(i["id"]) for i in fresh)

    def terms_so_far(self, m: Row) -> Terms:
        with_terms = [d for d in self.decisions(m) if d["terms_id"]]
        return self.terms_of(with_terms[-1] if with_terms else None)

    def terms_left(self, deed: Deed, m: Row) -> Terms:
        """The terms that a decision would leave: its own, a start left out being the one last set; else those last set."""
        given, so_far = deed.told.get("terms"), self.terms_so_far(m)
        if given is None:
            return NO_TERMS if deed.verb == "decide" else so_far
        return Terms(
            given.starts or so_far.starts, given.ends, given.review_on, given.latest_decision_on, given.contact_who,
            given.contact_methods, given.closes, frozenset(p for p, text in given.handover if text.strip()),
        )  # fmt: skip

    def terms_kept(self, deed: Deed, m: Row) -> Terms:
        step = self.in_effect(m, self.at)
        now = self.terms_of(step) if step else self.terms_so_far(m)
        review_on = deed.told.get("review_on") or now.review_on
        return Terms(
            now.starts, now.ends, review_on, None, now.contact_who, now.contact_methods, now.closes, now.handover
        )

    def opening_undated(self, m: Row, t: Terms) -> bool:
        if t.starts is None or (t.ends is not None and t.ends < t.starts):
            return True
        if m["opening"] == "intent":
            return False
        latest = t.latest_decision_on
        return latest is None or not 0 <= (latest - t.starts).days <= 45

    def review_undated(self, t: Terms) -> bool:
        if t.review_on is None or not self.today < t.review_on <= self.today + timedelta(days=90):
            return True
        return t.ends is not None and t.review_on >= t.ends

    def final_undated(self, t: Terms) -> bool:
        return t.ends is None or bool(t.starts and t.ends < t.starts) or self.review_undated(t)

    def plan_undated(self, t: Terms, reviewed_from: date | None) -> bool:
        """Of a plan, block or notice: six months at most; with `reviewed_from`, its review within three of that day."""
        if t.starts is None or t.ends is None or not t.starts <= t.ends <= same_day_of_month(t.starts, 6):
            return True
        if reviewed_from is None:
            return False
        by = same_day_of_month(reviewed_from, 3)
        return t.review_on is None or not (reviewed_from <= t.review_on < t.ends and t.review_on <= by)

    def plan_review_undated(self, t: Terms) -> bool:
        """The next review of a plan: later than today, before its end, within three months."""
        by = same_day_of_month(self.today, 3)
        if t.review_on is None or not self.today < t.review_on <= by:
            return True
        return t.ends is not None and t.review_on >= t.ends

    def days_in_all(self, deed: Deed, m: Row) -> int:
        t = self.terms_left(deed, m)
        if t.ends is None:
            return 0
        first = self.first_day(m) or max(t.starts or self.today, self.today)
        return (t.ends - first).days + 1

    def too_long_for_a_first(self, deed: Deed, m: Row) -> bool:
        limit = FIRST_BAN_DAYS.get(self.pack_of(m))
        if limit is None or self.days_in_all(deed, m) <= limit:
            return False
        others = [b for b in self.measures(person_id=m["person_id"], response="site_ban") if b["id"] != m["id"]]
        return not any(self.confirmation(b) and b["state"] != "withdrawn" for b in others)

    def not_signed_off(self, deed: Deed, m: Row) -> bool:
        ends = self.terms_left(deed, m).ends
        if ends is None or self.days_in_all(deed, m) <= 90:
            return False
        rows = self.rows.of("signoff", measure_id=m["id"])
        return not any(s["by_id"] != deed.by and s["until"] >= ends for s in rows)

    def reviews_own(self, m: Row, by: int) -> bool:
        opening, confirmation = self.opening(m), self.confirmation(m)
        last = self.decisions(m, *CONFIRMATIONS, *REVIEWS)[-1:]
        if last and last[0]["by_id"] == by:
            return True
        made = {d["by_id"] for d in (opening, confirmation, *last) if d}
        mine = {d["by_id"] for d in (opening, confirmation) if d}
        others = [u for u in self.unbarred(m["case_id"], *DECIDERS) if u != by and u not in made]
        return by in mine and bool(others)

    def too_early(self, m: Row) -> bool:
        """More than 20 school days are left until the review, on the terms that count; those last set where none does."""
        step = self.in_effect(m, self.at)
        review_on = (self.terms_of(step) if step else self.terms_so_far(m)).review_on
        return review_on is not None and self.school_days_after(self.today, 21) <= review_on

    # -- letters --------------------------------------------------------------------------------------------------------

    def refused_letter(self, deed: Deed, m: Row) -> set[str]:
        told, kind = deed.told, deed.told["kind"]
        if not self.roles(deed.by) & {"admin", "head"}:
            return {"not-permitted"}
        decision = self.decision_told(m, kind)
        if decision is None or self.state(m) not in LETTERS[kind][1][decision["verb"]]:
            return {"wrong-state"}
        if any(d["id"] > decision["id"] and self.issued(d) for d in self.decisions(m, *NEW_TERMS)):
            return {"wrong-state"}  # it would tell terms that a later letter has replaced
        draft = self.draft(m, kind)
        person = self.rows["person"][m["person_id"]]
        wanted = {"post": person["address"], "email": person["email"], "hand": person["name"] or person["description"]}
        before = {x["id"] for x in self.issued(decision, kind)}
        signs = ABOVE if kind in BOARD_SIGNS and self.pack_of(m) in CONFIRMED_BY else DECIDERS
        if kind == "plan_outcome":
            signs = DECIDERS | {"senior"}
        signer = told["signed_by"]
        supersedes = told.get("supersedes") or (
            self.rows["letter"][draft["letter_id"]]["supersedes_id"] if draft else 0
        )
        rules = {
            "one-recipient": not wanted[told["method"]].strip(),
            "signer-allowed": signer != decision["by_id"] or not self.roles(signer) & signs,
            "issued-is-final": bool(before) and supersedes not in before,
            "dated": kind == "provisional_ban" and self.closes_too_late(m, told),
        }
        return {rule for rule, stands in rules.items() if stands}

    def drafts(self, m: Row) -> list[tuple[Row, Row]]:
        """The letters that wait to be issued, each with the row that says which decision it tells; notices tell none."""
        rows = self.rows.of("caseletter", measure_id=m["id"])
        found = [(r, self.rows["letter"][r["letter_id"]]) for r in rows if r["decision_id"]]
        return [(r, letter) for r, letter in found if not letter["issued_at"]]

    def draft(self, m: Row, kind: str) -> Row | None:
        """The draft of that kind that would be issued: the last one made."""
        found = [r for r, letter in self.drafts(m) if letter["kind"] == kind]
        return found[-1] if found else None

    def decision_told(self, m: Row, kind: str) -> Row | None:
        """The decision that a letter of this kind about the measure would tell; None where it fits none."""
        draft, (responses, verbs) = self.draft(m, kind), LETTERS[kind]
        if draft:
            return self.rows["decision"][draft["decision_id"]]
        other = {"provisional": "intent_to_ban", "intent": "provisional_ban"}.get(m["opening"])
        decisions = self.decisions(m, *verbs) if m["response"] in responses and kind != other else []
        return decisions[-1] if decisions else None

    def closes_too_late(self, m: Row, told: dict[str, Any]) -> bool:
        """Sent this way, a provisional ban would be decided before the person's time to reply is over."""
        opening = self.opening(m)
        assert opening is not None
        sent = max(told.get("sent_at") or self.at, opening["at"])
        letters = [*self.opening_letters(m), {"method": told["method"], "sent_at": sent}]
        limit = self.terms_of(opening).latest_decision_on
        return limit is not None and self.window_after(m, letters) > limit

    # -- what is tried on a case ------------------------------------------------------------------------------------------

    def refused_log(self, deed: Deed) -> set[str]:
        told = deed.told
        if not self.roles(deed.by) & STAFF:
            return {"not-permitted"}
        held = code_pack(self.pack_on(day_of(told.get("occurred_at") or self.at))).clauses
        if not set(told["clauses"]) <= set(held):
            return {"not-in-pack"}
        usual = max(SEVERITIES.index(code_clauses()[c].usual_severity or "minor") for c in told["clauses"])
        given = told.get("severity")
        return {"not-permitted"} if given and SEVERITIES.index(given) < usual else set()

    def refused_account(self, deed: Deed) -> set[str]:
        return set() if self.roles(deed.by) & STAFF else {"not-permitted"}

    def case_of(self, incident: int) -> Row:
        (row,) = self.rows.of("caseincident", incident_id=incident)
        return self.rows["case"][row["case_id"]]

    def refused_find(self, deed: Deed) -> set[str]:
        assert deed.incident is not None
        case, roles = self.case_of(deed.incident), self.roles(deed.by)
        instead = roles & ABOVE and not self.unbarred(case["id"], "senior", "head")
        if not roles & {"senior", "head"} and not instead:
            return {"not-permitted"}
        logged = {c["clause"] for c in self.rows.of("incidentclause", incident_id=deed.incident)}
        if case["closed_at"] or not set(deed.told["upheld"]) <= logged:
            return {"wrong-state"}
        rules = {"facts-first": self.unclear(deed.incident), "own-cause": self.barred(deed.by, case["id"])}
        return {rule for rule, stands in rules.items() if stands}

    def refused_reclassify(self, deed: Deed) -> set[str]:
        assert deed.incident is not None
        was, roles = self.rows["incident"][deed.incident]["severity"], self.roles(deed.by)
        if not roles & {"senior", "head"}:
            return {"not-permitted"}
        if was == "criminal" and deed.told["severity"] != "criminal" and "head" not in roles:
            return {"not-permitted"}
        return {"wrong-state"} if self.case_of(deed.incident)["closed_at"] else set()

    def refused_refer(self, deed: Deed) -> set[str]:
        assert deed.person is not None
        may = {"head"} if "because" in deed.told else STAFF | {"trust"}
        if not self.roles(deed.by) & may:
            return {"not-permitted"}
        return set() if self.open_case(deed.person) else {"wrong-state"}

    def refused_proposal(self, deed: Deed) -> set[str]:
        assert deed.person is not None
        if not self.roles(deed.by) & STAFF:
            return {"not-permitted"}
        case = self.open_case(deed.person)
        if case is None:
            return {"wrong-state"}
        told, response = deed.told, deed.told["response"]
        ladder, opening = LADDERS[self.pack_on(self.today)], told.get("opening", "")
        ban = response == "site_ban"
        bans = self.measures(person_id=deed.person, response="site_ban")
        level = next((n for n, rungs in enumerate(ladder) if response in rungs), None)
        formal = response in RUNGS
        unfound = [i["id"] for i in self.incidents(case["id"]) if not self.findings(i["id"])]
        rules = {
            "not-offered": formal and level is None,
            "police-first": self.police_untold(case["id"]),
            "facts-first": formal and not (ban and opening == "provisional") and any(self.unclear(i) for i in unfound),
            "skip-needs-reason": bool(level)
            and not told.get("severity_reason", "").strip()
            and not self.served_lately(deed.person, ladder[(level or 0) - 1]),
            "lesser-options": ban and not told.get("lesser_options", "").strip(),
            "one-live-ban": ban and any(self.state(b) in LIVE for b in bans),
            "no-second-provisional": ban and opening == "provisional" and self.nothing_new(bans, deed.person),
        }
        return {rule for rule, stands in rules.items() if stands}

    def served_lately(self, person: int, rungs: set[str]) -> bool:
        since = same_day_of_month(self.today, -12)
        served = [m for m in self.measures(person_id=person) if m["served_at"] and m["state"] != "withdrawn"]
        return any(m["response"] in rungs and day_of(m["served_at"]) >= since for m in served)

    def over_since(self, m: Row) -> datetime | None:
        """When a ban fell away: by a deed at its moment, by a date at the first moment of the day after."""
        state = self.state(m)
        if state in {"not_confirmed", "withdrawn"}:
            return self.decisions(m, "not_confirm", "withdraw")[-1]["at"]  # type: ignore[no-any-return]
        if state != "lapsed":
            return None
        last = self.terms_of(self.in_effect(m, self.at)).ends if self.confirmation(m) else self.lapses_after(m)
        assert last is not None
        after = last + timedelta(days=1)
        fell = datetime(after.year, after.month, after.day, tzinfo=LONDON)
        return min(fell, m["state_at"]) if m["state"] == "lapsed" else fell  # its letter may come back afterwards

    def nothing_new(self, bans: list[Row], person: int) -> bool:
        served = [b for b in bans if self.opening_letters(b)]
        fell = self.over_since(served[-1]) if served else None
        if fell is None:
            return False
        return not any(i["logged_at"] > fell for i in self.rows.of("incident", subject_id=person))

    def latest_case(self, person: int) -> Row | None:
        found = self.rows.of("case", order=("opened_at", "id"), person_id=person)
        return found[-1] if found else None

    def refused_closing(self, deed: Deed) -> set[str]:
        assert deed.person is not None
        if "head" not in self.roles(deed.by):
            return {"not-permitted"}
        case = self.latest_case(deed.person)
        if case is None or case["closed_at"]:
            return {"wrong-state"}
        own = self.measures(case_id=case["id"])
        running = any(self.state(m) not in FINISHED[m["response"]] for m in own)
        unseen = any(self.state(m) == "lapsed" and m["state"] != "lapsed" for m in own)  # a look at it opens a task
        blank = not deed.told["reason"].strip()
        return {"close-needs-end"} if running or unseen or blank or self.tasks(case["id"]) else set()

    def refused_ticking(self, deed: Deed) -> set[str]:
        assert deed.person is not None
        case, kind = self.latest_case(deed.person), deed.told["kind"]
        if case is None:
            return {"wrong-state"}
        roles = self.roles(deed.by)
        concerned = {"trust_notice": {"trust"}, "chair_notice": {"chair"}, "repeat_review": ABOVE}
        open_now = self.rows.of("task", case_id=case["id"], kind=kind, closed_at=None)
        if kind in concerned:
            may = concerned[kind]
        elif kind in {"decision_overdue", "review_overdue"} and deed.told.get("note", "").strip():
            m = self.rows["measure"].get(open_now[0]["measure_id"]) if open_now else None
            lapsed = not open_now or (m is not None and self.state(m) == "lapsed")
            may = DECIDERS if lapsed else NOBODY
        else:
            may = NOBODY
        if not roles & may:
            return {"not-permitted"}
        return set() if open_now else {"wrong-state"}


MAY = {
    "sign_off": ABOVE,
    "tell": STAFF,
    "represent": STAFF,
    "none_received": STAFF,
    "log_contact": STAFF,
    "follow": STAFF,
    "hold_meeting": {"senior", "head"},
    **dict.fromkeys(("confirm", "vary", "not_confirm"), DECIDERS),
}
AFTER_THE_LETTER = {
    *("hold_meeting", "tell", "represent", "none_received", "answer", "confirm", "vary", "not_confirm", "log_contact"),
}


def reviewers(response: str) -> set[str]:
    """Who may try a review: of a plan, block or notice senior staff too."""
    return DECIDERS | {"senior"} if response in PLANS else DECIDERS


CASE_DEEDS: dict[str, Callable[[Plain, Deed], set[str]]] = {
    "log_incident": Plain.refused_log,
    "record_account": Plain.refused_account,
    "find": Plain.refused_find,
    "reclassify": Plain.refused_reclassify,
    "refer": Plain.refused_refer,
    "do_not_refer": Plain.refused_refer,
    "propose": Plain.refused_proposal,
    "close_case": Plain.refused_closing,
    "complete_task": Plain.refused_ticking,
}
