"""How the settings of a policy read on a screen, and how two versions of one differ, line by line."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields

from conduct.code import RESPONSE_LABELS, ROUTES, Clause, Pack, Timers

NOTHING = "–"
SEVERITY_WORDS = {"minor": "minor", "serious": "serious", "criminal": "possibly criminal"}


@dataclass(frozen=True)
class TimerWords:
    """What a timer is called, in what it counts, and what it means."""

    label: str
    unit: str
    meaning: str


TIMERS: Mapping[str, TimerWords] = {
    "representations_school_days": TimerWords(
        "Time to reply",
        "school days",
        "To reply to a letter, after the day on which it counts as received.",
    ),
    "representations_business_days": TimerWords(
        "Time to reply to a provisional ban, at most",
        "business days",
        "Where this ends before the time to reply: a holiday leaves nobody banned and unheard.",
    ),
    "decision_school_days": TimerWords(
        "Time to decide", "school days", "To decide about a ban, after the last day for replies."
    ),
    "provisional_alert_days": TimerWords(
        "Alert about a provisional ban",
        "calendar days",
        "From its start: nothing is decided yet, and those who decide are told.",
    ),
    "provisional_max_days": TimerWords(
        "Longest provisional ban",
        "calendar days",
        "From its start to its latest decision date. With no decision by then it falls away.",
    ),
    "intent_lapse_school_days": TimerWords(
        "A notice of intent falls away",
        "school days",
        "After the time to reply, when nothing is decided.",
    ),
    "review_suggested_school_days": TimerWords(
        "Review before the end of a ban", "school days", "The review date that is suggested, before the last day."
    ),
    "review_max_days": TimerWords(
        "Longest time to a review", "calendar days", "From a decision about a ban to its next review."
    ),
    "review_reminders": TimerWords(
        "Reminders of a review",
        "school days",
        "Before the review date, the earliest first, with commas between them.",
    ),
    "review_early_school_days": TimerWords(
        "Earliest extension", "school days", "Before its review date a ban is extended or changed no earlier than this."
    ),
    "ended_notice_school_days": TimerWords(
        "Notice at the gate after a ban fell away",
        "school days",
        "So long the gate list says “ended, no decision recorded: call the head”.",
    ),
    "warning_counts_months": TimerWords(
        "A warning counts", "months", "So long a further incident counts as a repeated breach."
    ),
    "history_months": TimerWords(
        "Looking back", "months", "How far back the next step of the ladder looks for what was served before."
    ),
    "repeat_incidents": TimerWords(
        "Repeated breaches", "incidents", "So many upheld within a year bring a review by the chair or the trust."
    ),
    "meeting_notice_school_days": TimerWords("Notice of a meeting", "school days", "From the letter to the meeting."),
    "plan_max_months": TimerWords(
        "Longest plan", "months", "A communication plan, a block or a vexatious notice, from its start."
    ),
    "plan_review_months": TimerWords(
        "Review of a plan", "months", "A plan, a block or a vexatious notice is reviewed within this, from its start."
    ),
    "long_ban_days": TimerWords(
        "Long ban", "calendar days", "A ban of more than this needs its length signed off by the chair or the trust."
    ),
    "subject_access_months": TimerWords("Subject access request", "months", "To answer it. The law gives one month."),
    "subject_access_extra_months": TimerWords(
        "Complex subject access request", "months", "On top of that. The law gives two more."
    ),
    "data_complaint_days": TimerWords("Data-protection complaint", "calendar days", "To acknowledge it."),
}


@dataclass(frozen=True)
class Difference:
    """One setting in which two policies differ."""

    what: str
    was: str
    now: str


def differences(was: Pack, now: Pack) -> list[Difference]:
    """Where two policies differ, in words: names, who does what, the ladder, timers, clauses."""
    lines = [(label, read(was), read(now)) for label, read in NAMES.items()]
    lines += [(label, titled(was, label), titled(now, label)) for label, of in OFFICES.items() if of(was) != of(now)]
    lines += [*ladder(was, now), *timers(was.timers, now.timers), *held(was, now), *own(was, now), *the_rest(was, now)]
    return [Difference(*line) for line in lines if line[1] != line[2]]


Line = tuple[str, str, str]


def titled(pack: Pack, office: str) -> str:
    """Who does what, by title: any one of them, or each of those who are told."""
    joint = " and " if office == TOLD_EACH else " or "
    return joint.join(pack.title_of(role) for role in OFFICES[office](pack)) or "Nobody"


NAMES: Mapping[str, Callable[[Pack], str]] = {
    "Taken from": lambda p: p.school or "The combined code",
    "Title of the policy": lambda p: p.title,
    "Version": lambda p: p.version,
    "The head is called": lambda p: p.title_of("head"),
    "The chair is called": lambda p: p.title_of("chair"),
    "Above the chair": lambda p: "; ".join(filter(None, (p.title_of("trust"), p.also_above))),
    "Police force": lambda p: p.police_force or NOTHING,
    "School app": lambda p: p.school_app or NOTHING,
    "Where a concern goes": lambda p: ", then ".join(p.concern_route),
    "When staff reply": lambda p: p.reply_promise or NOTHING,
    "Longest first ban": lambda p: f"{p.first_ban_limit_days} days" if p.first_ban_limit_days else "No limit",
}
TOLD_EACH = "Told of significant incidents"
OFFICES: Mapping[str, Callable[[Pack], tuple[str, ...]]] = {
    "Decides": lambda p: (p.decider,),
    "Consulted before a ban": lambda p: p.consult_ban,
    "Consulted before another formal response": lambda p: p.consult_other,
    "Confirms a ban once the person was heard": lambda p: p.confirmers,
    TOLD_EACH: lambda p: p.significant_reports,
}
# The fields of a pack that the lines above and below tell of.
TOLD = {
    "key", "school", "title", "version", "titles", "police_force", "school_app", "also_above", "concern_route", "reply_promise",
    "decider", "consult_ban", "consult_other", "confirmers", "significant_reports", "first_ban_limit_days",
    "levels", "timers", "clauses", "own_clauses",
}  # fmt: skip


def level_words(pack: Pack, level: int) -> str:
    responses = pack.levels[level - 1] if level <= len(pack.levels) else ()
    return " or ".join(RESPONSE_LABELS[r] for r in responses).capitalize() or NOTHING


def ladder(was: Pack, now: Pack) -> Iterator[Line]:
    """Level by level, as far as either goes."""
    for level in range(1, max(len(was.levels), len(now.levels)) + 1):
        yield f"Ladder, level {level}", level_words(was, level), level_words(now, level)


def timer_words(timers: Timers, name: str) -> str:
    """10 school days; 20, 10, 5, 1 school days."""
    value, unit = getattr(timers, name), TIMERS[name].unit
    if isinstance(value, tuple):
        return f"{', '.join(map(str, value))} {unit}"
    return f"{value} {unit[:-1] if value == 1 else unit}"


def timers(was: Timers, now: Timers) -> Iterator[Line]:
    for name, words in TIMERS.items():
        yield words.label, timer_words(was, name), timer_words(now, name)


def held(was: Pack, now: Pack) -> Iterator[Line]:
    """The clauses of the combined code that only one of them holds."""
    for label, some, others in (
        ("No longer in the policy", was, now),
        ("New in the policy", now, was),
    ):
        only = ", ".join(c for c in some.clauses if c not in others.clauses) or NOTHING
        yield (label, only, NOTHING) if some is was else (label, NOTHING, only)


def own_words(clause: Clause | None) -> str:
    """An own clause in one sentence."""
    if clause is None:
        return NOTHING
    if clause.kind == "expectation":
        return f"{clause.wording} (expected; {clause.group})"
    routes = [RESPONSE_LABELS[ROUTES[route]].lower() for route in clause.routes]
    leads = f"; may lead to: {', '.join(routes)}" if routes else ""
    return f"{clause.wording} (usually {SEVERITY_WORDS[clause.usual_severity]}; {clause.group}{leads})"


def own(was: Pack, now: Pack) -> Iterator[Line]:
    """The school's own clauses: added, changed, taken out."""
    before, after = ({c.id: c for c in p.own_clauses} for p in (was, now))
    for clause_id in sorted({*before, *after}):
        yield f"Own clause {clause_id}", own_words(before.get(clause_id)), own_words(after.get(clause_id))


def the_rest(was: Pack, now: Pack) -> Iterator[Line]:
    """Whatever else stands in a policy: whom it binds, its flowchart, its own rules, who signs."""
    others = [f.name for f in fields(Pack) if f.name not in TOLD]
    if any(getattr(was, name) != getattr(now, name) for name in others):
        yield "Whom it binds, its flowchart, its own rules", "As before", f"As in {now.title}"


# -- one policy by itself -----------------------------------------------------------------------------------------


def settings_of(pack: Pack) -> list[tuple[str, str]]:
    """Names, who decides and the ladder, line by line."""
    levels = [(f"Ladder, level {n}", level_words(pack, n)) for n in range(1, len(pack.levels) + 1)]
    offices = [(label, titled(pack, label)) for label in OFFICES]
    return [*((label, read(pack)) for label, read in NAMES.items()), *offices, *levels]


def timers_of(pack: Pack) -> list[tuple[str, str]]:
    """Each timer by what it is called."""
    return [(words.label, timer_words(pack.timers, name)) for name, words in TIMERS.items()]
