"""The forms of a plan, a block or a notice: its terms, the contacts under it; and how a side branch went on."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from conduct.calendar import words as words_of
from conduct.code import CONTACT_METHODS, CONTACT_PURPOSES, Pack
from conduct.models import Person
from conduct.roles import Role
from sanctions import caps
from sanctions.dates import TermsFacts
from sanctions.forms.deeds import day, line, one_of, several, words
from sanctions.models import CLOSABLE, METHODS

ONE_WAY = {"school_letter", "website"}  # the school speaks there, nobody is answered: no plan need allow it
LIMIT_DAYS = {
    "starts": ("Applies from", "At the earliest from the issue of the letter."),
    "ends": ("Last day", "At most six months after the start."),
    "review_on": ("Review on", "Before the last day, within three months."),
}
CLOSED_WAYS = {
    "telephone": "telephone",
    "email": "email",
    "app": "app_message",
}  # what it closes: the way that it shuts
STAYS = (
    "Absence reporting, medical matters, emergencies, safeguarding, special needs, complaints and data requests "
    "always stay open."
)
CAP_OF = {
    "contact": "contacts of any kind",
    "email": "emails",
    "call": "calls",
    "message": "messages",
    "letter": "letters",
}


CAP = ("cap_most", "cap_of", "cap_per")
NO_LIMIT = "Counted from what is logged; going over it is shown, no more. Leave it empty for no limit."
ANSWERING = (Role.HEAD, Role.SENIOR, Role.OFFICE)


def lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def named(label: str, hint: str = "") -> forms.CharField:
    """A member of staff by name: one of those at the school, or anybody else."""
    field = line(label, hint, required=False)
    field.widget.attrs |= {"list": "staff-names", "autocomplete": "off"}
    return field


def number(label: str, hint: str = "", *, most: int) -> forms.IntegerField:
    wrong = dict.fromkeys(("invalid", "min_value", "max_value"), f"Write a number from 1 to {most}.")
    return forms.IntegerField(
        label=label, help_text=hint, required=False, min_value=1, max_value=most, error_messages=wrong
    )


def picked(label: str, choices: Iterable[tuple[str, str]]) -> forms.ChoiceField:
    """One of a few, from a list that opens."""
    return forms.ChoiceField(label=label, choices=[("", "–"), *choices], required=False)


class LimitForm(forms.Form):
    """A decision about a channel block or a vexatious notice, with its dates."""

    def __init__(self, *args: Any, person: Person, pack: Pack, on_review: bool, **kwargs: Any) -> None:
        """On review the reasons are asked for: the letter of its outcome has none of its own."""
        super().__init__(*args, **kwargs)
        self.person, self.pack = person, pack
        hint = (
            "They stand in the letter."
            if on_review
            else "They stand in the letter; left empty, it says why in general words."
        )
        self.fields["reasons"] = words("Reasons", hint, required=on_review)
        for name, (label, hint) in LIMIT_DAYS.items():
            self.fields[name] = day(label, hint)
        self.more()
        self.fields["closes"] = several("What it closes", CLOSABLE, STAYS)
        self.last()

    def more(self) -> None:
        """Fields between the dates and what it closes."""

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The form as it is laid out: the dates side by side, the others one below the other."""
        days = {"row": [self[name] for name in LIMIT_DAYS]}
        return [
            days if name == "starts" else {"field": self[name]}
            for name in self.fields
            if name not in {"ends", "review_on"}
        ]

    def last(self) -> None:
        """Fields after all others."""

    def terms(self) -> TermsFacts:
        """The terms as given, an invalid answer as none."""
        told = getattr(self, "cleaned_data", {})
        return TermsFacts(
            **{name: told.get(name) for name in LIMIT_DAYS},
            closes=tuple(told.get("closes") or ()),
            **self.further(told),
        )

    def further(self, told: dict[str, Any]) -> dict[str, Any]:
        return {}


class PlanForm(LimitForm):
    """A decision about a communication plan: how, for what and with whom, as a grid; its cap; each child's handover."""

    def more(self) -> None:
        hint = "Contact with whom, and about what. The gate list shows it: give no reasons here."
        self.fields["scope"] = words("What it covers", hint, required=False, rows=2)
        for purpose, methods in self.ways_offered().items():
            choices = [(m, CONTACT_METHODS[m]) for m in methods]
            self.fields[f"way_{purpose}"] = several(CONTACT_PURPOSES[purpose], choices)
            self.fields[f"staff_{purpose}"] = named(f"Who answers: {lower(CONTACT_PURPOSES[purpose])}")
        self.fields["deputy"] = named("Deputy", "Who answers when they are away.")
        self.fields["cap_most"] = number("At most", most=50)
        self.fields["cap_of"] = picked("Of what", CAP_OF.items())
        self.fields["cap_per"] = picked("In what time", [(p, f"a {p}") for p in caps.PERIODS])
        self.fields["reply_days"] = number("We answer within", "School days.", most=60)

    @property
    def parts(self) -> list[dict[str, Any]]:
        """As of a block; and the ways as a grid, the limit as a line of its own."""
        found: list[dict[str, Any]] = []
        for part in super().parts:
            name = part["field"].name if "field" in part else ""
            if name in self.in_grid or name in CAP:
                found += [{"grid": True}] if name == self.in_grid[0] else []
                found += (
                    [{"legend": "How often", "hint": NO_LIMIT, "row": [self[n] for n in CAP]}] if name == CAP[0] else []
                )
            else:
                found.append(part)
        return found

    @property
    def in_grid(self) -> list[str]:
        """The names of the fields that stand in the grid."""
        return [n for p in self.ways_offered() for n in (f"way_{p}", f"staff_{p}")]

    @property
    def staff_names(self) -> list[str]:
        """Who works at the school, to choose from while a name is typed."""
        held = self.person.school.memberships.filter(role__in=ANSWERING, user__is_active=True, ends_on=None)
        return sorted(set(held.values_list("user__name", flat=True)))

    def last(self) -> None:
        self.fields["closes"].label = "What is closed altogether"
        self.handovers = {f"handover_{p.pk}": p for p in self.person.every_pupil()}
        for name, pupil in self.handovers.items():
            self.fields[name] = words(f"How {pupil.name} is brought and collected", required=False, rows=2)
        self.fields["equality"] = words(
            "Disability, language and adjustments",
            "What you considered, and what came of it: “Asked in the letter; none raised.”",
            required=False,
            rows=2,
        )

    def ways_offered(self) -> dict[str, list[str]]:
        """For each purpose the methods that serve it under this policy."""
        found: dict[str, list[str]] = {}
        for purpose in CONTACT_PURPOSES:
            serving = [w.method for w in self.pack.contact if purpose in w.serves and w.method not in ONE_WAY]
            if serving:
                found[purpose] = serving
        return found

    @property
    def methods(self) -> list[str]:
        offered = {m for methods in self.ways_offered().values() for m in methods}
        return [m for m in CONTACT_METHODS if m in offered]

    @property
    def methods_named(self) -> list[str]:
        return [CONTACT_METHODS[m] for m in self.methods]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The grid, row by row."""
        return [
            {
                "purpose": CONTACT_PURPOSES[purpose],
                "cells": [self.cell(f"way_{purpose}", m, serving) for m in self.methods],
                "staff": self[f"staff_{purpose}"],
                "shown": self[f"staff_{purpose}"].as_widget(attrs=self.worn(f"staff_{purpose}")),
            }
            for purpose, serving in self.ways_offered().items()
        ]

    def worn(self, name: str) -> dict[str, str]:
        """What the box for a name wears: its label, as the table has none beside it."""
        wrong = " is-invalid" if self[name].errors else ""
        return {"class": f"form-control{wrong}", "aria-label": str(self[name].label), "list": "staff-names"}

    def cell(self, name: str, method: str, serving: list[str]) -> dict[str, Any]:
        shown: dict[str, Any] = {"method": CONTACT_METHODS[method]}
        if method in serving:
            n = serving.index(method)
            ticked = method in (self[name].value() or [])
            shown |= {"id": f"id_{name}_{n}", "name": self.add_prefix(name), "value": method, "ticked": ticked}
        return shown

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        for purpose in self.ways_offered():
            ticked, who = told.get(f"way_{purpose}"), told.get(f"staff_{purpose}")
            if ticked and not who:
                self.add_error(f"staff_{purpose}", "Name a member of staff, or take the ticks out.")
            if who and not ticked:
                self.add_error(f"staff_{purpose}", "Tick at least one way for this, or take the name out.")
        self.check_limit(told)
        self.check_closed(told)
        return told

    def check_limit(self, told: dict[str, Any]) -> None:
        """A limit is given whole, or not at all."""
        wanted = {"cap_most": "Give the number.", "cap_of": "Say of what.", "cap_per": "Say in what time."}
        missing = [name for name in wanted if not told.get(name) and name not in self.errors]
        for name in missing if len(missing) < len(wanted) else ():
            self.add_error(name, wanted[name])

    def check_closed(self, told: dict[str, Any]) -> None:
        """What the plan leaves open is not closed by it."""
        left_open = {method for purpose in self.ways_offered() for method in told.get(f"way_{purpose}") or ()}
        both = [dict(CLOSABLE)[c].lower() for c in told.get("closes") or () if CLOSED_WAYS.get(c) in left_open]
        if both:
            self.add_error(
                "closes", f"The plan leaves open, ticked above: {' and '.join(both)}. Choose one of the two."
            )

    def further(self, told: dict[str, Any]) -> dict[str, Any]:
        chosen = [
            (purpose, method, told.get(f"staff_{purpose}", ""))
            for purpose in self.ways_offered()
            for method in told.get(f"way_{purpose}") or ()
        ]
        ways = tuple(way for way in chosen if way[2])
        limit = told.get("cap_most"), told.get("cap_of"), told.get("cap_per")
        return {
            "scope": told.get("scope", ""),
            "ways": ways,
            "contact_who": ways[0][2] if ways else "",
            "contact_methods": tuple(dict.fromkeys(method for _, method, _ in ways)),
            "deputy": told.get("deputy", ""),
            "cap": caps.write(*limit) if all(limit) else "",
            "reply_days": told.get("reply_days"),
            "handover": tuple((p.pk, told[n]) for n, p in self.handovers.items() if told.get(n)),
        }


def initial_plan(terms: TermsFacts) -> dict[str, Any]:
    """The terms of a plan as the first values of a `PlanForm`."""
    found: dict[str, Any] = {"deputy": terms.deputy, "reply_days": terms.reply_days}
    for purpose, method, staff in terms.ways:
        found.setdefault(f"way_{purpose}", []).append(method)
        found[f"staff_{purpose}"] = staff
    cap = caps.read(terms.cap)
    if cap is not None:
        found |= {"cap_most": cap.most, "cap_of": caps.word_of(cap.method), "cap_per": cap.period}
    return found


class ContactForm(forms.Form):
    """Somebody got in touch under a plan."""

    method = one_of("How did they get in touch?", METHODS)
    on = day("On which day?", required=True)
    text = words("What was it about?", "A line is enough.", required=False, rows=3)

    def __init__(self, *args: Any, first_day: date | None, today: date, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": today}, **kwargs)
        self.first_day, self.today = first_day, today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError("This day is still to come: log it when they have been in touch.")
        if self.first_day and on < self.first_day:
            raise forms.ValidationError(f"The plan has applied since {words_of(self.first_day)}: not before.")
        return on


IN_FULL = {"captured": "Captured: a picture or a copy is kept", "asked": "Asked the author to take it down"}


class FollowForm(forms.Form):
    """How a side branch went on."""

    step = one_of("What has been done?", [])
    where = forms.CharField(
        label="Address of the post",
        help_text="As the browser shows it. It stands in the letter.",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"data-only-for": "step captured"}),
    )
    note = words("Note", "What was kept and where, what was said, what the answer was.", required=False, rows=3)

    def __init__(self, *args: Any, steps: Iterable[tuple[str, str]], online: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(step, IN_FULL.get(step, label)) for step, label in steps]
        self.fields["step"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["step"].initial = choices[0][0]
        if not online:
            del self.fields["where"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("step") == "captured" and not (told.get("where") or told.get("note")):
            self.add_error("where", "Give the address of the post, or say in the note what was kept and where.")
        return told
