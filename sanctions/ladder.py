"""The ladder: which moves there are, who may make them, and what stands in the way. Pure: no database, no clock.

`MOVES` is the one table. The case page asks it which moves lead from here and shows each guard as a line of the
pre-flight list; the verb asks the same table again inside its transaction, with the row locked. A guard is a function
from a `Situation` to a refusal in words, or None; its name is the rule's name in the product's rules.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from conduct import code
from conduct.calendar import local_date, words
from conduct.code import RESPONSE_LABELS, RUNGS, SIDE_BRANCHES, Pack
from conduct.roles import ABOVE_THE_SCHOOL, DECIDERS, MAY, Role
from conduct.titles import listed, whom
from sanctions.dates import BanRecord, TermsFacts, days_in_all, months_away
from sanctions.plan_dates import PlanRecord
from sanctions.states import FINAL, LIMITING, LIVE_BAN, OPENED, State

MEASURES = (*RUNGS, *SIDE_BRANCHES)  # the responses that can be proposed
PLANS = frozenset(code.PLANS)
FOLLOWED = frozenset({"post_removal", "mediation"})  # side branches that go on after they were decided
LETTERLESS = frozenset({"mediation", "no_further_action"})  # decided and done: no letter tells them
RESPONSES: dict[str, str] = {key: RESPONSE_LABELS[key] for key in MEASURES}
NEVER_CLOSED = (
    "absence_reporting", "medical", "emergency", "safeguarding", "send", "complaints", "subject_access",
)  # fmt: skip
NEVER_CLOSED_WORDS = {
    "absence_reporting": "reporting an absence",
    "medical": "medical matters",
    "emergency": "emergencies",
    "send": "special educational needs",
    "subject_access": "asking for one’s own data",
}


@dataclass(frozen=True)
class Officer:
    """Somebody in office at the school on the day."""

    id: int
    roles: frozenset[Role]


@dataclass(frozen=True)
class IncidentFacts:
    """What the rules need to know of an incident of the case."""

    id: int
    severity: str
    logged_at: datetime
    found_at: tuple[datetime, ...] = ()
    upheld: bool = False
    staff_or_witness_account: bool = False
    subject_heard: bool = False

    def had_finding(self, at: datetime) -> bool:
        return any(found <= at for found in self.found_at)


@dataclass(frozen=True)
class ConsultationFacts:
    consulted: int
    roles: frozenset[Role]
    in_person: bool


@dataclass(frozen=True)
class Served:
    """A response served on the person earlier."""

    response: str
    at: datetime


@dataclass(frozen=True)
class EarlierBan:
    """Another ban of the person at this school, as it stands at the moment."""

    state: State
    over_at: datetime | None = None
    letter_issued: bool = False
    was_confirmed: bool = False


@dataclass(frozen=True)
class LetterFacts:
    """A letter about to be issued: what its own rules need to know."""

    kind: str
    missing: tuple[str, ...] = ()
    recipient_lacks: str = ""
    named: tuple[str, ...] = ()
    signer_decided: bool = True
    signer_roles: frozenset[Role] = frozenset()
    approved: bool = True  # by the signatory, as it stands
    issued_before: str = ""
    window_closes_on: date | None = None


@dataclass(frozen=True)
class Attempt:
    """What somebody is trying to do, beside the verb: the answers of the form."""

    response: str = ""
    opening: str = ""
    severity_reason: str = ""
    lesser_options: str = ""
    terms: TermsFacts | None = None
    equality: str = ""
    reasons: str = ""
    run_out: bool = False
    none_received: bool = False
    consulted: int | None = None
    incident: int | None = None
    letter: LetterFacts | None = None


@dataclass(frozen=True)
class Situation:
    """Everything that the guards may look at: the case, the measure, the people in office, the moment, the attempt."""

    at: datetime
    pack: Pack
    actor: int
    roles: frozenset[Role]
    attempt: Attempt = field(default_factory=Attempt)
    # the case
    incidents: tuple[IncidentFacts, ...] = ()
    police_told_at: tuple[datetime, ...] = ()
    harmed: frozenset[int] = frozenset()
    sole_reporters: frozenset[int] = frozenset()
    officers: tuple[Officer, ...] = ()
    children: tuple[tuple[int, str], ...] = ()
    served: tuple[Served, ...] = ()
    bans: tuple[EarlierBan, ...] = ()
    last_logged_at: datetime | None = None
    open_tasks: int = 0
    live_measures: int = 0
    running: tuple[str, ...] = ()  # what those live measures are, in words
    # the measure
    response: str = ""
    state: State | None = None
    proposed_at: datetime | None = None
    proposed_by: int | None = None
    decided_by: int | None = None
    in_force_letter_issued: bool = False
    consultations: tuple[ConsultationFacts, ...] = ()
    sign_offs: tuple[tuple[int, date], ...] = ()
    replies: int = 0
    unanswered: int = 0
    last_reply_complete: bool = False
    none_received_stands: bool = False
    ban: BanRecord | None = None
    plan: PlanRecord | None = None

    @property
    def today(self) -> date:
        return local_date(self.at)

    @property
    def terms(self) -> TermsFacts:
        """The terms that the attempt would leave: its own, or those last set; a start left out is the one last set."""
        given = self.attempt.terms
        if given is None:
            return self.terms_so_far
        return given if given.starts else replace(given, starts=self.terms_so_far.starts)

    @property
    def terms_so_far(self) -> TermsFacts:
        if self.ban is None:
            return TermsFacts()
        return next((s.terms for s in reversed(self.ban.steps) if s.terms), self.ban.opening_terms)

    @property
    def is_ban(self) -> bool:
        return (self.response or self.attempt.response) == "site_ban"


# -- who is barred, who is left -----------------------------------------------------------------------------------


def barred(user: int, s: Situation, *, reporters: bool = False) -> bool:
    """Whether somebody would judge their own cause: harmed, or (to decide or confirm a ban) its only reporter."""
    return user in s.harmed or (reporters and s.is_ban and user in s.sole_reporters)


def free(s: Situation, roles: frozenset[Role], *, reporters: bool = False) -> list[Officer]:
    """Holders of any of the roles in office whom their own cause does not bar."""
    return [o for o in s.officers if o.roles & roles and not barred(o.id, s, reporters=reporters)]


HEADS = frozenset({Role.HEAD})


def right_roles(s: Situation) -> frozenset[Role]:
    """Who confirms: the pack's own; chair or trust where own cause bars every head."""
    named = frozenset(Role(r) for r in s.pack.confirmers)
    if named <= HEADS and not free(s, HEADS, reporters=True):
        return ABOVE_THE_SCHOOL
    return named


def stand_ins(s: Situation, *, reporters: bool = False) -> frozenset[Role]:
    """The offices of those who may act in the place of whoever their own cause bars; none where nobody is left."""
    for roles in (usual_roles(s), ABOVE_THE_SCHOOL):
        left = [o for o in free(s, roles, reporters=reporters) if o.id != s.actor]
        if left:
            return frozenset(r for o in left for r in o.roles & roles)
    return frozenset()


def usual_roles(s: Situation) -> frozenset[Role]:
    """Who usually does what is tried here."""
    if s.attempt.incident is not None:
        return MAY["find"]
    if s.state in LIMITING:
        return MAY["review_plan"]
    if s.state in FINAL:
        return DECIDERS
    return HEADS if s.roles & HEADS else ABOVE_THE_SCHOOL


def offices(s: Situation, roles: frozenset[Role]) -> frozenset[Role]:
    """The offices, among these, that somebody else holds whom their own cause does not bar; all of them where nobody does."""
    left = [o for o in free(s, roles) if o.id != s.actor]
    return frozenset(r for o in left for r in o.roles & roles) or roles


# -- permissions: tried before any guard, and told alone ----------------------------------------------------------

Permission = Callable[[Situation], bool]


def holder(deed: str) -> Permission:
    """May be tried by whoever holds a role that the table of roles names for the deed."""
    return lambda s: bool(s.roles & MAY[deed])


def deciding(s: Situation) -> bool:
    """The head; chair or trust only while no head could."""
    return bool(s.roles & HEADS) or (bool(s.roles & ABOVE_THE_SCHOOL) and not free(s, HEADS, reporters=True))


def finding(s: Situation) -> bool:
    """Head and senior staff; chair or trust where own cause bars every one of these."""
    return bool(s.roles & MAY["find"]) or (bool(s.roles & ABOVE_THE_SCHOOL) and not free(s, MAY["find"]))


def answering(s: Situation) -> bool:
    """The head; chair or trust where they confirm, or where own cause bars every head."""
    if s.roles & HEADS:
        return True
    return bool(s.roles & ABOVE_THE_SCHOOL) and (bool(s.roles & right_roles(s)) or not free(s, HEADS))


def withdrawing(s: Situation) -> bool:
    """Head or trust; chair too where every head is barred; once confirmed, whoever may confirm."""
    if s.ban is not None and s.ban.confirmation is not None:
        return bool(s.roles & right_roles(s))
    if s.roles & MAY["withdraw"]:
        return True
    return bool(s.roles & ABOVE_THE_SCHOOL) and not free(s, HEADS)


def consulting(s: Situation) -> bool:
    """The one consulted, or the head on their word; and only chair or trust are consulted."""
    consulted = next((o for o in s.officers if o.id == s.attempt.consulted), None)
    if s.attempt.consulted is not None and not (consulted and consulted.roles & ABOVE_THE_SCHOOL):
        return False
    if s.roles & HEADS:
        return True
    return bool(s.roles & ABOVE_THE_SCHOOL) and s.attempt.consulted in (None, s.actor)


# -- guards -------------------------------------------------------------------------------------------------------

Check = Callable[[Situation], str | None]


@dataclass(frozen=True)
class Guard:
    """A rule by name, its line in the pre-flight list, and the place where it is met (a key the pages turn into a link)."""

    rule: str
    label: str
    place: str
    check: Check


@dataclass(frozen=True)
class Refusal:
    """A rule that stands in the way, in words, and where to meet it."""

    rule: str
    text: str
    place: str = ""


GUARDS: dict[str, Guard] = {}


def rule(name: str, label: str, place: str) -> Callable[[Check], Guard]:
    def register(check: Check) -> Guard:
        guard = Guard(name, label, place, check)
        GUARDS[check.__name__] = guard
        return guard

    return register


@rule("not-offered", "The policy offers this response", "response")
def not_offered(s: Situation) -> str | None:
    if s.pack.offers(s.attempt.response):
        return None
    own = listed([RESPONSE_LABELS[r].lower() for r in s.pack.rungs], "or")
    return f"{s.pack.title} does not offer this response. Choose one that it has: {own}."


@rule("police-first", "Police told, or the reason for not telling them", "refer_police")
def police_first(s: Situation) -> str | None:
    untold = [
        i for i in s.incidents if i.severity == "criminal" and not any(t >= i.logged_at for t in s.police_told_at)
    ]
    if not untold:
        return None
    days = listed(dict.fromkeys(words(local_date(i.logged_at)) for i in untold), "and")
    return (
        f"What was logged on {days} may be a crime. Tell the police and record the referral first; or "
        f"{whom(s.pack, HEADS)} writes down why they are not told."
    )


def lacks(i: IncidentFacts) -> list[str]:
    """What an incident still lacks before its facts can be found."""
    wanted = []
    if not i.staff_or_witness_account:
        wanted.append("an account from staff or a witness")
    if not i.subject_heard:
        wanted.append("the person's own account, or how you tried to reach them")
    return wanted


@rule("facts-first", "Accounts taken, and the person spoken to or tried", "accounts")
def facts_first(s: Situation) -> str | None:
    if s.attempt.response not in RUNGS or (s.is_ban and s.attempt.opening == "provisional"):
        return None
    concerned = [i for i in s.incidents if not i.found_at]
    return missing_accounts(concerned)


@rule("facts-first", "Accounts taken, and the person spoken to or tried", "accounts")
def facts_first_to_find(s: Situation) -> str | None:
    return missing_accounts([i for i in s.incidents if i.id == s.attempt.incident])


def missing_accounts(incidents: list[IncidentFacts]) -> str | None:
    wanted = [
        f"{' and '.join(lacks(i))}, of the incident logged on {words(local_date(i.logged_at))}"
        for i in incidents
        if lacks(i)
    ]
    return f"Still missing: {'; '.join(dict.fromkeys(wanted))}. Record it at the incident first." if wanted else None


def since_a_year(s: Situation) -> date:
    return months_away(s.today, -s.pack.timers.history_months)


def skipped_steps(response: str, s: Situation) -> tuple[str, ...]:
    """The responses of the level below, where none of them was used in the last 12 months; else nothing."""
    level = s.pack.level_of(response)
    if level is None or level <= 1:
        return ()
    below = s.pack.levels[level - 2]
    used = any(x.response in below and local_date(x.at) >= since_a_year(s) for x in s.served)
    return () if used else below


@rule("skip-needs-reason", "The step below was used, or severity explains skipping it", "severity_reason")
def skip_needs_reason(s: Situation) -> str | None:
    skipped = skipped_steps(s.attempt.response, s)
    if s.attempt.severity_reason.strip() or not skipped:
        return None
    names = listed([RESPONSE_LABELS[r].lower() for r in skipped], "or")
    return (
        f"No {names} was put to this person in the last {s.pack.timers.history_months} months. Propose that first, or "
        "write why the severity asks for this one."
    )


@rule("lesser-options", "Lesser responses weighed", "lesser_options")
def lesser_options(s: Situation) -> str | None:
    if not s.is_ban or s.attempt.lesser_options.strip():
        return None
    return "Say which lesser responses you weighed and why they will not do."


@rule("one-live-ban", "No other ban of this person is running", "case")
def one_live_ban(s: Situation) -> str | None:
    live = next((b for b in s.bans if b.state in LIVE_BAN), None) if s.is_ban else None
    if live is None:
        return None
    stands = live.state.label.lower()
    return f"Another ban of this person stands already ({stands}). Decide, review, lift or withdraw that one first."


@rule("no-second-provisional", "Something new since the last ban fell away", "opening")
def no_second_provisional(s: Situation) -> str | None:
    served = [b for b in s.bans if b.letter_issued]  # what was declined or withdrawn before its letter was no ban
    if not s.is_ban or s.attempt.opening != "provisional" or not served:
        return None
    last = served[-1]
    fell = last.state in {State.LAPSED, State.NOT_CONFIRMED, State.WITHDRAWN}
    if not fell or last.over_at is None or (s.last_logged_at and s.last_logged_at > last.over_at):
        return None
    return (
        f"The last ban fell away on {words(local_date(last.over_at))} and nothing new has been logged since. Give notice "
        "of intent instead, so that the person is heard before they are kept out again."
    )


@rule("consult-first", "Those whom the policy names were consulted", "consult")
def consult_first(s: Situation) -> str | None:
    named = s.pack.consult_for(s.response)
    if not named:
        return None
    wanted = frozenset(Role(r) for r in named)
    holders = [o for o in s.officers if o.roles & wanted]
    if not holders or any(barred(o.id, s) for o in holders):
        wanted |= {Role.TRUST}
    if any(c.roles & wanted and not barred(c.consulted, s) for c in s.consultations):
        return None
    asked = whom(s.pack, offices(s, wanted))
    return (
        f"Under this policy {asked} is consulted before this is decided. Record who, when, how and their view; or they "
        "sign in and enter it themselves."
    )


@rule("two-people", "Somebody beside the decider has put their name to it", "consult")
def two_people(s: Situation) -> str | None:
    if s.proposed_by != s.actor or any(c.in_person and c.consulted != s.actor for c in s.consultations):
        return None
    other = whom(s.pack, offices(s, ABOVE_THE_SCHOOL), besides=s.roles)
    return (
        f"You proposed this ban yourself, so a second person puts their name to it: {other} signs in and enters their "
        "own view."
    )


@rule("nothing-upheld", "Something is found to have happened", "find")
def nothing_upheld(s: Situation) -> str | None:
    if any(i.upheld for i in s.incidents):
        return None
    return (
        f"No clause has been upheld yet: {whom(s.pack, MAY['find'])} records the facts as found first. Where nothing is "
        "upheld, decline the proposal."
    )


@rule("nothing-upheld", "What the ban rests on is found to have happened", "find")
def nothing_upheld_for_ban(s: Situation) -> str | None:
    assert s.proposed_at is not None
    known = [i for i in s.incidents if i.logged_at <= s.proposed_at]
    resting_on = [i for i in s.incidents if not i.had_finding(s.proposed_at)]
    if all(i.had_finding(s.proposed_at) for i in known):
        resting_on = list(s.incidents)
    if any(i.upheld for i in resting_on):
        return None
    return (
        f"No clause of what led to this ban has been upheld: {whom(s.pack, MAY['find'])} records the facts as found "
        "first. Where nothing is upheld, do not confirm the ban."
    )


def own_cause_words(s: Situation, *, reporters: bool = False) -> str | None:
    """Why somebody is barred, and who does it in their place."""
    if not barred(s.actor, s, reporters=reporters):
        return None
    others = whom(s.pack, stand_ins(s, reporters=reporters), besides=s.roles)
    instead = f"it is for {others}" if others else "nobody else in office is free, so the trust names somebody"
    if s.actor in s.harmed:
        return f"You were harmed in an incident of this case. Somebody else must do this: {instead}."
    return (
        "You logged an incident of this case of which nobody else has recorded an account. Let somebody else who saw it "
        f"record theirs first, or leave this to somebody else: {instead}."
    )


@rule("own-cause", "Nobody judges their own cause", "case")
def own_cause(s: Situation) -> str | None:
    return own_cause_words(s)


@rule("own-cause", "Nobody judges their own cause", "case")
def own_cause_or_report(s: Situation) -> str | None:
    return own_cause_words(s, reporters=True)


@rule("own-cause", "The one consulted has no cause of their own", "consult")
def own_cause_of_consulted(s: Situation) -> str | None:
    if s.attempt.consulted is not None and barred(s.attempt.consulted, s):
        left = [o for o in free(s, ABOVE_THE_SCHOOL) if o.id != s.attempt.consulted]
        others = whom(s.pack, {r for o in left for r in o.roles & ABOVE_THE_SCHOOL}) or "somebody whom the trust names"
        return f"They were harmed in an incident of this case. Consult somebody else: {others}."
    return None


@rule("letter-first", "The letter that asks for it is issued", "letter")
def letter_first(s: Situation) -> str | None:
    if s.state is State.DECIDED or not s.in_force_letter_issued:
        return f"Its letter has not been issued yet: {whom(s.pack, MAY['issue_letter'])} issues it first."
    return None


def window_closed(s: Situation) -> bool:
    return s.ban is not None and s.ban.window is not None and s.today > s.ban.window.on


def came_back(s: Situation) -> str | None:
    """That nobody has been asked, as the letter that asks them came back."""
    if s.ban is None or s.ban.came_back_on is None:
        return None
    return (
        f"The letter that asks them came back on {words(s.ban.came_back_on)}: send it again first. Their time to reply "
        "starts again when it is sent."
    )


@rule("hear-first", "The deadline for a reply has passed", "represent")
def hear_first_none(s: Situation) -> str | None:
    if not s.attempt.none_received or window_closed(s):
        return None
    if back := came_back(s):
        return back
    until = s.ban.window.on if s.ban and s.ban.window else None
    if until is None:
        return "They have not been asked yet: the letter that asks them comes first."
    return f"They may still reply, until the end of {words(until)}. Record it after that day, if nothing has come."


@rule("hear-first", "The person has been heard, and answered in writing", "represent")
def hear_first(s: Situation) -> str | None:
    # "None received" stands for the deadline as it is now: a letter sent again gives a new one.
    if not (s.none_received_stands and window_closed(s)) or s.unanswered:
        if not s.replies:
            return came_back(s) or not_replied(s)
        if s.unanswered:
            roles = HEADS | (right_roles(s) & ABOVE_THE_SCHOOL)
            return (
                f"They replied, and nobody has answered in writing yet: {whom(s.pack, roles)} writes the answer first."
            )
        if not (s.last_reply_complete or window_closed(s)):
            return came_back(s) or (
                f"They may add to their reply until {deadline(s)}. Decide after that, or once they have said that it is "
                "complete."
            )
    return within_notice(s)


def deadline(s: Situation) -> str:
    """The last day for a reply, in words."""
    return f"the end of {words(s.ban.window.on)}" if s.ban and s.ban.window else "their time to reply has passed"


def not_replied(s: Situation) -> str:
    if window_closed(s):
        return f"No reply is recorded, and they had until {deadline(s)}: record the reply, or that none came."
    return f"They have not replied, and may until {deadline(s)}. Record their reply; or, after that, that none came."


def within_notice(s: Situation) -> str | None:
    """An intent is not confirmed to start earlier or end later than its letter proposed."""
    if s.ban is None or s.ban.opening != "intent":
        return None
    was, now = s.ban.opening_terms, s.terms
    if now.starts and was.starts and now.starts < was.starts:
        return f"The notice proposed a start on {words(was.starts)}: choose that day or a later one."
    if now.ends and was.ends and now.ends > was.ends:
        return f"The notice proposed an end on {words(was.ends)}: choose that day or an earlier one."
    return None


@rule("dated", "Dates of the opening", "terms")
def dated_opening(s: Situation) -> str | None:
    t, longest = s.terms, s.pack.timers.provisional_max_days
    if t.starts is None:
        return "Give the day from which it applies."
    if t.ends is not None and t.ends < t.starts:
        return f"The last day, {words(t.ends)}, is before the first, {words(t.starts)}: choose a later one."
    if s.ban is None or s.ban.opening != "provisional":
        return None
    if t.latest_decision_on is None:
        return "Give the latest day by which it will be decided."
    if t.latest_decision_on < t.starts:
        return f"The latest decision date is before the start, {words(t.starts)}: choose a later one."
    if (t.latest_decision_on - t.starts).days > longest:
        last = words(t.starts + timedelta(days=longest))
        return f"A provisional ban is decided within {longest} days of its start: choose {last} or an earlier day."
    return None


@rule("dated", "Time for a reply before the decision", "terms")
def dated_letter(s: Situation) -> str | None:
    letter, record = s.attempt.letter, s.ban
    if letter is None or record is None or record.opening != "provisional" or letter.window_closes_on is None:
        return None
    limit = record.opening_terms.latest_decision_on
    if letter.kind != "provisional_ban" or limit is None or limit >= letter.window_closes_on:
        return None
    return (
        f"Sent this way, they may reply until {words(letter.window_closes_on)}, after the latest decision date "
        f"({words(limit)}). Send it by hand or by email; or {whom(s.pack, HEADS)} withdraws the ban, and it is proposed and "
        "decided again with a later date."
    )


@rule("dated", "End and review dates", "terms")
def dated_final(s: Situation) -> str | None:
    t = s.terms
    if t.ends is None:
        return "Give the last day of the ban: there is no ban without an end."
    if t.starts is not None and t.ends < t.starts:
        return f"The last day, {words(t.ends)}, is before the first, {words(t.starts)}: choose a later one."
    return review_dated(s, t)


@rule("dated", "A review date", "terms")
def dated_keep(s: Situation) -> str | None:
    return None if s.attempt.run_out else review_dated(s, s.terms)


def review_dated(s: Situation, t: TermsFacts) -> str | None:
    """The review: given, after today, before the end, at most 90 days away."""
    most = s.pack.timers.review_max_days
    wrong = review_ahead(s, t)
    if wrong is None and t.review_on is not None and (t.review_on - s.today).days > most:
        last = words(s.today + timedelta(days=most))
        return f"The review must come within {most} days: choose {last} or an earlier day."
    return wrong


def review_ahead(s: Situation, t: TermsFacts) -> str | None:
    """The review: given, after today, before the end."""
    if t.review_on is None:
        return "Give the day on which it will be reviewed."
    if t.review_on <= s.today:
        return f"The review date, {words(t.review_on)}, must be later than today: choose a later day."
    if t.ends is not None and t.review_on >= t.ends:
        return f"The review must come before the end, {words(t.ends)}: choose an earlier day."
    return None


@rule("dated", "Start, end and review", "terms")
def dated_plan(s: Situation) -> str | None:
    """Of a plan, block or notice that is decided: at most 6 months, with a review within 3 of its start."""
    t, most = s.terms, s.pack.timers.plan_review_months
    wrong = plan_term(s)
    if wrong or t.starts is None or t.ends is None:
        return wrong
    if t.review_on is None:
        return "Give the day on which it will be reviewed."
    if not t.starts <= t.review_on < t.ends:
        return f"The review must come between the start, {words(t.starts)}, and the end, {words(t.ends)}."
    if t.review_on > months_away(t.starts, most):
        last = words(months_away(t.starts, most))
        return f"The review must come within {most} months of the start: choose {last} or an earlier day."
    return None


@rule("dated", "Start, end and review", "terms")
def dated_plan_varied(s: Situation) -> str | None:
    """Of a plan, block or notice changed on review: the review within 3 months of that day."""
    return plan_term(s) or plan_review_dated(s, s.terms)


@rule("dated", "A review date", "terms")
def dated_plan_kept(s: Situation) -> str | None:
    return None if s.attempt.run_out else plan_review_dated(s, s.terms)


def plan_term(s: Situation) -> str | None:
    """How long a plan, block or notice runs: a start, and an end within 6 months of it."""
    t, most = s.terms, s.pack.timers.plan_max_months
    if t.starts is None:
        return "Give the day from which it applies."
    if t.ends is None:
        return "Give its last day: nothing goes on without an end."
    if t.ends < t.starts:
        return f"The last day, {words(t.ends)}, is before the first, {words(t.starts)}: choose a later one."
    if t.ends > months_away(t.starts, most):
        return f"It may run {most} months at most: choose {words(months_away(t.starts, most))} or an earlier day."
    return None


def plan_review_dated(s: Situation, t: TermsFacts) -> str | None:
    most = s.pack.timers.plan_review_months
    wrong = review_ahead(s, t)
    if wrong is None and t.review_on is not None and t.review_on > months_away(s.today, most):
        last = words(months_away(s.today, most))
        return f"The review must come within {most} months of today: choose {last} or an earlier day."
    return wrong


def length(s: Situation) -> int | None:
    """How long the ban would run in all: first day in force to its end, both counted."""
    first, ends = first_day(s), s.terms.ends
    return None if ends is None or first is None else days_in_all(first, ends)


def first_day(s: Situation) -> date | None:
    """The first day on which the ban was, or would be, in force."""
    return s.ban.first_day(max(s.terms.starts or s.today, s.today)) if s.ban else None


def end_of(s: Situation, days: int) -> str:
    """The last day of a ban of so many days, in words."""
    first = first_day(s)
    return words(first + timedelta(days=days - 1)) if first else "an earlier day"


@rule("first-ban-limited", "A first ban is limited in time", "end")
def first_ban_limited(s: Situation) -> str | None:
    limit, days = s.pack.first_ban_limit_days, length(s)
    if limit is None or days is None or days <= limit or any(b.was_confirmed for b in s.bans):
        return None
    return (
        f"This would be a first ban of {days} days, and under this policy a first ban runs at most {limit}: choose "
        f"{end_of(s, limit)} or an earlier day as its end."
    )


@rule("long-ban-sign-off", "A long ban is signed off", "sign_off")
def long_ban_sign_off(s: Situation) -> str | None:
    most, days = s.pack.timers.long_ban_days, length(s)
    if days is None or days <= most or s.terms.ends is None:
        return None
    if any(by != s.actor and until >= s.terms.ends for by, until in s.sign_offs):
        return None
    other = whom(s.pack, offices(s, ABOVE_THE_SCHOOL), besides=s.roles)
    return (
        f"It would run {days} days in all. First {other} signs off its length, up to {words(s.terms.ends)}; or choose "
        f"{end_of(s, most)} or an earlier day as its end."
    )


@rule("contact-route", "Ways to contact the school", "contact")
def contact_route(s: Situation) -> str | None:
    if s.terms.contact_who.strip() and s.terms.contact_methods:
        return None
    return "Say whom the person contacts and by which methods: communication with the school goes on."


@rule("never-cut-off", "What is never closed stays open", "closes")
def never_cut_off(s: Situation) -> str | None:
    closed = [c for c in s.terms.closes if c.strip().lower().replace(" ", "_") in NEVER_CLOSED]
    if not closed:
        return None
    names = (c.strip().lower().replace(" ", "_") for c in closed)
    told = listed([NEVER_CLOSED_WORDS.get(c, c.replace("_", " ")) for c in names], "and")
    return f"This may never be closed: {told}. Take it off the list of what is closed."


@rule("child-plan", "Handover written for each child", "handover")
def child_plan(s: Situation) -> str | None:
    written = {pupil for pupil, text in s.terms.handover if text.strip()}
    missing = [name for pupil, name in s.children if pupil not in written]
    return f"Write how {' and '.join(missing)} will be brought and collected." if missing else None


@rule("equality-considered", "Disability and language considered", "equality")
def equality_considered(s: Situation) -> str | None:
    if s.attempt.equality.strip():
        return None
    return "Note that disability, language and adjustments were considered, and what came of it."


@rule("right-decider", "Decided by whom the policy names", "case")
def right_decider(s: Situation) -> str | None:
    wanted = right_roles(s)
    if s.roles & wanted:
        return None
    return f"Under this policy the decision is for {whom(s.pack, wanted)}: leave it to them."


@rule("reviewer-differs", "Reviewed by somebody else", "case")
def reviewer_differs(s: Situation) -> str | None:
    assert s.ban is not None
    after_opening = [x.by for x in s.ban.steps if x.verb != "decide"]
    confirmed_by = s.ban.confirmation.by if s.ban.confirmation else None
    made = {s.decided_by, confirmed_by, *after_opening[-1:]}
    another = [o for o in free(s, HEADS | ABOVE_THE_SCHOOL) if o.id != s.actor and o.id not in made]
    made_last = bool(after_opening) and after_opening[-1] == s.actor
    if made_last or (s.actor in {s.decided_by, confirmed_by} and another):
        left = another or [o for o in free(s, HEADS | ABOVE_THE_SCHOOL) if o.id not in {s.actor, *after_opening[-1:]}]
        roles = {r for o in left for r in o.roles & DECIDERS}
        others = whom(s.pack, roles, besides=s.roles) or "somebody whom the trust names"
        return f"You opened it, confirmed it or reviewed it last, so somebody else must review it: {others}."
    return None


@rule("reviewer-differs", "Reviewed by somebody else", "case")
def reviewer_did_not_decide(s: Situation) -> str | None:
    if s.actor == s.decided_by:
        others = whom(s.pack, offices(s, MAY["review_plan"]), besides=s.roles)
        return f"You decided it yourself, so somebody else reviews it: {others}."
    return None


@rule("review-in-time", "Close enough to the review date", "case")
def review_in_time(s: Situation) -> str | None:
    # Terms that no letter has told yet do not count: until then it is the old review date that is near or far.
    counts, most = s.ban.settled_at(s.at) if s.ban else None, s.pack.timers.review_early_school_days
    review_on = (counts.terms if counts and counts.terms else s.terms_so_far).review_on
    if s.ban is None or review_on is None or s.ban.calendar.school_days_between(s.today, review_on) <= most:
        return None
    first = words(s.ban.calendar.school_day_before(review_on, most))
    return (
        f"A ban is extended or varied at most {most} school days before its review on {words(review_on)}: do it from "
        f"{first} on. To lift it, or to keep it as it is, you need not wait."
    )


@rule("extension-reasons", "Fresh reasons, end and review date", "terms")
def extension_reasons(s: Situation) -> str | None:
    fresh = s.attempt.terms
    if s.attempt.reasons.strip() and fresh and fresh.ends and fresh.review_on:
        return None
    return "A ban goes on only for reasons given now, with a new end and a new review date: fill in all three."


@rule("close-needs-end", "Everything in the case has come to its end", "case")
def close_needs_end(s: Situation) -> str | None:
    wanted = []
    if s.live_measures:
        still = f": {'; '.join(s.running)}" if s.running else ""
        wanted.append(f"Something has not come to its end{still}. End, lift or withdraw it, or wait for its last day.")
    if s.open_tasks:
        wanted.append(f"Tasks that are still open: {s.open_tasks}. Do first what they ask.")
    if not s.attempt.reasons.strip():
        wanted.append("Write the reason why the case is closed.")
    return f"The case cannot be closed yet. {' '.join(wanted)}" if wanted else None


@rule("letter-complete", "Every fact the letter needs", "gaps")
def letter_complete(s: Situation) -> str | None:
    missing = s.attempt.letter.missing if s.attempt.letter else ()
    return f"The letter still lacks: {', '.join(missing)}. Fill it in, then issue the letter." if missing else None


@rule("one-recipient", "An address for the way it is sent", "person")
def one_recipient(s: Situation) -> str | None:
    lacking = s.attempt.letter.recipient_lacks if s.attempt.letter else ""
    return f"To send it this way, the person needs {lacking}. Add it, or send it another way." if lacking else None


@rule("no-third-parties", "Nobody else is named", "letter")
def no_third_parties(s: Situation) -> str | None:
    named = s.attempt.letter.named if s.attempt.letter else ()
    return f"The letter names {', '.join(named)}: say it without the name." if named else None


@rule("signer-allowed", "Signed by whoever decided", "letter")
def signer_allowed(s: Situation) -> str | None:
    letter = s.attempt.letter
    if letter is None:
        return None
    if not letter.signer_decided and letter.kind in UNDECIDED:
        return "It goes out in the name of somebody else now: open it again."
    if not letter.signer_decided:
        return "They did not take this decision: choose the one who took it to sign."
    signers = signers_of(s.pack, letter.kind)
    if letter.signer_roles & set(signers):
        return None
    if letter.kind in UNDECIDED:
        return f"They hold no office that signs this letter: under this policy {whom(s.pack, signers)} does."
    return (
        f"They took the decision and hold no office now that signs this letter; under this policy {whom(s.pack, signers)} "
        "does. Give them back their office, or let whoever holds it now decide anew."
    )


@rule("approved-as-it-stands", "Approved as it stands", "approval")
def approved_as_it_stands(s: Situation) -> str | None:
    letter = s.attempt.letter
    if letter is None or letter.approved or not letter.signer_decided:
        return None
    return "Its signatory has not approved it as it stands now: what it says is new, or has changed since they did."


@rule("issued-is-final", "Not issued before", "letter")
def issued_is_final(s: Situation) -> str | None:
    before = s.attempt.letter.issued_before if s.attempt.letter else ""
    return f"{before} tells this decision already: say that the new letter replaces {before}." if before else None


# -- the table ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Move:
    """A verb on a measure: where it leads from, where to (None: it stays), who may try, what may stand in the way."""

    verb: str
    label: str
    sources: frozenset[State]
    target: State | None
    permitted: Permission
    guards: tuple[Guard, ...] = ()
    responses: frozenset[str] = frozenset(MEASURES)


def states(*wanted: State | frozenset[State]) -> frozenset[State]:
    return frozenset(s for w in wanted for s in (w if isinstance(w, frozenset) else {w}))


BAN = frozenset({"site_ban"})
OTHERS = frozenset({"meeting", "warning_letter"})
PLAN = frozenset({"communication_plan"})
LIMITS = PLANS - PLAN
SIDE = frozenset(SIDE_BRANCHES)
D, P = State.DECIDED, State.PROPOSED
TERMS = (contact_route, never_cut_off, child_plan)
FINAL_TERMS = (dated_final, first_ban_limited, long_ban_sign_off, *TERMS, equality_considered)
CONFIRM = (right_decider, letter_first, own_cause_or_report, hear_first, nothing_upheld_for_ban, *FINAL_TERMS)
ON_REVIEW = (
    reviewer_differs, own_cause, review_in_time, extension_reasons, dated_final, long_ban_sign_off, *TERMS,
    equality_considered,
)  # fmt: skip
LETTER = (
    letter_complete,
    one_recipient,
    no_third_parties,
    signer_allowed,
    approved_as_it_stands,
    issued_is_final,
    dated_letter,
)
ALL_STATES = frozenset(State)
FORMAL = (police_first, own_cause, consult_first, nothing_upheld)
OTHERS_REVIEW = (reviewer_did_not_decide, own_cause)

PROPOSE = (
    not_offered,
    police_first,
    facts_first,
    skip_needs_reason,
    lesser_options,
    one_live_ban,
    no_second_provisional,
)
CLOSE = (close_needs_end,)
FIND = (facts_first_to_find, own_cause)
MARK = (own_cause,)  # whether an incident counts is judged by whoever might find its facts

MOVES: tuple[Move, ...] = (
    Move("consult", "Record a consultation", states(P), None, consulting, (own_cause_of_consulted,)),
    Move(
        "decide", "Approve the ban", states(P), D, deciding,
        (police_first, own_cause_or_report, consult_first, two_people, contact_route, child_plan, never_cut_off, dated_opening),
        BAN,
    ),
    Move("decide", "Approve", states(P), D, deciding, FORMAL, OTHERS),
    Move("decide", "Approve", states(P), D, deciding, (*FORMAL, *TERMS, dated_plan, equality_considered), PLAN),
    Move("decide", "Approve", states(P), D, deciding, (*FORMAL, never_cut_off, dated_plan), LIMITS),
    Move("decide", "Approve", states(P), D, deciding, (police_first, own_cause), SIDE),
    Move("decline", "Decline", states(P), State.DECLINED, deciding, (own_cause_or_report,)),
    Move(
        "sign_off", "Sign off its length", LIVE_BAN, None, holder("sign_off"), (own_cause,), BAN
    ),
    Move("hold_meeting", "Record the meeting", states(D, State.SERVED), State.HELD, holder("hold_meeting"), (letter_first,),
         frozenset({"meeting"})),
    Move("follow", "Record what came of it", states(P, D, State.SERVED, State.ENDED), None, holder("follow_branch"), (),
         FOLLOWED),
    Move("settle", "Record what became of the post", states(D), State.ENDED, holder("follow_branch"), (),
         frozenset({"post_removal"})),
    Move("log_contact", "Log a contact", states(D, LIMITING), None, holder("log_contact"), (letter_first,), PLAN),
    Move("keep", "Keep it as it is", LIMITING, None, holder("review_plan"), (*OTHERS_REVIEW, dated_plan_kept), PLANS),
    Move("vary_on_review", "Change its terms", LIMITING, None, holder("review_plan"),
         (*OTHERS_REVIEW, *TERMS, dated_plan_varied, equality_considered), PLAN),
    Move("vary_on_review", "Change its terms", LIMITING, None, holder("review_plan"),
         (*OTHERS_REVIEW, never_cut_off, dated_plan_varied), LIMITS),
    Move("end", "End it now", LIMITING, State.ENDED, holder("review_plan"), OTHERS_REVIEW, PLANS),
    Move("tell", "Record that they were told", states(D, State.PROVISIONAL, FINAL), None, holder("tell"), (letter_first,), BAN),
    Move("represent", "Record a reply", states(D, OPENED), None, holder("represent"), (letter_first, hear_first_none), BAN),
    Move("answer", "Answer in writing", states(D, OPENED), None, answering, (letter_first, own_cause), BAN),
    Move("confirm", "Confirm the ban", states(D, OPENED), State.CONFIRMED, holder("confirm"), CONFIRM, BAN),
    Move("vary", "Confirm with changes", states(D, OPENED), State.VARIED, holder("vary"), CONFIRM, BAN),
    Move(
        "not_confirm", "Do not confirm", states(D, OPENED), State.NOT_CONFIRMED, holder("not_confirm"),
        (right_decider, letter_first, own_cause_or_report), BAN,
    ),
    Move("keep", "Keep it as it is", FINAL, None, holder("review"), (reviewer_differs, own_cause, dated_keep), BAN),
    Move("extend", "Extend the ban", FINAL, State.EXTENDED, holder("review"), ON_REVIEW, BAN),
    Move("vary_on_review", "Change its terms", FINAL, State.VARIED, holder("review"), ON_REVIEW, BAN),
    Move("lift", "Lift the ban", FINAL, State.LIFTED, holder("review"), (), BAN),
    Move("withdraw", "Withdraw: it was an error", ALL_STATES - {State.WITHDRAWN}, State.WITHDRAWN,
         withdrawing),
    Move("issue_letter", "Issue the letter", ALL_STATES - {P, State.DECLINED}, None, holder("issue_letter"), LETTER),
)  # fmt: skip


class Tells(NamedTuple):
    """What a kind of letter tells: decisions by these verbs about these responses, each while the measure stands so."""

    responses: frozenset[str]
    verbs: dict[str, frozenset[State]]

    @property
    def states(self) -> frozenset[State]:
        """All states in which some letter of the kind may be issued."""
        return states(*self.verbs.values())


LETTER_KINDS: dict[str, Tells] = {
    "meeting_invitation": Tells(frozenset({"meeting"}), {"decide": states(D, State.SERVED)}),
    "warning": Tells(frozenset({"warning_letter"}), {"decide": states(D, State.SERVED)}),
    "communication_plan": Tells(PLAN, {"decide": states(D, LIMITING)}),
    "channel_block": Tells(frozenset({"channel_block"}), {"decide": states(D, LIMITING)}),
    "vexatious_notice": Tells(frozenset({"vexatious_notice"}), {"decide": states(D, LIMITING)}),
    "plan_outcome": Tells(PLANS, {
        "keep": LIMITING, "vary_on_review": LIMITING, "end": states(State.ENDED), "withdraw": states(State.WITHDRAWN),
    }),
    "post_removal_request": Tells(frozenset({"post_removal"}), {"decide": states(D, State.SERVED)}),
    "provisional_ban": Tells(BAN, {"decide": states(D, State.PROVISIONAL)}),
    "intent_to_ban": Tells(BAN, {"decide": states(D, State.INTENT)}),
    "ban_confirmed": Tells(BAN, {"confirm": FINAL}),
    "ban_varied": Tells(BAN, {"vary": FINAL, "vary_on_review": FINAL}),
    "ban_not_confirmed": Tells(BAN, {"not_confirm": states(State.NOT_CONFIRMED)}),
    "ban_withdrawn": Tells(BAN, {"withdraw": states(State.WITHDRAWN)}),
    "ban_lifted": Tells(BAN, {"lift": states(State.LIFTED)}),
    "ban_extended": Tells(BAN, {"extend": FINAL}),
    "ban_kept": Tells(BAN, {"keep": FINAL}),
}  # fmt: skip


class Asks(NamedTuple):
    """A kind of letter that tells no decision: who signs it, and about which measures, while they stand so, it is sent.

    Where it names no response it is about an open case as a whole.
    """

    signers: frozenset[Role]
    responses: frozenset[str] = frozenset()
    states: frozenset[State] = frozenset()


BANNED = FINAL | states(State.PROVISIONAL)
UNDECIDED: dict[str, Asks] = {
    "account_request": Asks(frozenset({Role.SENIOR, Role.HEAD})),
    "review_notice": Asks(DECIDERS, BAN, FINAL),
    "ban_breach_notice": Asks(DECIDERS, BAN, BANNED),
    "gate_notice": Asks(frozenset({Role.SENIOR, Role.HEAD}), BAN | PLAN, BANNED | LIMITING),
    "police_referral": Asks(MAY["refer"]),
    "trust_referral": Asks(MAY["refer"]),
    "legal_referral": Asks(MAY["refer"]),
    "review_pack": Asks(MAY["make_pack"], BAN, FINAL),
}
# Those that put a case before somebody, with what is known of it: read and made by those alone who see the case.
PACKS: dict[str, str] = {
    "police_referral": "refer",
    "trust_referral": "refer",
    "legal_referral": "refer",
    "review_pack": "make_pack",
}


def signers_of(pack: Pack, kind: str) -> Collection[str]:
    """The roles that may sign a kind of letter; the policy may say otherwise of one that tells no decision."""
    named = any(kind in rule.letters for rule in pack.signing_exceptions)
    return UNDECIDED[kind].signers if kind in UNDECIDED and not named else pack.signers_of(kind)


OPENING_KINDS = {"provisional": "provisional_ban", "intent": "intent_to_ban"}
FIRST_STATE = {  # where the first letter takes a measure; the others are served by it
    "provisional_ban": State.PROVISIONAL,
    "intent_to_ban": State.INTENT,
    **dict.fromkeys(sorted(PLANS), State.IN_FORCE),
}


def label_of(state: State, response: str) -> str:
    """A state in words, for a response."""
    if state is State.DECIDED and response in LETTERLESS:
        return "Decided"
    return "In force" if state is State.IN_FORCE else state.label


def letter_kind(response: str, verb: str, opening: str) -> str | None:
    """The kind of letter that tells a decision; None where none does."""
    if response == "site_ban" and verb == "decide":
        return OPENING_KINDS[opening]
    return next((k for k, t in LETTER_KINDS.items() if response in t.responses and verb in t.verbs), None)


def move(verb: str, response: str) -> Move | None:
    """The move of that name for that response."""
    return next((m for m in MOVES if m.verb == verb and response in m.responses), None)


def moves_from(s: Situation) -> Iterator[Move]:
    """The moves that lead on from where the measure stands, for whoever may try them."""
    for m in MOVES:
        if s.response in m.responses and s.state in m.sources and m.permitted(s):
            yield m


def refusals(guards: tuple[Guard, ...], s: Situation) -> list[Refusal]:
    """Every rule that stands in the way, sorted by name, once each."""
    found: dict[str, Refusal] = {}
    for guard in guards:
        text = guard.check(s)
        if text and guard.rule not in found:
            found[guard.rule] = Refusal(guard.rule, text, guard.place)
    return [found[name] for name in sorted(found)]


REVIEWS = frozenset({"keep", "extend", "vary_on_review", "lift", "end"})
WRONG_STATE = Refusal("wrong-state", "This can no longer be done, or not yet: see what has happened since.")


def not_permitted(pack: Pack | None, roles: Iterable[str]) -> Refusal:
    """The refusal of somebody whose role does not allow something, with the roles that do."""
    asked = whom(pack, roles)
    return Refusal(
        "not-permitted", "Your role at this school does not allow this." + (f" Ask {asked}." if asked else "")
    )


NOT_PERMITTED = not_permitted(None, ())


def who_may(m: Move, s: Situation) -> list[Role]:
    """The roles that may usually try a move; whose own cause bars whom is not told to those who may not."""
    plain = replace(s, harmed=frozenset(), sole_reporters=frozenset())
    return [role for role in Role if m.permitted(replace(plain, roles=frozenset({role})))]


def refused_role(m: Move, s: Situation) -> Refusal:
    roles = who_may(m, s)
    if not roles:  # nobody may consult just anybody
        return Refusal("not-permitted", f"Only {whom(s.pack, ABOVE_THE_SCHOOL)} is consulted: choose one of them.")
    return not_permitted(s.pack, roles)


def wrong_state(s: Situation) -> Refusal:
    """The refusal of what does not fit where a measure stands, which it says."""
    if s.state is None or s.response not in RESPONSE_LABELS:
        return WRONG_STATE
    stands = f"“{RESPONSE_LABELS[s.response]}” stands at “{label_of(s.state, s.response)}” now"
    return Refusal("wrong-state", f"This can no longer be done, or not yet. {stands}: see in the case what comes next.")


def standing(m: Move, s: Situation) -> list[Refusal]:
    """What refuses a move: its permission or its state alone, else every rule that stands in the way."""
    if not m.permitted(s):
        return [refused_role(m, s)]
    if s.state not in m.sources:
        return [wrong_state(s)]
    return refusals(m.guards, s)


def unknown_move(verb: str, s: Situation) -> list[Refusal]:
    """What refuses a verb that the response does not have: the role first, as everywhere; one review is like another."""
    alike = [m for m in MOVES if verb in REVIEWS and m.verb in REVIEWS and s.response in m.responses]
    alike = alike or [m for m in MOVES if m.verb == verb]
    if any(m.permitted(s) for m in alike):
        return [wrong_state(s)]
    return [not_permitted(s.pack, {role for m in alike for role in who_may(m, s)})]


def suggested(s: Situation) -> tuple[str, ...]:
    """The responses of the next rung: above the highest served in 12 months, or the top one; the first where none was."""
    levels = [s.pack.level_of(x.response) or 0 for x in s.served if local_date(x.at) >= since_a_year(s)]
    return tuple(sorted(s.pack.responses_at(max(levels, default=0) + 1)))
