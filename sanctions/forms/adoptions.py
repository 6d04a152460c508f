"""The forms on which a trust adopts a policy for a school, or adjusts the one it has: names, timers, own clauses.

Each makes the whole content of the next version. What cannot be is refused by the checks of the pack itself, and said at
the field that it is about.
"""

import copy
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conduct import code
from conduct.code import KINDS, RESPONSE_LABELS, ROUTES, Clause, Pack, PackError, Timers
from conduct.models import Adoption
from conduct.policy_words import TIMERS, timer_words
from incidents.models import SEVERITY_LABELS
from sanctions.forms.deeds import day, one_of, several, words

FARTHEST = timedelta(days=3 * 366)
LONGEST = 999  # days or months: more is a slip of the keyboard
ANOTHER = ""  # the choice of a group that is on no list
KIND_LABELS = {"unacceptable": "Not acceptable", "expectation": "Expected"}


class VersionForm(forms.Form):
    """A new version from a day on. `content` makes its tables of those of the version before."""

    places: dict[str, str] = {}  # where a key of the pack is set on this form

    def __init__(self, *args: Any, last: Adoption, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.last, self.today = last, today
        self.pack_key, self.made = last.pack_key, {}
        self.pack: Pack | None = None
        hint = "Incidents that happen from that day on are judged by it. It starts at midnight."
        if last.starts_on > today:
            hint = f"Version {last.version} is still to come: the same day replaces it. " + hint
        initial = max(last.starts_on, today + timedelta(days=1))
        self.fields["starts_on"] = day("In force from", hint, required=True)
        self.fields["starts_on"].initial = initial
        self.fields["follows"] = forms.IntegerField(widget=forms.HiddenInput(), initial=last.version, required=False)

    def clean_starts_on(self) -> date:
        starts: date = self.cleaned_data["starts_on"]
        if starts < self.today:
            raise ValidationError("This day is past. A policy starts today or later.")
        if starts - self.today > FARTHEST:
            raise ValidationError("That is more than three years away: check the year.")
        return starts

    def content(self, told: dict[str, Any]) -> dict[str, Any]:
        """The tables of the version as this form makes them."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self.made = self.content(told)
            try:
                self.pack = code.build_pack(self.pack_key, self.made, file="this version")
            except PackError as wrong:
                self.add_error(self.place_of(wrong.key), said(wrong.reason))
        return told

    def place_of(self, key: str) -> str | None:
        """The field at which a key of the pack is set; none: the form as a whole."""
        found = (
            field for place, field in self.places.items() if key == place or key.startswith((f"{place}.", f"{place}["))
        )
        return next(found, None)

    def told(self) -> dict[str, Any]:
        """The answers as the verb takes them."""
        return {
            "starts_on": self.cleaned_data["starts_on"],
            "follows": self.cleaned_data["follows"],
            "pack_key": self.pack_key,
            "content": self.made,
        }


def said(reason: str) -> str:
    """A reason as a form says it: timers by what they are called there."""
    for name, timer in TIMERS.items():
        reason = reason.replace(name, f"“{timer.label}”")
    return f"This {reason}." if reason.startswith(("must ", "is ", "are ")) else f"{reason[:1].upper()}{reason[1:]}."


def one_line(label: str, hint: str = "", *, required: bool = True, longest: int = 120) -> forms.CharField:
    error = {"required": "Write something here."}
    return forms.CharField(label=label, help_text=hint, required=required, max_length=longest, error_messages=error)


# -- another policy -----------------------------------------------------------------------------------------------


def pack_choices() -> list[tuple[str, str]]:
    """Every policy that is shipped, by its title and the school it comes from."""
    return [
        (key, f"{pack.title}, {pack.school or 'the combined code'}, version {pack.version}")
        for key, pack in code.packs().items()
    ]


class AdoptForm(VersionForm):
    """Another policy, as it is shipped."""

    pack_key = one_of("Which policy?", [])
    keep_own = forms.BooleanField(
        label="Keep the school’s own clauses",
        required=False,
        initial=True,
        help_text="What they may lead to follows the ladder of the new policy.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["pack_key"].choices = pack_choices()  # type: ignore[attr-defined]
        if not self.last.pack.own_clauses:
            del self.fields["keep_own"]

    def content(self, told: dict[str, Any]) -> dict[str, Any]:
        self.pack_key = told["pack_key"]
        tables = code.shipped(self.pack_key)
        if told.get("keep_own"):
            tables["code"]["own_clauses"] = copy.deepcopy(self.last.content["code"]["own_clauses"])
        return tables


# -- names --------------------------------------------------------------------------------------------------------


class NamesForm(VersionForm):
    """What the policy, and those who hold an office, are called."""

    title = one_line("Title of the policy", "As letters quote it.")
    version = one_line("Version of the policy", "As letters quote it: “October 2023”.", longest=60)
    head = one_line("What the head is called", "On screens and in letters: headteacher, school leader, Head of School.")
    chair = one_line("What the chair is called", "Chair of Governors, Chair of the Local Academy Board.")
    trust = one_line("What stands above the chair", "The trust, by the name that people know.")
    also_above = one_line(
        "Who else stands above the chair", "Local Authority. Empty: nobody but the trust.", required=False
    )
    police_force = one_line("Police force", required=False)
    school_app = one_line("School app", "ClassDojo, Arbor App. Empty: the school has none.", required=False)
    concern_route = words("Where a concern goes", "One step a line, the first one first.")
    reply_promise = one_line(
        "When staff reply", "“Within 48 hours, not counting weekends.” Empty: nothing is promised.",
        required=False, longest=300,
    )  # fmt: skip
    TITLES = ("head", "chair", "trust")
    POLICY = ("title", "version", "police_force", "school_app", "also_above")
    places = {
        **{f"policy.{name}": name for name in POLICY},
        **{f"policy.titles.{name}": name for name in TITLES},
        **{f"reach.{name}": name for name in ("concern_route", "reply_promise")},
    }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        pack = self.last.pack
        for name in (*self.POLICY, "reply_promise"):
            self.fields[name].initial = getattr(pack, name)
        for name in self.TITLES:
            self.fields[name].initial = pack.title_of(name)
        self.fields["concern_route"].initial = "\n".join(pack.concern_route)
        self.order_fields([*(n for n in self.fields if n not in {"starts_on", "follows"}), "starts_on", "follows"])

    def content(self, told: dict[str, Any]) -> dict[str, Any]:
        tables = copy.deepcopy(self.last.content)
        policy, reach = tables["policy"], tables["reach"]
        policy |= {name: told[name] for name in self.POLICY}
        policy["titles"] = {name: told[name] for name in self.TITLES}
        reach["concern_route"] = [" ".join(line.split()) for line in told["concern_route"].splitlines() if line.strip()]
        reach["reply_promise"] = told["reply_promise"]
        return tables


# -- timers -------------------------------------------------------------------------------------------------------


class TimersForm(VersionForm):
    """Every number of days or months, each with what it means and what is shipped."""

    places = {f"timers.{field.name}": field.name for field in fields(Timers)}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        usual = code.pack(self.last.pack_key).timers if self.last.pack_key in code.pack_keys() else Timers()
        for name, timer in TIMERS.items():
            value = getattr(self.last.pack.timers, name)
            hint = f"{timer.meaning} Usual: {timer_words(usual, name)}."
            label = f"{timer.label} ({timer.unit})"
            if isinstance(value, tuple):
                self.fields[name] = one_line(label, hint, longest=60)
                self.fields[name].initial = ", ".join(map(str, value))
            else:
                self.fields[name] = number(label, hint, value)
        self.order_fields([*TIMERS, "starts_on", "follows"])

    def clean_review_reminders(self) -> list[int]:
        """Numbers with commas between them."""
        parts = [part.strip() for part in self.cleaned_data["review_reminders"].split(",") if part.strip()]
        if not parts or not all(part.isascii() and part.isdigit() and int(part) <= LONGEST for part in parts):
            raise ValidationError("Write whole numbers with commas between them: 20, 10, 5, 1.")
        return [int(part) for part in parts]

    def content(self, told: dict[str, Any]) -> dict[str, Any]:
        tables = copy.deepcopy(self.last.content)
        tables["timers"] = {name: told[name] for name in TIMERS}
        return tables


def number(label: str, hint: str, value: int) -> forms.IntegerField:
    wrong = "Write a whole number from 1 to 999."
    return forms.IntegerField(
        label=label, help_text=hint, initial=value, min_value=1, max_value=LONGEST,
        error_messages={"required": wrong, "invalid": wrong, "min_value": wrong, "max_value": wrong},
    )  # fmt: skip


# -- clauses of the school's own ----------------------------------------------------------------------------------


def groups_of(pack: Pack) -> list[str]:
    """The groups of the policy's clauses, each once."""
    return list(dict.fromkeys(c.group for kind in KINDS for c in pack.clause_list(kind)))


class OwnClauseForm(VersionForm):
    """A clause of the school's own: a new one, or one that is worded anew. What it is about stays what it was."""

    kind = one_of("What is it?", list(KIND_LABELS.items()))
    wording = forms.CharField(
        label="The clause",
        help_text="In the words in which letters quote it: “Flying a drone over the playground”.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write something here."},
    )
    group = forms.ChoiceField(label="Under which heading?", required=False)
    new_group = one_line("Or a new heading", required=False, longest=60)
    usual_severity = one_of(
        "How serious is it usually?", SEVERITY_LABELS, "For what is not acceptable. Whoever logs may raise it.",
        required=False,
    )  # fmt: skip
    routes = several(
        "What may it lead to?",
        [(route, RESPONSE_LABELS[response]) for route, response in ROUTES.items()],
        "Legal advice opens a task. The others are suggested as far as the policy’s ladder has them.",
    )
    NAMES = ("kind", "wording", "group", "new_group", "usual_severity", "routes")
    places = {"code.own_clauses": "wording"}

    def __init__(self, *args: Any, clause_id: str, clause: Clause | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.clause_id, self.clause = clause_id, clause
        listed = [(group, group) for group in groups_of(self.last.pack)]
        self.fields["group"].choices = [(ANOTHER, "Choose one, or name a new one below"), *listed]  # type: ignore[attr-defined]
        if clause is not None:
            del self.fields["kind"]
            for name in ("wording", "group", "usual_severity"):
                self.fields[name].initial = getattr(clause, name)
            self.fields["routes"].initial = list(clause.routes)
            if clause.kind == "expectation":
                del self.fields["usual_severity"], self.fields["routes"]
        self.order_fields([*self.NAMES, "starts_on", "follows"])

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["kind"] = kind = self.clause.kind if self.clause else self.cleaned_data.get("kind")
        if (
            not self.cleaned_data.get("group")
            and not self.cleaned_data.get("new_group")
            and "new_group" not in self.errors
        ):
            self.add_error("new_group", "Choose a heading, or name a new one.")
        if (
            kind == "unacceptable"
            and not self.cleaned_data.get("usual_severity")
            and "usual_severity" not in self.errors
        ):
            self.add_error("usual_severity", "Say how serious it usually is.")
        return super().clean()

    def content(self, told: dict[str, Any]) -> dict[str, Any]:
        unacceptable = told["kind"] == "unacceptable"
        row = {
            "id": self.clause_id,
            "kind": told["kind"],
            "group": told.get("new_group") or told["group"],
            "wording": " ".join(told["wording"].split()),
            "usual_severity": told["usual_severity"] if unacceptable else "",
            "routes": told["routes"] if unacceptable else [],
        }
        tables = copy.deepcopy(self.last.content)
        others = [c for c in tables["code"]["own_clauses"] if c["id"] != self.clause_id]
        tables["code"]["own_clauses"] = sorted([*others, row], key=lambda c: str(c["id"]))
        return tables


class RemoveClauseForm(VersionForm):
    """The next version goes without a clause of the school's own."""

    def __init__(self, *args: Any, clause_id: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.clause_id = clause_id

    def content(self, told: dict[str, Any]) -> dict[str, Any]:
        tables = copy.deepcopy(self.last.content)
        tables["code"]["own_clauses"] = [c for c in tables["code"]["own_clauses"] if c["id"] != self.clause_id]
        return tables
