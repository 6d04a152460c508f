"""The code of conduct as data: its clauses, and the packs that say how one policy works with them.

`packs/clauses.csv` holds every clause of the combined code and which source policy it came from. Each
`packs/<key>.toml` is one policy pack, written so that a governor can read it: what it holds, its ladder, who decides
and who is consulted, its timers. A school follows one pack. A file that does not say what it must, or says what cannot
be, is refused as a whole by `PackError`, with the file, the key and the reason.

A school that adopts a pack keeps the whole of it as it stands on that day, may adjust it, and may add clauses of its own
(S01, S02 …); see `Adoption`.

Adding a setting: a field of `Pack`, a line in `_SECTIONS`, a line in every pack, and a migration that adds it to what schools
have adopted.
"""

import copy
import csv
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conduct.roles import Role

PACK_DIR = Path(__file__).parent / "packs"
CLAUSE_FILE = "clauses.csv"

SEVERITIES = ("minor", "serious", "criminal")  # from least to most
KINDS = ("unacceptable", "expectation")
ROLES = tuple(role.value for role in Role)
DECIDING_ROLES = ("head", "chair", "trust")
CONSULTED_ROLES = ("chair", "trust")
EVERY_PACK_HOLDS = ("U35", "U36")  # a breach of a ban, and what no list foresaw: every school must be able to log them
SITE_BAN = "site_ban"
ONLINE_GROUP = "Online"

RUNGS = ("meeting", "warning_letter", "communication_plan", "channel_block", "vexatious_notice", SITE_BAN)
PLANS = ("communication_plan", "channel_block", "vexatious_notice")  # rungs that run, are reviewed, and end
SIDE_BRANCHES = ("post_removal", "mediation", "no_further_action")  # in every pack, at any time

RESPONSE_LABELS: Mapping[str, str] = {
    "meeting": "Meeting",
    "warning_letter": "Warning letter",
    "communication_plan": "Restricted communication plan",
    "channel_block": "Block from the school app or social media",
    "vexatious_notice": "Notice that communications are vexatious",
    "site_ban": "Ban from the site",
    "post_removal": "Ask for a post to be taken down",
    "mediation": "Mediation",
    "no_further_action": "No further action",
    "police": "Referral to the police",
    "trust": "Referral to the trust",
    "legal": "Referral for legal advice",
    "local_authority": "Referral to the Local Authority",
}
# What a clause may suggest (the column `routes`), and what that is called in the ladder.
ROUTES: Mapping[str, str] = {
    "police_referral": "police",
    "legal_advice": "legal",
    "post_removal": "post_removal",
    "communication_plan": "communication_plan",
    "channel_block": "channel_block",
    "site_ban": SITE_BAN,
}
# What a step of a flowchart may be lit by: a response, or something else that a case has been through.
FLOW_LABELS: Mapping[str, str] = {
    "interaction_ended": "The interaction was ended",
    "facts": "Facts were gathered",
    "significant_report": "A significant incident was reported",
    "consultation": "Somebody was consulted",
    "confirmation": "A ban was confirmed, varied or not confirmed",
    "breach_of_ban": "The person came on to the site while banned",
    **RESPONSE_LABELS,
}
# What a policy may say something about of its own, beside the responses of the ladder.
PRACTICE_LABELS: Mapping[str, str] = {
    "facts": "Gather information and speak to the person",
    "interaction_ended": "End the conversation and ask the person to leave",
    **{key: label for key, label in RESPONSE_LABELS.items() if key != "no_further_action"},
}
CONTACT_METHODS: Mapping[str, str] = {
    "talk": "A brief talk at the end of the day",
    "telephone": "Telephone call",
    "meeting": "Meeting arranged through the office",
    "app_message": "Message in the school app",
    "school_letter": "Letters in the school app and email from the school",
    "email": "Email",
    "website": "School website",
}
CONTACT_PURPOSES: Mapping[str, str] = {
    "teacher": "The child's teacher",
    "class_event": "A class event",
    "whole_school_event": "A whole-school event",
    "office": "The office (absence, payments, trips)",
    "policy": "A question about policy",
    "senior": "The pastoral or senior team",
}
LETTER_KINDS = (
    *("account_request", "meeting_invitation", "warning", "intent_to_ban", "provisional_ban", "ban_confirmed"),
    *("ban_varied", "ban_not_confirmed", "ban_withdrawn", "review_notice", "ban_lifted", "ban_extended", "ban_kept"),
    *("communication_plan", "plan_outcome", "channel_block", "vexatious_notice", "post_removal_request"),
    *("ban_breach_notice", "police_referral", "trust_referral", "legal_referral", "gate_notice"),
)

BREACH_OF_BAN = "U35"  # the clause of coming on to the site while banned; it stands in every policy
CONFIRMATION_LETTERS = ("ban_confirmed", "ban_varied", "ban_not_confirmed")


class PackError(Exception):
    """A pack or the list of clauses cannot be used: in which file, at which key (empty: the file itself), and why."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}" if key else f"{file}: {reason}")
        self.file, self.key, self.reason = file, key, reason


@dataclass(frozen=True)
class Clause:
    """One clause of the combined code, or of a school's own. `usual_severity` and `routes` are empty for an expectation."""

    id: str
    kind: str
    group: str
    wording: str
    usual_severity: str
    routes: tuple[str, ...]
    sources: tuple[str, ...] = ()  # keys of the packs whose published policy holds it; none for a school's own


@dataclass(frozen=True)
class Timers:
    """Every number of days or months that a school or trust may set. ValueError when they contradict each other."""

    representations_school_days: int = 10
    representations_business_days: int = 20
    decision_school_days: int = 5
    provisional_alert_days: int = 20
    provisional_max_days: int = 45
    intent_lapse_school_days: int = 20
    review_suggested_school_days: int = 10
    review_max_days: int = 90
    review_reminders: tuple[int, ...] = (20, 10, 5, 1)
    review_early_school_days: int = 20
    ended_notice_school_days: int = 10
    warning_counts_months: int = 12
    history_months: int = 12
    repeat_incidents: int = 3
    meeting_notice_school_days: int = 5
    plan_max_months: int = 6
    plan_review_months: int = 3
    long_ban_days: int = 90
    subject_access_months: int = 1
    subject_access_extra_months: int = 2
    data_complaint_days: int = 30

    def __post_init__(self) -> None:
        for field in fields(self):
            try:
                _TIMER_CHECKS[field.name](getattr(self, field.name))
            except _Wrong as wrong:
                raise wrong.inside(field.name) from wrong
        for name, holds, reason in _TIMER_TRUTHS:
            if not holds(self):
                raise _Wrong(reason, name)


@dataclass(frozen=True)
class Practice:
    """What the policy itself says of one response, or of what comes before any."""

    about: str
    text: str

    @property
    def label(self) -> str:
        return PRACTICE_LABELS[self.about]


@dataclass(frozen=True)
class FlowStep:
    """One box of the policy's flowchart. A case that shows one of `lit_by` has been through it."""

    when: str
    then: str
    lit_by: tuple[str, ...]


@dataclass(frozen=True)
class SpecialRule:
    """A rule of this policy's own, and the clauses beside which it is shown (none: with the policy as a whole)."""

    text: str
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class ContactWay:
    """A way to contact the school and the purposes that it serves."""

    method: str
    serves: tuple[str, ...]


@dataclass(frozen=True)
class SigningRule:
    """Who may sign these kinds of letter, where that differs from the usual."""

    letters: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Pack:
    """One policy as the program follows it; its fields are the keys of its file. Packs compare by identity."""

    key: str
    # what it is
    title: str
    version: str
    dates: str
    school: str
    trust: str
    police_force: str
    school_app: str
    also_above: str
    titles: Mapping[str, str]
    # whom it binds, and where a concern goes
    binds: tuple[str, ...]
    where: tuple[str, ...]
    agreement_asked: bool
    linked_policies: tuple[str, ...]
    concern_route: tuple[str, ...]
    reply_promise: str
    recording_rule: str
    # the code
    clauses: tuple[str, ...]
    common: tuple[str, ...]
    significant_clauses: tuple[str, ...]
    own_clauses: tuple[Clause, ...]
    # the ladder
    levels: tuple[tuple[str, ...], ...]
    proportion: str
    skipping: str
    # who decides
    decider: str
    decides: str
    consult_ban: tuple[str, ...]
    consult_other: tuple[str, ...]
    confirmers: tuple[str, ...]
    significant_reports: tuple[str, ...]
    first_ban_limit_days: int | None
    ban_review: str
    signers: tuple[str, ...]
    signing_exceptions: tuple[SigningRule, ...]
    # the rest
    timers: Timers
    practice: tuple[Practice, ...]
    flowchart: tuple[FlowStep, ...]
    special_rules: tuple[SpecialRule, ...]
    contact: tuple[ContactWay, ...]

    def title_of(self, role: str) -> str:
        """What this policy calls the holder of a role; the role's own word where it has no title."""
        return self.titles.get(role, role)

    def level_of(self, response: str) -> int | None:
        """The level of a rung, counted from 1; None for a side branch and for what the pack does not offer."""
        return next((n for n, level in enumerate(self.levels, 1) if response in level), None)

    def responses_at(self, level: int) -> tuple[str, ...]:
        """The rungs of a level counted from 1; above the top, those of the top."""
        return self.levels[min(level, len(self.levels)) - 1]

    @property
    def rungs(self) -> tuple[str, ...]:
        """The formal responses that this pack has, from the lowest level up."""
        return tuple(response for level in self.levels for response in level)

    def offers(self, response: str) -> bool:
        """True for a rung of this pack and for a side branch; a referral is made, not offered."""
        return response in self.rungs or response in SIDE_BRANCHES

    def consult_for(self, response: str) -> tuple[str, ...]:
        """The roles of which one must be consulted before this response is decided; none for a side branch."""
        if response not in RUNGS:
            return ()
        return self.consult_ban if response == SITE_BAN else self.consult_other

    def signers_of(self, letter_kind: str) -> tuple[str, ...]:
        """The roles that may sign a kind of letter, given that the signatory took the decision it tells."""
        special = (rule.roles for rule in self.signing_exceptions if letter_kind in rule.letters)
        return next(special, self.signers)

    @cached_property
    def _own(self) -> Mapping[str, Clause]:
        return {c.id: c for c in self.own_clauses}

    def clause(self, clause_id: str) -> Clause:
        """A clause by its id: one of the school's own, or of the combined code. KeyError when it is neither."""
        return self._own.get(clause_id) or clauses()[clause_id]

    def holds(self, clause_id: str) -> bool:
        """Whether the clause stands in this policy, the school's own included."""
        return clause_id in self.clauses or clause_id in self._own

    def clause_list(self, kind: str = "unacceptable") -> tuple[Clause, ...]:
        """The pack's clauses of one kind ("unacceptable" or "expectation"), in the order of its file; then the school's own."""
        return tuple(c for c in (*map(clauses().__getitem__, self.clauses), *self.own_clauses) if c.kind == kind)

    def clause_groups(self, kind: str = "unacceptable") -> tuple[tuple[str, tuple[Clause, ...]], ...]:
        """The same clauses as pairs of group and clauses, groups in order of first appearance."""
        listed = self.clause_list(kind)
        return tuple((g, tuple(c for c in listed if c.group == g)) for g in dict.fromkeys(c.group for c in listed))

    def online(self, clause_ids: Iterable[str]) -> list[str]:
        """Those of these clauses that are about what is said online: of them it is asked whether it is only criticism."""
        return [c for c in clause_ids if self.clause(c).group == ONLINE_GROUP]

    def usual_severity(self, clause_ids: Iterable[str]) -> str:
        """The highest usual severity among these clauses: minor for expectations or none at all. KeyError as for `clause`."""
        return _worst(self.clause(clause_id) for clause_id in clause_ids)

    def routes_of(self, clause_ids: Iterable[str]) -> tuple[str, ...]:
        """The branches that these clauses suggest, each once, less the rungs that this pack does not have."""
        suggested = dict.fromkeys(route for clause_id in clause_ids for route in self.clause(clause_id).routes)
        return tuple(route for route in suggested if ROUTES[route] not in RUNGS or self.offers(ROUTES[route]))


def usual_severity(clause_ids: Iterable[str]) -> str:
    """The highest usual severity among clauses of the combined code: minor, serious or criminal; minor for none at all.

    KeyError for an id that the combined code does not have.
    """
    return _worst(clauses()[clause_id] for clause_id in clause_ids)


def _worst(found: Iterable[Clause]) -> str:
    severities = {clause.usual_severity for clause in found}
    return next((severity for severity in reversed(SEVERITIES) if severity in severities), SEVERITIES[0])


@lru_cache(maxsize=1)
def clauses() -> Mapping[str, Clause]:
    """Every clause of the combined code by its id, in the order of the file. PackError when the file is malformed."""
    return MappingProxyType(read_clauses(PACK_DIR / CLAUSE_FILE))


@lru_cache(maxsize=32)
def pack(key: str) -> Pack:
    """The pack of that key, read once. PackError when there is none or its file is malformed."""
    return build_pack(key, _tables_of(key), file=f"{key}.toml")


def shipped(key: str) -> dict[str, Any]:
    """The tables of a pack's file as a school adopts them: a copy, which may be changed."""
    return copy.deepcopy(_tables_of(key))


@lru_cache(maxsize=32)
def _tables_of(key: str) -> dict[str, Any]:
    if key not in pack_keys():
        raise PackError(f"{key}.toml", "", f"there is no such pack (there are {', '.join(pack_keys())})")
    return read_tables(PACK_DIR / f"{key}.toml")


def canonical(tables: Mapping[str, Any]) -> str:
    """The tables of a pack as one text, the same for the same content whatever the order of the keys."""
    return json.dumps(tables, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=512)
def adopted(key: str, text: str) -> Pack:
    """The pack as a school keeps it, from the canonical text of its tables: the same object for the same text.

    What a school adopted as it is shipped is the shipped pack itself.
    """
    tables = json.loads(text)
    if key in pack_keys() and tables == _tables_of(key):
        return pack(key)
    return build_pack(key, tables, file=f"{key} as adopted")


@lru_cache(maxsize=1)
def packs() -> Mapping[str, Pack]:
    """All packs by key, the combined code first. PackError when any of them is malformed."""
    return MappingProxyType({key: pack(key) for key in pack_keys()})


@lru_cache(maxsize=1)
def pack_keys() -> tuple[str, ...]:
    """The keys of all packs, the combined code first, without reading them."""
    return tuple(sorted((path.stem for path in PACK_DIR.glob("*.toml")), key=lambda key: (key != "combined", key)))


def read_tables(path: Path) -> dict[str, Any]:
    """The tables of one pack file. PackError when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackError(path.name, "", f"cannot be read ({error})") from error


def build_pack(key: str, data: Mapping[str, Any], *, file: str) -> Pack:
    """A pack from the tables of its file, checked as a whole; `file` is the name that a PackError gives."""
    try:
        flat: dict[str, Any] = {}
        for name, value in _PACK_SHAPE(data).items():
            flat |= value if name in _SECTIONS else {name: value}
    except _Wrong as wrong:
        raise PackError(file, wrong.key, wrong.reason) from wrong
    made = Pack(key=key, **flat)
    for where, reason_for in _PACK_TRUTHS:
        if reason := reason_for(made):
            raise PackError(file, where, reason)
    return made


def read_clauses(path: Path) -> dict[str, Clause]:
    """Clauses from a CSV file: the fields of a clause, then a column of 0 or 1 for each source policy."""
    found: dict[str, Clause] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, restkey="one column too many")
        columns = tuple(rows.fieldnames or ())
        if columns != (*_CLAUSE_SHAPE, *columns[len(_CLAUSE_SHAPE) :]):
            raise PackError(path.name, "", f"must begin with the columns {', '.join(_CLAUSE_SHAPE)}")
        for row in rows:
            try:
                clause = _clause(row, columns[len(_CLAUSE_SHAPE) :])
            except _Wrong as wrong:
                raise PackError(path.name, f"line {rows.line_num}, {wrong.key}", wrong.reason) from wrong
            if clause.id in found:
                raise PackError(path.name, f"line {rows.line_num}, id", f"{clause.id} stands there twice")
            found[clause.id] = clause
    return found


def _clause(row: Mapping[str, Any], sources: tuple[str, ...]) -> Clause:
    """One row of the file as a clause; _Wrong names its column."""
    flags = _table(dict.fromkeys(sources, _one_of(("0", "1"), "mark")))({name: row[name] for name in sources})
    values = _table(_CLAUSE_SHAPE)({name: value for name, value in row.items() if name not in sources})
    clause = Clause(**values, sources=tuple(name for name, flag in flags.items() if flag == "1"))
    if bool(clause.usual_severity) != (clause.kind == "unacceptable"):
        raise _Wrong("must be given for unacceptable conduct, and for nothing else", "usual_severity")
    return clause


# --- checks: each takes a value as read and gives it back as the program keeps it, or raises _Wrong

Check = Callable[[Any], Any]


class _Wrong(ValueError):
    """What is wrong with a value; `key` grows outwards as the error leaves each table and list."""

    def __init__(self, reason: str, key: str = "") -> None:
        super().__init__(f"{key}: {reason}" if key else reason)
        self.reason, self.key = reason, key

    def inside(self, outer: str) -> "_Wrong":
        joint = "" if not self.key or self.key.startswith("[") else "."
        return _Wrong(self.reason, f"{outer}{joint}{self.key}")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("must be a text, and not an empty one")
    return value


def _text_or_empty(value: Any) -> str:
    return value if value == "" else _text(value)


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("must be true or false")
    return value


def _whole(least: int) -> Check:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise _Wrong(f"must be a whole number of at least {least}")
        return value

    return check


def _none_if_zero(value: Any) -> int | None:
    return _whole(0)(value) or None


def _one_of(options: Iterable[str], what: str) -> Check:
    allowed = tuple(options)

    def check(value: Any) -> str:
        if value not in allowed:
            raise _Wrong(f"{value!r} is not a known {what} (there are {', '.join(allowed)})")
        return str(value)

    return check


def _clause_id(value: Any) -> str:
    if not isinstance(value, str) or value not in clauses():
        raise _Wrong(f"{value!r} is not a clause of the combined code")
    return value


def _many(item: Check, least: int = 1) -> Check:
    """A list without repeats, kept as a tuple."""

    def check(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) < least:
            raise _Wrong(f"must be a list of at least {least}" if least else "must be a list")
        kept: list[Any] = []
        for n, entry in enumerate(value, 1):
            try:
                kept.append(item(entry))
            except _Wrong as wrong:
                raise wrong.inside(f"[{n}]") from wrong
            if kept[-1] in kept[:-1]:
                raise _Wrong(f"{entry!r} stands there twice", f"[{n}]")
        return tuple(kept)

    return check


def _table(shape: Mapping[str, Check], make: Callable[..., Any] = dict) -> Check:
    """A table with these keys and no others; `make` turns the checked values into what the program keeps."""

    def check(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _Wrong("must be a table")
        for name in value:
            if name not in shape:
                raise _Wrong("is not a known key", name)
        kept = {}
        for name, item in shape.items():
            if name not in value:
                raise _Wrong("is missing", name)
            try:
                kept[name] = item(value[name])
            except _Wrong as wrong:
                raise wrong.inside(name) from wrong
        return make(**kept)

    return check


def _own_id(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"S[0-9]{2}", value):
        raise _Wrong(f"{value!r} is no id of a school's own clause (they are S01, S02 … S99)")
    return value


def _own_clause(value: Any) -> Clause:
    """A clause of a school's own; _Wrong names its key."""
    made: Clause = _table(
        {
            "id": _own_id,
            "kind": _one_of(KINDS, "kind of clause"),
            "group": _text,
            "wording": _text,
            "usual_severity": _one_of(("", *SEVERITIES), "severity"),
            "routes": _many(_one_of(ROUTES, "route"), 0),
        },
        Clause,
    )(value)
    if bool(made.usual_severity) != (made.kind == "unacceptable"):
        raise _Wrong("must be given for unacceptable conduct, and for nothing else", "usual_severity")
    if made.routes and made.kind != "unacceptable":
        raise _Wrong("are for unacceptable conduct alone", "routes")
    return made


_DECIDER = _one_of(("head",), "role that decides a response")  # chair and trust stand in where own cause bars the head
_CONFIRMER = _one_of(DECIDING_ROLES, "role that decides")
_CONSULTED = _one_of(CONSULTED_ROLES, "role that can be consulted")
_SIGNER = _one_of(ROLES, "role")
_RUNG = _one_of(RUNGS, "formal response")

_TIMER_CHECKS: Mapping[str, Check] = {
    field.name: _many(_whole(1)) if field.name == "review_reminders" else _whole(1) for field in fields(Timers)
}
_TIMER_TRUTHS: tuple[tuple[str, Callable[[Timers], bool], str], ...] = (
    (
        "provisional_alert_days",
        lambda t: t.provisional_alert_days < t.provisional_max_days,
        "must be less than provisional_max_days, or the alert comes after the ban has lapsed",
    ),
    (
        "review_reminders",
        lambda t: list(t.review_reminders) == sorted(t.review_reminders, reverse=True),
        "must run from the earliest reminder to the last",
    ),
    (
        "plan_review_months",
        lambda t: t.plan_review_months <= t.plan_max_months,
        "must not be more than plan_max_months, or a plan ends before its review",
    ),
    (
        "representations_business_days",
        lambda t: t.representations_business_days * 7 <= t.provisional_max_days * 5,
        "must fit into provisional_max_days (five a week), or a ban lapses before the person is heard",
    ),
)

_SECTIONS: Mapping[str, Check] = {
    "policy": _table(
        {
            "title": _text,
            "version": _text,
            "dates": _text_or_empty,
            "school": _text_or_empty,
            "trust": _text_or_empty,
            "police_force": _text_or_empty,
            "school_app": _text_or_empty,
            "also_above": _text_or_empty,
            "titles": _table(dict.fromkeys(DECIDING_ROLES, _text), lambda **titles: MappingProxyType(titles)),
        }
    ),
    "reach": _table(
        {
            "binds": _many(_text),
            "where": _many(_text),
            "agreement_asked": _yes_or_no,
            "linked_policies": _many(_text, 0),
            "concern_route": _many(_text),
            "reply_promise": _text_or_empty,
            "recording_rule": _text,
        }
    ),
    "code": _table(
        {
            "clauses": _many(_clause_id),
            "common": _many(_clause_id),
            "significant_clauses": _many(_clause_id, 0),
            "own_clauses": _many(_own_clause, 0),
        }
    ),
    "ladder": _table({"levels": _many(_many(_RUNG)), "proportion": _text, "skipping": _text}),
    "decision": _table(
        {
            "decider": _DECIDER,
            "decides": _text,
            "consult_ban": _many(_CONSULTED, 0),
            "consult_other": _many(_CONSULTED, 0),
            "confirmers": _many(_CONFIRMER),
            "significant_reports": _many(_CONSULTED, 0),
            "first_ban_limit_days": _none_if_zero,
            "ban_review": _text,
            "signers": _many(_SIGNER),
            "signing_exceptions": _many(
                _table(
                    {"letters": _many(_one_of(LETTER_KINDS, "kind of letter")), "roles": _many(_SIGNER)}, SigningRule
                ),
                0,
            ),
        }
    ),
}
_PACK_SHAPE = _table(
    {
        **_SECTIONS,
        "timers": _table(_TIMER_CHECKS, Timers),
        "practice": _many(_table({"about": _one_of(PRACTICE_LABELS, "response"), "text": _text}, Practice)),
        "flowchart": _many(
            _table({"when": _text, "then": _text, "lit_by": _many(_one_of(FLOW_LABELS, "mark of a case"))}, FlowStep)
        ),
        "special_rules": _many(_table({"text": _text, "clauses": _many(_clause_id, 0)}, SpecialRule), 0),
        "contact": _many(
            _table(
                {
                    "method": _one_of(CONTACT_METHODS, "way to contact a school"),
                    "serves": _many(_one_of(CONTACT_PURPOSES, "purpose of contact")),
                },
                ContactWay,
            )
        ),
    }
)


def _stray(found: Iterable[str], allowed: Iterable[str], reason: str) -> str:
    """The reason, with what is found but not allowed put in its braces; nothing when there is none."""
    stray = sorted(set(found) - set(allowed))
    return reason.format(", ".join(stray)) if stray else ""


def _twice(names: Iterable[str]) -> str:
    listed = list(names)
    return _stray((n for n in listed if listed.count(n) > 1), (), "names {} more than once")


def _unoffered(made: Pack, found: Iterable[str]) -> str:
    return _stray(set(found) & set(RUNGS), made.rungs, "names {}, which the ladder does not have")


def _banless(made: Pack, setting: object) -> str:
    return "is about a ban, which the ladder does not have" if setting and not made.offers(SITE_BAN) else ""


def _unsigned(made: Pack) -> str:
    """Whoever confirms, varies or does not confirm a ban signs the letter that says so."""
    signed = [set(made.signers_of(kind)) for kind in CONFIRMATION_LETTERS]
    return _stray(made.confirmers, set.intersection(*signed), "{} may not sign a confirmation")


def _unreported(made: Pack) -> str:
    lost = made.significant_clauses and not made.significant_reports
    return "names nobody, though some clauses are always significant" if lost else ""


_NOT_HELD = "which the pack does not hold"
# What must hold between several keys: where it is said to be wrong, and the reason (empty when all is well).
_PACK_TRUTHS: tuple[tuple[str, Callable[[Pack], str]], ...] = (
    ("code.clauses", lambda p: _stray(EVERY_PACK_HOLDS, p.clauses, "lacks {}, which every pack holds")),
    (
        "code.common",
        lambda p: _stray(p.common, (c.id for c in p.clause_list()), "holds {}, no unacceptable conduct here"),
    ),
    ("code.significant_clauses", lambda p: _stray(p.significant_clauses, p.clauses, "names {}, " + _NOT_HELD)),
    ("code.own_clauses", lambda p: _twice(c.id for c in p.own_clauses)),
    ("ladder.levels", lambda p: _twice(p.rungs)),
    ("decision.first_ban_limit_days", lambda p: _banless(p, p.first_ban_limit_days)),
    ("decision.consult_ban", lambda p: _banless(p, p.consult_ban)),
    ("decision.significant_reports", lambda p: _unreported(p)),
    ("decision.signers", lambda p: _stray((p.decider,), p.signers, "leaves out {}, who decides")),
    ("decision.signing_exceptions", lambda p: _twice(kind for rule in p.signing_exceptions for kind in rule.letters)),
    ("decision.confirmers", lambda p: _unsigned(p)),
    ("practice", lambda p: _twice(entry.about for entry in p.practice)),
    ("practice", lambda p: _unoffered(p, (entry.about for entry in p.practice))),
    ("flowchart", lambda p: _unoffered(p, (mark for step in p.flowchart for mark in step.lit_by))),
    (
        "special_rules",
        lambda p: _stray((i for rule in p.special_rules for i in rule.clauses), p.clauses, "names {}, " + _NOT_HELD),
    ),
    ("contact", lambda p: _twice(way.method for way in p.contact)),
)

_CLAUSE_SHAPE: Mapping[str, Check] = {
    "id": _text,
    "kind": _one_of(KINDS, "kind of clause"),
    "group": _text,
    "wording": _text,
    "usual_severity": _one_of(("", *SEVERITIES), "severity"),
    "routes": lambda value: _many(_one_of(ROUTES, "route"), 0)(value.split(";") if value else []),
}
