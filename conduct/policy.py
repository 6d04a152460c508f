"""A policy in words: everything that a pack says, in the order in which a parent or a governor reads it.

A pack in, plain sentences and rows out; no query. The pages of the code, the file for a school's website and the PDF all
show what stands here. Clauses are taken from the pack alone, since a school may have added some of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conduct import code
from conduct.code import (
    CONTACT_METHODS,
    CONTACT_PURPOSES,
    PLANS,
    RESPONSE_LABELS,
    ROUTES,
    RUNGS,
    SITE_BAN,
    Clause,
    Pack,
)
from conduct.models import School
from conduct.roles import LABELS
from conduct.titles import listed, the

SEVERITY_WORDS = {"minor": "Minor", "serious": "Serious", "criminal": "Possibly criminal"}
FIRST_THINGS = ("facts", "interaction_ended")  # what a policy may say of what comes before any response
BESIDE = ("post_removal", "mediation", "no_further_action", "police", "trust", "legal", "local_authority")
ADDED_EVERYWHERE = "Not in the published policy; it stands here so that every school can record it."
ADDED = "Not in the published policy."
OWN = "The school’s own."


@dataclass(frozen=True)
class Rule:
    """A rule of the policy's own with its number on the page, and the clauses beside which it stands."""

    number: int
    text: str
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """A clause as it is read: how grave it usually is, what a breach may lead to, who holds it, what rules go with it."""

    clause: Clause
    usual: str
    steps: str
    routes: tuple[str, ...]
    sources: tuple[tuple[str, bool], ...]  # every source policy by its short name, and whether it holds the clause
    also: tuple[str, ...]  # the other policies that hold it
    note: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Group:
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Response:
    """A response in words, and what the policy itself says of it (nothing, where it is silent)."""

    label: str
    text: str


@dataclass(frozen=True)
class Level:
    number: int
    responses: tuple[Response, ...]


# -- names --------------------------------------------------------------------------------------------------------


def short(key: str) -> str:
    """A pack by its key, in words: all_saints is All Saints."""
    return key.replace("_", " ").title()


@lru_cache(maxsize=1)
def source_keys() -> tuple[str, ...]:
    """The published policies, of which the combined code is put together, by key."""
    held = {source for clause in code.clauses().values() for source in clause.sources}
    return tuple(key for key in code.pack_keys() if key in held)


def is_source(pack: Pack) -> bool:
    """Whether this is one published policy rather than all of them together."""
    return pack.key in source_keys()


def origin(pack: Pack) -> str:
    """Whose published words the policy follows; the wording is ours."""
    if pack.school:
        return f"{pack.school}, {pack.trust}" if pack.trust else pack.school
    return listed([code.pack(key).school for key in source_keys()], "and")


def officers(pack: Pack, roles: Iterable[str], joint: str = "or") -> str:
    """Holders of these roles as the policy calls them, from the head up: "the Chair of Governors or HET"."""
    wanted = set(roles)
    return the(listed([title(pack, role) for role in code.ROLES if role in wanted], joint))


def title(pack: Pack, role: str) -> str:
    """What the policy calls the holder of a role; for a role it has no word for, ours."""
    return pack.titles.get(role) or LABELS[role].lower()


def responses(keys: Iterable[str]) -> str:
    """Responses in running text: "meeting or warning letter"."""
    return listed([lower(RESPONSE_LABELS[key]) for key in keys], "or")


def lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def count(number: int, what: str) -> str:
    """ "1 school day", "5 school days"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


# -- the clauses --------------------------------------------------------------------------------------------------


def groups(pack: Pack, kind: str) -> list[Group]:
    """The pack's clauses of one kind, group by group."""
    rules = special_rules(pack)
    return [Group(name, tuple(line(pack, c, rules) for c in found)) for name, found in pack.clause_groups(kind)]


def line(pack: Pack, clause: Clause, rules: Iterable[Rule] = ()) -> Line:
    """One clause in words, as this pack follows it."""
    routes = tuple(route_words(pack, ROUTES[route]) for route in pack.routes_of([clause.id])) if clause.routes else ()
    return Line(
        clause=clause,
        usual=SEVERITY_WORDS.get(clause.usual_severity, ""),
        steps=steps(pack, clause.usual_severity),
        routes=routes,
        sources=tuple((short(key), key in clause.sources) for key in source_keys()),
        also=tuple(short(key) for key in clause.sources if key != pack.key),
        note=note(pack, clause),
        rules=tuple(rule for rule in rules if clause.id in rule.clauses),
    )


def steps(pack: Pack, severity: str) -> str:
    """Which levels of the ladder a breach leads to."""
    if not severity:
        return ""
    if severity == code.SEVERITIES[0]:
        return f"Level 1 first: {responses(pack.levels[0])}"
    return f"Any level, up to level {len(pack.levels)}: {responses(pack.levels[-1])}"


def route_words(pack: Pack, response: str) -> str:
    level = pack.level_of(response)
    return f"{RESPONSE_LABELS[response]} (level {level})" if level else RESPONSE_LABELS[response]


def note(pack: Pack, clause: Clause) -> str:
    """Why a clause stands here that the published policy does not hold."""
    if not clause.sources:
        return OWN
    if not is_source(pack) or pack.key in clause.sources:
        return ""
    return ADDED_EVERYWHERE if clause.id in code.EVERY_PACK_HOLDS else ADDED


def special_rules(pack: Pack) -> list[Rule]:
    return [Rule(number, rule.text, rule.clauses) for number, rule in enumerate(pack.special_rules, 1)]


# -- how the school responds --------------------------------------------------------------------------------------


def in_its_own_words(pack: Pack, about: str) -> str:
    return next((practice.text for practice in pack.practice if practice.about == about), "")


def levels(pack: Pack) -> list[Level]:
    """The ladder: each response of each level with what the policy says of it."""
    return [
        Level(number, tuple(Response(RESPONSE_LABELS[r], in_its_own_words(pack, r)) for r in level))
        for number, level in enumerate(pack.levels, 1)
    ]


def first_things(pack: Pack) -> list[Response]:
    """What the policy says comes before any response."""
    return [Response(p.label, p.text) for about in FIRST_THINGS for p in pack.practice if p.about == about]


def beside(pack: Pack) -> list[Response]:
    """What the policy says of what may be done beside the ladder; last, of a step that its ladder does not have."""
    stray = [p.about for p in pack.practice if p.about in RUNGS and not pack.offers(p.about)]
    said = [(key, in_its_own_words(pack, key)) for key in (*BESIDE, *stray)]
    return [Response(RESPONSE_LABELS[key], text) for key, text in said if text]


def unsaid(pack: Pack) -> str:
    """What may be done at any time although the policy itself says nothing of it."""
    silent = [RESPONSE_LABELS[key] for key in BESIDE if not in_its_own_words(pack, key)]
    return f"Open as well, though the policy says no more of it: {listed(map(lower, silent), 'or')}." if silent else ""


# -- who decides --------------------------------------------------------------------------------------------------


def deciding(pack: Pack) -> list[str]:
    """Who decides, who is consulted, who confirms, who is told, who signs."""
    found = [pack.decides, *consulting(pack)]
    if pack.offers(SITE_BAN):
        who = officers(pack, pack.confirmers)
        found.append(f"Once the person has been heard, {who} confirms a ban, changes it or does not confirm it.")
    if pack.significant_reports:
        found.append(reporting(pack))
    return [*found, *signing(pack)]


def consulting(pack: Pack) -> list[str]:
    """Who is consulted before a response is decided; one of those named will do."""
    other = pack.consult_other
    ban = pack.consult_ban if pack.offers(SITE_BAN) else other
    if not ban and not other:
        return ["The policy names nobody who must be consulted before a response."]
    if set(ban) == set(other):
        return [f"Before every formal response {officers(pack, other)} is consulted."]
    before = [("Before a ban", ban), ("Before any other response", other)]
    said = [f"{when} {officers(pack, who)} is consulted." for when, who in before if who]
    return [" ".join([*said, *(f"{when} nobody need be consulted." for when, who in before if not who)])]


def reporting(pack: Pack) -> str:
    always = [f"{c.id}, {lower(c.wording)}" for c in pack.clause_list() if c.id in pack.significant_clauses]
    kinds = listed(["a serious or possibly criminal one", *always], "or")
    opening = ", the opening of a ban" if pack.offers(SITE_BAN) else ""
    who = officers(pack, pack.significant_reports, "and")
    return f"Every significant incident ({kinds}){opening} and every referral to the police are reported to {who}."


def signing(pack: Pack) -> list[str]:
    """Who signs a letter, given that they took the decision it tells."""
    usual = f"A letter is signed by whoever took the decision that it tells: {officers(pack, pack.signers)}."
    others = [
        f"A letter of the kind {listed([kind.replace('_', ' ') for kind in rule.letters], 'or')} may be signed by "
        f"{officers(pack, rule.roles)}."
        for rule in pack.signing_exceptions
    ]
    return [usual, *others]


# -- how a person is heard ----------------------------------------------------------------------------------------


def hearing(pack: Pack) -> list[tuple[str, str]]:
    """How a person is heard and when the school looks again, with every number of the policy."""
    return [*replying(pack), *(banning(pack) if pack.offers(SITE_BAN) else []), *other_steps(pack), *own_data(pack)]


def replying(pack: Pack) -> list[tuple[str, str]]:
    t = pack.timers
    days = count(t.representations_school_days, "school day")
    business = count(t.representations_business_days, "working day")
    reply = f"{days} after the day on which the letter counts as received."
    if pack.offers(SITE_BAN):
        reply += f" For a ban that is in force at once: that, or {business}, whichever ends first."
    decided = f"Within {count(t.decision_school_days, 'school day')} of the end of that time."
    return [("Time to reply", reply), ("The decision", decided)]


def banning(pack: Pack) -> list[tuple[str, str]]:
    t, above = pack.timers, officers(pack, code.CONSULTED_ROLES)
    first = f"At most {count(pack.first_ban_limit_days, 'day')}." if pack.first_ban_limit_days else ""
    rows = [
        (
            "A ban in force before the person is heard",
            f"It is decided at most {count(t.provisional_max_days, 'day')} after its start, or it lapses.",
        ),
        (
            "A notice that a ban is intended",
            "It is not in force, and the person is heard first. It lapses without a decision within "
            f"{count(t.intent_lapse_school_days, 'school day')} of the end of the time to reply.",
        ),
        ("A first ban", first),
        (
            "A long ban",
            f"One of more than {count(t.long_ban_days, 'day')} in all is signed off by {above}, "
            "and not by whoever decides on it.",
        ),
        ("Review of a ban", f"{pack.ban_review} {reviewing(pack)}"),
    ]
    return [row for row in rows if row[1]]


def reviewing(pack: Pack) -> str:
    t = pack.timers
    return (
        "A ban has an end and a review date, and nothing extends itself. The review comes at most "
        f"{count(t.review_max_days, 'day')} after the decision, as a rule "
        f"{count(t.review_suggested_school_days, 'school day')} before the end. A ban is extended or changed only within "
        f"{count(t.review_early_school_days, 'school day')} of its review date, for reasons given afresh."
    )


def other_steps(pack: Pack) -> list[tuple[str, str]]:
    t, above = pack.timers, officers(pack, code.CONSULTED_ROLES)
    plans = [key for key in PLANS if pack.offers(key)]
    rows = [
        ("meeting", "A meeting", f"At least {count(t.meeting_notice_school_days, 'school day')} of notice."),
        ("warning_letter", "A warning letter", f"It counts for {count(t.warning_counts_months, 'month')}."),
        (
            plans[0] if plans else "",
            upper(responses(plans)),
            f"At most {count(t.plan_max_months, 'month')}, reviewed within {count(t.plan_review_months, 'month')}.",
        ),
    ]
    history = f"What was put to the person in the last {count(t.history_months, 'month')} counts towards the next step."
    repeats = (
        f"{count(t.repeat_incidents, 'incident')} upheld in {count(t.history_months, 'month')}, or a further one while a "
        f"warning counts, are reviewed by {above}."
    )
    offered = [(name, text) for key, name, text in rows if key and pack.offers(key)]
    return [*offered, ("The next step", history), ("Repeated breaches", repeats)]


def own_data(pack: Pack) -> list[tuple[str, str]]:
    t = pack.timers
    copy = (
        f"Anyone may ask for a copy of what is held about them; it comes within {count(t.subject_access_months, 'month')}, "
        f"or {count(t.subject_access_extra_months, 'month')} later where it is complex. A complaint about personal data is "
        f"acknowledged within {count(t.data_complaint_days, 'day')}."
    )
    return [("Personal data", copy)]


def for_staff(pack: Pack) -> list[tuple[str, str]]:
    """What only the school's own people need to know."""
    t = pack.timers
    reminders = listed([str(days) for days in t.review_reminders], "and")
    bans = [
        ("A ban still undecided", f"The school is warned {count(t.provisional_alert_days, 'day')} after its start."),
        ("Reminders of a review", f"{reminders} school days before it, then every school day that it is late."),
        (
            "A ban that ran out without a decision",
            f"The gate list says so for {count(t.ended_notice_school_days, 'school day')}.",
        ),
    ]
    common = [("Shown first when an incident is logged", listed(pack.common, "and"))]
    return [*(bans if pack.offers(SITE_BAN) else []), *common]


# -- ways to contact ----------------------------------------------------------------------------------------------


def contact_table(pack: Pack) -> list[tuple[str, tuple[tuple[str, bool], ...]]]:
    """Every way to contact the school, and for each purpose whether it serves."""
    return [
        (CONTACT_METHODS[way.method], tuple((name, key in way.serves) for key, name in CONTACT_PURPOSES.items()))
        for way in pack.contact
    ]


def names(pack: Pack) -> list[tuple[str, str]]:
    """Who is who under this policy, and what is named in it."""
    rows = [
        ("The head of the school", title(pack, "head")),
        ("The chair", title(pack, "chair")),
        ("Above the chair", listed(filter(None, (title(pack, "trust"), pack.also_above)), "and")),
        ("School app", pack.school_app),
        ("Police", pack.police_force),
    ]
    return [(name, upper(word)) for name, word in rows if word]


# -- all of it ----------------------------------------------------------------------------------------------------


def reading(pack: code.Pack, school: School | None = None, version: str = "") -> dict[str, Any]:
    """All that `conduct/_policy.html` shows: the policy in words, which version, and what the school itself adds to it."""
    return {
        "pack": pack,
        "version": version or pack.version,
        "of_school": school,
        "of_trust": school.trust.name if school else "",
        "origin": origin(pack),
        "sources": [short(key) for key in source_keys()],
        "is_source": is_source(pack),
        "names": names(pack),
        "police": school.police_force if school else "",
        "expectations": groups(pack, "expectation"),
        "unacceptable": groups(pack, "unacceptable"),
        "rules": special_rules(pack),
        "first_things": first_things(pack),
        "levels": levels(pack),
        "beside": beside(pack),
        "unsaid": unsaid(pack),
        "deciding": deciding(pack),
        "hearing": hearing(pack),
        "purposes": code.CONTACT_PURPOSES.values(),
        "ways": contact_table(pack),
        "for_staff": for_staff(pack),
    }
