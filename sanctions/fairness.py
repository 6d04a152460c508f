"""The fairness certificate of a ban: each rule that protects the person, whether it was met, when and by whom. Pure.

The verdict is the ladder's own: the guards of each decision are asked again about the situation as it stood then
(`sanctions.hindsight`). Here stands only in which words a rule is told, which deeds show it, and when it has no need.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from conduct.calendar import local_date, words
from sanctions.dates import CONFIRMATIONS, REVIEWS, BanRecord
from sanctions.ladder import Guard, Situation
from sanctions.states import FINAL, State


class Verdict(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_YET = "not_yet"
    NO_NEED = "no_need"

    @property
    def label(self) -> str:
        return {"met": "Met", "not_met": "Not met", "not_yet": "Not yet", "no_need": "Did not apply"}[self.value]

    @property
    def tone(self) -> str:
        return {"met": "go", "not_met": "stop", "not_yet": "wait", "no_need": "plain"}[self.value]


@dataclass(frozen=True)
class Line:
    """One rule on the certificate."""

    rule: str
    asks: str
    verdict: Verdict
    how: str


@dataclass(frozen=True)
class Deed:
    """Something that was done: in words, when, by whom, and where it stands recorded."""

    what: str
    at: datetime
    by: str
    source: str = ""


@dataclass(frozen=True)
class Judged:
    """One decision, and the situation in which it was taken."""

    verb: str
    at: datetime
    by: str
    guards: tuple[Guard, ...]
    situation: Situation


@dataclass(frozen=True)
class LookedBack:
    """All that is known of a ban from its opening on."""

    at: datetime
    state: State
    record: BanRecord
    judged: tuple[Judged, ...] = ()
    deeds: Mapping[str, tuple[Deed, ...]] = field(default_factory=dict)
    criminal: bool = False
    consulted_first: bool = True  # the policy names somebody to consult
    first_ban_limit: int | None = None
    was_first: bool = True
    long_ban_days: int = 90
    days: int | None = None  # in all, where an end is known
    children: int = 0
    to_one: bool = True  # its opening letter is addressed to the person, with what its method needs

    def of(self, *verbs: str) -> tuple[Judged, ...]:
        return tuple(j for j in self.judged if j.verb in verbs)

    def done(self, *topics: str) -> list[Deed]:
        return sorted((d for topic in topics for d in self.deeds.get(topic, ())), key=lambda d: d.at)


Reason = Callable[[LookedBack], str]


def never(told: LookedBack) -> str:
    return ""


@dataclass(frozen=True)
class Rule:
    """A rule as the certificate tells it: at which decisions the table asks for it, and which deeds show how it was met."""

    name: str
    asks: str
    verbs: frozenset[str]
    deeds: tuple[str, ...] = ()  # none: the decisions themselves
    no_need: Reason = never


PROPOSAL, DECISION, FINDINGS = frozenset({"propose"}), frozenset({"decide"}), frozenset({"find"})
ON_REVIEW = frozenset({"extend", "vary_on_review"})
CONFIRMING = frozenset(CONFIRMATIONS)
TERMS_SET = DECISION | CONFIRMING | ON_REVIEW
RULES = (
    Rule("police-first", "Where it may have been a crime, the police were told first, or it is written why not",
         PROPOSAL | DECISION, ("police",), lambda t: "" if t.criminal else "no incident of the case was criminal"),
    Rule("facts-first", "Accounts were taken, and the person was heard or tried, before the facts were found", FINDINGS,
         ("accounts",)),
    Rule("skip-needs-reason", "An earlier step was used first, or it is written why not", PROPOSAL, ("step",)),
    Rule("lesser-options", "Lesser responses were weighed", PROPOSAL, ("weighed",)),
    Rule("consult-first", "Those whom the policy names were consulted before the decision", DECISION, ("consultations",),
         lambda t: "" if t.consulted_first else "the policy names nobody to consult"),
    Rule("two-people", "A second person put their name to it", DECISION, ("proposal", "consultations")),
    Rule("own-cause", "Nobody judged their own cause", FINDINGS | DECISION | CONFIRMING | REVIEWS),
    Rule("nothing-upheld", "What it rests on was found to have happened, on the balance of probabilities", CONFIRMING,
         ("findings",)),
    Rule("hear-first", "The person was heard before it was confirmed", CONFIRMING, ("replies",)),
    Rule("right-decider", "It was decided by whom the policy names", CONFIRMING | {"not_confirm"}),
    Rule("dated", "It has a start, an end and a review date within the limits", TERMS_SET | {"keep"}),
    Rule("contact-route", "It says how the person keeps in touch with the school", TERMS_SET),
    Rule("never-cut-off", "It closes nothing that must stay open, such as reporting an absence, or complaints", TERMS_SET),
    Rule("child-plan", "It is written how each child is brought and collected", TERMS_SET, (),
         lambda t: "" if t.children else "no child of the person is known to the school"),
    Rule("equality-considered", "Disability, language and adjustments were considered", CONFIRMING | ON_REVIEW),
    Rule("first-ban-limited", "A first ban is kept within the policy’s limit", CONFIRMING, (),
         lambda t: no_limit(t)),
    Rule("long-ban-sign-off", "A long ban was signed off by somebody else", CONFIRMING | ON_REVIEW, ("sign_offs",),
         lambda t: not_long(t)),
    Rule("reviewer-differs", "It was reviewed by somebody else than decided it", frozenset(REVIEWS), ("reviews",)),
    Rule("extension-reasons", "It went on only for fresh reasons, with new dates", ON_REVIEW, ("reviews",),
         lambda t: "" if t.of(*ON_REVIEW) else "it has not been extended or varied"),
    Rule("review-in-time", "It was not extended or varied too early", ON_REVIEW, ("reviews",),
         lambda t: "" if t.of(*ON_REVIEW) else "it has not been extended or varied"),
)  # fmt: skip


def no_limit(told: LookedBack) -> str:
    if told.first_ban_limit is None:
        return "the policy sets no limit of its own to a first ban"
    return "" if told.was_first else "it is not the person’s first ban"


def not_long(told: LookedBack) -> str:
    if told.days is None:
        return ""  # not known yet
    return (
        "" if told.days > told.long_ban_days else f"it runs {told.days} days in all, and {told.long_ban_days} need none"
    )


def certificate(told: LookedBack) -> tuple[Line, ...]:
    """Every line, in the order in which things happen."""
    own = {"hear-first": (written(told),), "right-decider": (answered(told), decided_in_time(told))}
    after = {"reviewer-differs": (reviewed_in_time(told),)}
    found: list[Line] = []
    for rule in RULES:
        found += own.get(rule.name, ())
        found.append(line(rule, told))
        found += after.get(rule.name, ())
    return tuple(found)


def line(rule: Rule, told: LookedBack) -> Line:
    """The verdict on one rule: what the table says of each decision at which it asks for it."""
    if reason := rule.no_need(told):
        return Line(rule.name, rule.asks, Verdict.NO_NEED, f"Because {reason}.")
    judged = [j for j in told.of(*rule.verbs) if asked(rule, j)]
    for each in judged:
        if wrong := next(
            (text for g in each.guards if g.rule == rule.name and (text := g.check(each.situation))), None
        ):
            return Line(rule.name, rule.asks, Verdict.NOT_MET, f"{on(each.at)}, {each.by}: {past(wrong)}")
    if judged:
        return Line(rule.name, rule.asks, Verdict.MET, shown(rule, told, judged))
    return Line(rule.name, rule.asks, *pending(rule, told))


def asked(rule: Rule, judged: Judged) -> bool:
    return any(g.rule == rule.name for g in judged.guards)


def past(refusal: str) -> str:
    """What stood in the way, without what was to be done about it."""
    return refusal.split(": ")[0].split(". ")[0].rstrip(".") + "."


def shown(rule: Rule, told: LookedBack, judged: list[Judged]) -> str:
    """By which deeds a rule was met, until the last decision at which it was asked for; else by the decisions."""
    until = max(j.at for j in judged)
    deeds = [d for d in told.done(*rule.deeds) if d.at <= until]
    return telling(deeds) or telling(Deed(DONE[j.verb], j.at, j.by, "") for j in judged)


DONE = {
    "find": "Facts found", "propose": "Proposed", "decide": "Approved", "confirm": "Confirmed", "vary": "Varied",
    "not_confirm": "Not confirmed", "keep": "Kept on review", "extend": "Extended", "vary_on_review": "Varied on review",
    "lift": "Lifted",
}  # fmt: skip
MOST = 4


def telling(deeds: Iterable[Deed]) -> str:
    """Deeds in a line: what, when, by whom, where it stands. Of many only the last ones."""
    said = [
        f"{d.what}, {on(d.at)}, {d.by}{f' ({d.source})' if any(c.isdigit() for c in d.source) else ''}" for d in deeds
    ]
    left = len(said) - MOST
    return "; ".join([*([f"{left} earlier"] if left > 0 else []), *said[-MOST:]]) + "." if said else ""


def on(moment: datetime) -> str:
    day = local_date(moment)
    return f"{day.day} {day:%b %Y}"


def pending(rule: Rule, told: LookedBack) -> tuple[Verdict, str]:
    """Why a rule was not asked for: its time has not come, or never will."""
    if rule.verbs <= CONFIRMING | ON_REVIEW | {"keep", "not_confirm"} and not told.record.confirmation:
        return unconfirmed(told)
    if rule.verbs <= REVIEWS:
        return unreviewed(told)
    if told.state in OVER_UNDECIDED:
        return Verdict.NO_NEED, f"Because {OVER_UNDECIDED[told.state]}."
    return Verdict.NOT_YET, "It is still to come."


OVER_UNDECIDED = {
    State.DECLINED: "the proposal was declined",
    State.WITHDRAWN: "the ban was withdrawn before that",
    State.NOT_CONFIRMED: "the ban was not confirmed",
    State.LAPSED: "the ban lapsed before it was decided",
    State.LIFTED: "the ban was lifted before that",
    State.ENDED: "the ban ended before that",
}


def unconfirmed(told: LookedBack) -> tuple[Verdict, str]:
    if told.state in OVER_UNDECIDED:
        return Verdict.NO_NEED, f"Because {OVER_UNDECIDED[told.state]}."
    return Verdict.NOT_YET, "The ban is not confirmed."


def unreviewed(told: LookedBack) -> tuple[Verdict, str]:
    if told.record.confirmation and told.state in FINAL:
        return Verdict.NOT_YET, "No review has been made."
    return unconfirmed(told)


# -- what no guard of a decision says -----------------------------------------------------------------------------


def written(told: LookedBack) -> Line:
    """The rules `letter-first` and `one-recipient`: it was opened in writing, to one person."""
    asks = "It was opened in writing, by a letter to the person alone, before anything was asked of them"
    letters = told.done("letters")
    if not letters:
        return Line("letter-first", asks, *unconfirmed_words(told, "Its letter has not been issued."))
    early = [j for j in told.of(*CONFIRMING, "not_confirm") if not j.situation.in_force_letter_issued]
    if early or not told.to_one:
        return Line(
            "letter-first", asks, Verdict.NOT_MET, "A decision came before it, or it was not to the person alone."
        )
    received = told.record.opening_letters[-1].received.on if told.record.opening_letters else None
    until = f" Taken as received on {words(received)}." if received else ""
    return Line("letter-first", asks, Verdict.MET, telling(letters) + until)


def unconfirmed_words(told: LookedBack, text: str) -> tuple[Verdict, str]:
    verdict, why = unconfirmed(told)
    return verdict, why if verdict is Verdict.NO_NEED else text


def answered(told: LookedBack) -> Line:
    """The second half of `hear-first`: what they said was answered in writing."""
    asks = "Every main point that they made was answered in writing"
    confirmed = told.of(*CONFIRMING)
    said = [d for d in told.done("replies") if d.what == "Reply recorded"]
    if confirmed and not confirmed[0].situation.replies:
        return Line("hear-first", asks, Verdict.NO_NEED, "Because no reply had come by the deadline.")
    if confirmed and confirmed[0].situation.unanswered:
        return Line("hear-first", asks, Verdict.NOT_MET, "A reply stood unanswered when it was confirmed.")
    if confirmed or (said and told.done("answers")):
        return Line("hear-first", asks, Verdict.MET, telling(told.done("answers")))
    return Line("hear-first", asks, *unconfirmed_words(told, "Nothing has been answered."))


def decided_in_time(told: LookedBack) -> Line:
    """Section 5, `decision`: within its days after the time to reply, and never later than the latest decision date."""
    asks = "It was decided in time once the person had been heard"
    by, made = told.record.decision_by, told.of(*CONFIRMING, "not_confirm")
    if by is None:
        return Line("dated", asks, *unconfirmed_words(told, "The time to reply has not begun."))
    if made:
        late = local_date(made[0].at) > by
        verdict = Verdict.NOT_MET if late else Verdict.MET
        return Line("dated", asks, verdict, f"Decided {on(made[0].at)}, {made[0].by}; it was due by {words(by)}.")
    if told.state is State.LAPSED or (local_date(told.at) > by and told.state not in OVER_UNDECIDED):
        return Line("dated", asks, Verdict.NOT_MET, f"Nobody had decided by {words(by)}.")
    return Line("dated", asks, *unconfirmed_words(told, f"To be decided by {words(by)}."))


def reviewed_in_time(told: LookedBack) -> Line:
    """Section 5, `review`: by the day for which each decision set it."""
    asks = "Each review was made by its day"
    late, due = [], None
    for each in told.judged:
        if each.verb in REVIEWS | {"lift"} and due is not None and local_date(each.at) > due:
            late.append(f"due by {words(due)}, made {on(each.at)}")
        if each.verb in CONFIRMING | REVIEWS:
            due = each.situation.terms.review_on if not each.situation.attempt.run_out else None
    if due and not told.of("lift") and told.state in FINAL | {State.LAPSED} and local_date(told.at) > due:
        late.append(f"due by {words(due)}, not made")
    if late:
        return Line("review-in-time", asks, Verdict.NOT_MET, f"It was {'; '.join(late)}.")
    made = told.done("reviews")
    if made:
        return Line("review-in-time", asks, Verdict.MET, telling(made))
    if due and told.state in FINAL:
        return Line("review-in-time", asks, Verdict.NOT_YET, f"It is due by {words(due)}.")
    return Line("review-in-time", asks, *unreviewed(told))


def digest(lines: Iterable[Line]) -> str:
    """The digest of what a certificate says, by which two can be compared."""
    said = [[x.rule, x.asks, x.verdict.value, x.how] for x in lines]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
