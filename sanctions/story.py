"""A rehearsal story as written: read from YAML, with file, line and field for whatever is wrong with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from conduct import code
from conduct.calendar import LONDON, Closure
from conduct.roles import Role

KEYS = {"story", "pack", "people", "staff", "steps", "closures"}
PERSON_KEYS = {"relation", "name", "description", "address", "email", "phone", "pupils"}
RELATIONS = {"parent", "carer", "relative", "visitor", "other"}
# verb: the fields it must have, and those it may have
VERBS: dict[str, tuple[set[str], set[str]]] = {
    "log_incident": (
        {"as", "subject", "clauses", "place", "narrative"},
        {
            "occurred_at",
            "severity",
            "danger",
            "within_exception",
            "harmed",
            "witnesses",
            "ended_interaction",
            "asked_to_leave",
        },
    ),
    "reclassify": ({"incident", "severity", "reason"}, set()),
    "record_account": ({"incident", "of"}, {"text", "attempted"}),
    "find": ({"incident", "upheld"}, {"reason"}),
    "refer": ({"subject", "to"}, {"as", "reference", "not_because"}),
    "propose": ({"as", "subject", "response"}, {"opening", "severity_reason", "lesser_options"}),
    "consult": ({"measure", "with", "how", "view"}, set()),
    "decide": ({"measure", "outcome"}, {"reason", "terms", "equality"}),
    "sign_off": ({"measure", "until"}, set()),
    "issue_letter": ({"measure", "kind", "method", "signed_by"}, {"as", "text", "sent_at", "supersedes"}),
    "tell": ({"measure", "how"}, set()),
    "represent": ({"measure"}, {"text", "complete", "none_received"}),
    "answer": ({"measure", "text"}, set()),
    "confirm": ({"measure", "reasons"}, {"terms", "equality"}),
    "vary": ({"measure", "reasons"}, {"terms", "equality"}),
    "not_confirm": ({"measure", "reasons"}, {"terms", "equality"}),
    "review": ({"measure", "outcome"}, {"reasons", "terms", "equality"}),
    "withdraw": ({"measure", "reasons"}, set()),
    "hold_meeting": ({"measure", "outcome"}, {"notes", "mediation"}),
    "log_contact": ({"measure", "method"}, {"text"}),
    "complete_task": ({"subject", "task"}, {"note"}),
    "close_case": ({"subject", "reason"}, set()),
    "tick": (set(), set()),
    "expect": (set(), {"measure", "gate", "open_tasks", "suggests", "letters", "case", "figures"}),
}
NOBODY_DOES = {"tick", "expect"}
TERMS = {
    "starts", "ends", "review_on", "latest_decision_on", "scope", "exceptions", "contact", "closes", "handover",
    "when", "where", "attends", "run_out", "cap", "reply_days",
}  # fmt: skip
MEASURE_CHECKS = {"state", "in_force", "representations_until", "decision_by", "ends", "review_on"}
CHOICES: dict[str, set[str]] = {
    "place": {"site", "telephone", "email", "letter", "message", "social_media", "other"},
    "severity": set(code.SEVERITIES),
    "of": {"staff", "witness", "subject"},
    "to": {"police", "trust", "legal", "local_authority"},
    "opening": {"provisional", "intent"},
    "method": {"post", "hand", "email"},
    "response": set(code.RUNGS) | set(code.SIDE_BRANCHES),
    "kind": set(code.LETTER_KINDS),
}
OUTCOMES = {
    "decide": {"approve", "decline"},
    "review": {"lift", "keep", "extend", "vary", "end"},
    "hold_meeting": {"held", "missed", "turned_down"},
}
FLAGS = {"danger", "within_exception", "ended_interaction", "asked_to_leave", "complete", "none_received", "mediation"}
DAYS = {"starts", "ends", "review_on", "latest_decision_on", "until"}
WORDS = {
    "text",
    "reason",
    "reasons",
    "narrative",
    "view",
    "how",
    "note",
    "notes",
    "equality",
    "attempted",
    "not_because",
}
NEVER_BLANK = {"text", "narrative", "view", "how", "attempted", "not_because"}  # no rule would miss them
TASKS = {
    "police", "legal", "trust_notice", "chair_notice", "repeat_review", "decision_due", "decision_overdue",
    "provisional_alert", "review_due", "review_overdue", "plan_review",
}  # fmt: skip
LONGEST_METHOD = 40
LISTS = {"clauses", "upheld", "harmed", "witnesses"}
REFERS_TO = {"incident": "incident", "measure": "measure", "supersedes": "letter"}
MAKES = {"log_incident": "incident", "propose": "measure", "issue_letter": "letter", "refer": "referral"}


class Unreadable(Exception):
    """A story that fails its shape: file, line, field and what is wrong with it."""

    def __init__(self, file: str, line: int, field: str, reason: str) -> None:
        super().__init__(f"{file}: line {line}: {field}: {reason}")
        self.line, self.field, self.reason = line, field, reason


class Mapped(dict[str, Any]):
    """A mapping that remembers on which line it and each of its keys stand."""

    line: int = 0
    lines: Mapping[str, int] = {}


class Loader(yaml.SafeLoader):
    """YAML's safe loader, with line numbers and without a key given twice."""


def _mapped(loader: Loader, node: yaml.MappingNode) -> Iterable[Mapped]:
    made = Mapped()
    yield made
    written: set[str] = set()
    for key_node, _ in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key is no text", key_node.start_mark)
        if key_node.value in written:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key_node.value} stands here twice", key_node.start_mark
            )
        written.add(str(key_node.value))
    loader.flatten_mapping(node)  # takes in what `<<` names; what is written here itself comes after it, and holds
    lines = {}
    for key_node, value_node in node.value:
        key = str(loader.construct_object(key_node, deep=True))
        made[key] = loader.construct_object(value_node, deep=True)
        lines[key] = key_node.start_mark.line + 1
    made.line, made.lines = node.start_mark.line + 1, lines


Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapped)


@dataclass(frozen=True)
class StoryStep:
    """One step: when, by whom, what, and which rules are expected to refuse it."""

    n: int
    at: datetime
    by: str
    verb: str
    fields: Mapped
    refused: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True)
class Story:
    """A story whose shape is sound."""

    name: str
    pack: str
    closures: tuple[Closure, ...]
    people: Mapping[str, Mapped]
    staff: Mapping[str, tuple[Role, ...]]
    steps: tuple[StoryStep, ...]


def read(path: str | Path) -> Story:
    """The story in a file. Raises Unreadable."""
    file = str(path)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(file, 0, "file", getattr(error, "strerror", None) or "is not text in UTF-8") from error
    return parse(text, file)


def parse(text: str, file: str) -> Story:
    """The story in a text. Raises Unreadable."""
    try:
        data = yaml.load(text, Loader)  # noqa: S506 (a safe loader, above)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise Unreadable(file, line, "YAML", error.problem or "cannot be read") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unreadable(file, 0, "YAML", str(error).split("\n")[0]) from error
    if not isinstance(data, Mapped):
        raise Unreadable(file, 1, "story", "the file is no mapping")
    return Reader(file).story(data)


def one_of(value: object, allowed: Iterable[str]) -> bool:
    """Whether a value is a text, and one of those allowed."""
    return isinstance(value, str) and value in allowed


class Reader:
    """Checks a story's shape, part by part."""

    def __init__(self, file: str) -> None:
        self.file = file

    def fail(self, where: Mapped, field: str, reason: str) -> Unreadable:
        return Unreadable(self.file, where.lines.get(field, where.line), field, reason)

    def known(self, where: Mapped, may: set[str], must: Iterable[str] = ()) -> None:
        for key in where:
            if key not in may:
                raise self.fail(where, key, "is not known here")
        for key in sorted(must):
            if key not in where:
                raise self.fail(where, key, "is missing")

    def mapping(self, where: Mapped, field: str) -> Mapped:
        value = where.get(field)
        if value is None:
            return Mapped()
        if not isinstance(value, Mapped):
            raise self.fail(where, field, "is no mapping")
        return value

    def text(self, where: Mapped, field: str) -> str:
        """A text, kept as one: a number as it is written. No half characters and no NUL, which no database takes."""
        value = where[field]
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise self.fail(where, field, "is no text")
        try:
            text = str(value)
        except ValueError as error:  # a number of thousands of digits
            raise self.fail(where, field, "is no text") from error
        if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
            raise self.fail(where, field, "holds a character that is none")
        where[field] = text
        return text

    def listed(self, where: Mapped, field: str) -> list[str]:
        value = where.get(field) or []
        if not isinstance(value, list) or any(not isinstance(v, str) for v in value):
            raise self.fail(where, field, "is no list of texts")
        return value

    def day(self, where: Mapped, field: str) -> date | None:
        value = where.get(field)
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                value = ...
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        raise self.fail(where, field, "is no date such as 2026-03-02")

    def moment(self, where: Mapped, field: str) -> datetime:
        value = where[field]
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                value = None
        if not isinstance(value, datetime) or value.tzinfo is not None:
            raise self.fail(where, field, "is no local time such as 2026-03-02 08:50")
        return value.replace(tzinfo=LONDON, fold=0)

    def story(self, data: Mapped) -> Story:
        self.known(data, KEYS, {"story", "pack", "people", "staff", "steps"})
        if not one_of(data["pack"], code.packs()):
            raise self.fail(data, "pack", "there is no such pack")
        people, staff = self.people(data), self.staff(data)
        if not isinstance(data["steps"], list):
            raise self.fail(data, "steps", "is no list")
        steps = Steps(self, data["pack"], people, staff).read(data)
        return Story(self.text(data, "story"), data["pack"], self.closures(data), people, staff, steps)

    def closures(self, data: Mapped) -> tuple[Closure, ...]:
        found = []
        for interval in self.listed(data, "closures"):
            try:
                first, last = (date.fromisoformat(part) for part in interval.split("/"))
                found.append(Closure(first, last))
            except ValueError as error:
                raise self.fail(data, "closures", f"{interval} is no interval such as 2026-02-16/2026-02-20") from error
        return tuple(found)

    def people(self, data: Mapped) -> Mapping[str, Mapped]:
        people = self.mapping(data, "people")
        for key in people:
            person = self.mapping(people, key)
            self.known(person, PERSON_KEYS, {"relation"})
            if not one_of(person["relation"], RELATIONS):
                raise self.fail(person, "relation", f"is one of {', '.join(sorted(RELATIONS))}")
            self.listed(person, "pupils")
            for field in (PERSON_KEYS - {"pupils", "relation"}) & set(person):
                if not self.text(person, field).strip():
                    raise self.fail(person, field, "is empty")
            if len(set(person.get("pupils") or [])) < len(person.get("pupils") or []):
                raise self.fail(person, "pupils", "names a pupil twice")
        return people

    def staff(self, data: Mapped) -> Mapping[str, tuple[Role, ...]]:
        staff = self.mapping(data, "staff")
        held = {}
        for key in staff:
            roles = self.listed(staff, key)
            strange = [r for r in roles if r not in set(Role)]
            if strange:
                raise self.fail(staff, key, f"{strange[0]} is no role")
            held[key] = tuple(Role(r) for r in roles)
        return held


class Steps:
    """Checks the steps, and what earlier ones made that later ones name."""

    def __init__(
        self, reader: Reader, pack: str, people: Mapping[str, Mapped], staff: Mapping[str, tuple[Role, ...]]
    ) -> None:
        self.reader, self.pack, self.people, self.staff = reader, pack, people, staff
        self.made: dict[str, str] = {}
        self.last: datetime | None = None

    def read(self, data: Mapped) -> tuple[StoryStep, ...]:
        found = []
        for n, step in enumerate(data["steps"], 1):
            if not isinstance(step, Mapped):
                raise self.reader.fail(data, "steps", f"step {n} is no mapping")
            found.append(self.step(n, step))
        return tuple(found)

    def step(self, n: int, step: Mapped) -> StoryStep:
        r = self.reader
        verbs = [key for key in step if key not in {"at", "by", "refused"}]
        for verb in verbs:
            if verb not in VERBS:
                raise r.fail(step, verb, "is no verb")
        if len(verbs) != 1:
            raise r.fail(step, verbs[1] if verbs else "at", "a step has exactly one verb")
        verb = verbs[0]
        by = self.actor(step, verb)
        fields = step[verb] if isinstance(step[verb], Mapped) else None
        if fields is None:
            raise r.fail(step, verb, "is no mapping")
        if "at" not in step:
            raise r.fail(step, "at", "is missing")
        at = r.moment(step, "at")
        if self.last is not None and at < self.last:
            raise r.fail(step, "at", "is before the step above")
        self.last = at
        self.fields(verb, fields)
        refused = tuple(sorted(r.listed(step, "refused")))
        if "as" in fields:
            self.made[r.text(fields, "as")] = MAKES[verb]
        return StoryStep(n, at, by, verb, fields, refused, step.line)

    def actor(self, step: Mapped, verb: str) -> str:
        if verb in NOBODY_DOES:
            if "by" in step:
                raise self.reader.fail(step, "by", f"nobody does {verb}")
            return ""
        if "by" not in step:
            raise self.reader.fail(step, "by", "is missing")
        if not one_of(step["by"], self.staff):
            raise self.reader.fail(step, "by", "is no key of staff")
        return str(step["by"])

    def fields(self, verb: str, fields: Mapped) -> None:
        r, (must, may) = self.reader, VERBS[verb]
        r.known(fields, must | may, must)
        if verb == "expect":
            Expectations(self).check(fields)
            return
        for name in fields:
            self.value(verb, fields, name)
        self.together(verb, fields)

    def value(self, verb: str, fields: Mapped, name: str) -> None:
        r, value = self.reader, fields[name]
        allowed = OUTCOMES[verb] if name == "outcome" else CHOICES.get(name)
        if (verb, name) == ("log_contact", "method"):  # any way to get in touch, allowed by the plan or not
            allowed = None
            if not 0 < len(r.text(fields, name).strip()) <= LONGEST_METHOD:
                raise r.fail(fields, name, f"is empty, or longer than {LONGEST_METHOD} characters")
        if allowed is not None and not one_of(value, allowed):
            raise r.fail(fields, name, f"is one of {', '.join(sorted(allowed))}")
        if name == "subject" and not one_of(value, self.people):
            raise r.fail(fields, name, "is no key of people")
        if name in {"with", "signed_by"} and not one_of(value, self.staff):
            raise r.fail(fields, name, "is no key of staff")
        if name in FLAGS and not isinstance(value, bool):
            raise r.fail(fields, name, "is true or false")
        if name in DAYS and r.day(fields, name) is None:
            raise r.fail(fields, name, "is missing")
        if name in {"sent_at", "occurred_at"}:
            r.moment(fields, name)
        if name in LISTS:
            self.listed(fields, name)
        if name == "clauses" and not value:
            raise r.fail(fields, name, "is empty")
        if name == "task" and not one_of(value, TASKS):
            raise r.fail(fields, name, f"is one of {', '.join(sorted(TASKS))}")
        if name in REFERS_TO and self.made.get(str(value)) not in self.may_be(verb, name):
            raise r.fail(fields, name, f"no earlier step made {value!r}")
        if name == "terms":
            self.terms(fields)
        if name in WORDS and not r.text(fields, name).strip() and name in NEVER_BLANK and verb != "issue_letter":
            raise r.fail(fields, name, "is empty")

    def may_be(self, verb: str, name: str) -> set[str]:
        """A letter is issued about a measure, or about a referral."""
        return {"measure", "referral"} if (verb, name) == ("issue_letter", "measure") else {REFERS_TO[name]}

    def listed(self, fields: Mapped, name: str) -> None:
        r = self.reader
        if fields[name] is None:
            raise r.fail(fields, name, "is no list of texts")
        for value in r.listed(fields, name):
            if name in {"clauses", "upheld"} and value not in code.clauses():
                raise r.fail(fields, name, f"{value} is no clause")
            if name == "harmed" and value not in self.staff:
                raise r.fail(fields, name, f"{value} is no key of staff")

    def terms(self, fields: Mapped) -> None:
        r = self.reader
        terms = r.mapping(fields, "terms")
        r.known(terms, TERMS)
        for name in DAYS & set(terms):
            r.day(terms, name)
        if "cap" in terms:
            r.text(terms, "cap")
        days = terms.get("reply_days")
        if days is not None and (not isinstance(days, int) or isinstance(days, bool) or not 0 < days < 100):
            raise r.fail(terms, "reply_days", "is no number of days")
        contact = r.mapping(terms, "contact")
        r.known(contact, {"who", "methods"})
        r.listed(contact, "methods")
        r.listed(terms, "closes")
        pupils = {p for person in self.people.values() for p in person.get("pupils") or []}
        handover = r.mapping(terms, "handover")
        for pupil in handover:
            if pupil not in pupils:
                raise r.fail(handover, pupil, "is no pupil of these people")
            r.text(handover, pupil)

    def together(self, verb: str, fields: Mapped) -> None:
        """Fields of which exactly one must be there."""
        either = {
            "record_account": ("text", "attempted"),
            "represent": ("text", "none_received"),
            "refer": ("reference", "not_because"),
        }.get(verb)
        if either and sum(1 for name in either if fields.get(name)) != 1:
            raise self.reader.fail(fields, either[0], f"give {either[0]} or {either[1]}, one of them")
        if verb == "record_account" and "attempted" in fields and fields["of"] != "subject":
            raise self.reader.fail(fields, "attempted", "is said of the subject alone")
        if verb == "refer" and "not_because" in fields and fields["to"] != "police":
            raise self.reader.fail(fields, "not_because", "is said of the police alone")
        if verb == "propose" and fields["response"] == "site_ban" and "opening" not in fields:
            raise self.reader.fail(
                fields, "opening", "is missing: a ban is provisional, or opens with a notice of intent"
            )
        if verb == "find" and not fields["upheld"] and not fields.get("reason"):
            raise self.reader.fail(fields, "reason", "is missing: say why nothing is upheld")


class Expectations:
    """Checks the shape of what a story expects."""

    def __init__(self, steps: Steps) -> None:
        self.steps, self.reader = steps, steps.reader

    def check(self, fields: Mapped) -> None:
        r = self.reader
        measures = r.mapping(fields, "measure")
        for name in measures:
            if self.steps.made.get(name) != "measure":
                raise r.fail(measures, name, "no earlier step made this measure")
            r.known(r.mapping(measures, name), MEASURE_CHECKS)
            for field in MEASURE_CHECKS - {"state", "in_force"}:
                r.day(measures[name], field)
        for check in ("gate", "open_tasks", "suggests", "letters", "case"):
            for key in r.mapping(fields, check):
                if key not in self.steps.people:
                    raise r.fail(fields[check], key, "is no key of people")
        r.known(r.mapping(fields, "figures"), {"incidents", "bans_in_force"})
