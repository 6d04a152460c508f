"""The forms of a plan, a block or a notice: its terms, the contacts under it; and how a side branch went on."""

from collections.abc import Iterable
from typing import Any

from django import forms

from conduct.code import CONTACT_METHODS, CONTACT_PURPOSES, Pack
from conduct.models import Person
from sanctions import caps
from sanctions.dates import TermsFacts
from sanctions.forms.deeds import day, line, one_of, several, words
from sanctions.models import CLOSABLE, METHODS

ONE_WAY = {"school_letter", "website"}  # the school speaks there, nobody is answered: no plan need allow it
LIMIT_DAYS = {
    "starts": ("Applies from", ""),
    "ends": ("Last day", "At most six months after the start."),
    "review_on": ("Review on", "Before the last day, and within three months."),
}
STAYS = (
    "Absence reporting, medical matters, emergencies, safeguarding, special needs, complaints and data requests "
    "always stay open."
)
CAP_OF = {
    "contact": "contacts of any sort",
    "email": "emails",
    "call": "calls",
    "message": "messages",
    "letter": "letters",
}


class LimitForm(forms.Form):
    """A decision about a channel block or a vexatious notice, with its dates."""

    def __init__(self, *args: Any, person: Person, pack: Pack, reasons: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.pack = person, pack
        self.fields["reasons"] = words(reasons, "In words that may stand in the letter.", required=False)
        for name, (label, hint) in LIMIT_DAYS.items():
            self.fields[name] = day(label, hint)
        self.more()
        self.fields["closes"] = several("What it closes", CLOSABLE, STAYS)
        self.last()

    def more(self) -> None:
        """Fields between the dates and what it closes."""

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

    grid_at = ""

    def more(self) -> None:
        self.fields["scope"] = words("What it covers", "Contact with whom, and about what.", required=False, rows=2)
        for purpose, methods in self.ways_offered().items():
            choices = [(m, CONTACT_METHODS[m]) for m in methods]
            self.fields[f"way_{purpose}"] = several(CONTACT_PURPOSES[purpose], choices)
            self.fields[f"staff_{purpose}"] = line(f"Who answers: {CONTACT_PURPOSES[purpose]}", required=False)
        self.in_grid = [n for p in self.ways_offered() for n in (f"way_{p}", f"staff_{p}")]
        self.grid_at = self.in_grid[0] if self.in_grid else ""
        self.fields["deputy"] = line("Deputy", "Who answers when they are away.", required=False)
        self.fields["cap_most"] = forms.IntegerField(
            label="At most", help_text="Leave it empty for no limit.", required=False, min_value=1, max_value=50
        )
        self.fields["cap_of"] = one_of("Of what?", CAP_OF.items(), required=False)
        self.fields["cap_per"] = one_of("In what time?", [(p, f"a {p}") for p in caps.PERIODS], required=False)
        self.fields["reply_days"] = forms.IntegerField(
            label="We answer within", help_text="School days.", required=False, min_value=1, max_value=60
        )

    def last(self) -> None:
        self.handovers = {f"handover_{p.pk}": p for p in self.person.pupils.all()}
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
            }
            for purpose, serving in self.ways_offered().items()
        ]

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
            if told.get(f"way_{purpose}") and not told.get(f"staff_{purpose}"):
                self.add_error(f"staff_{purpose}", f"Name who answers. {CONTACT_PURPOSES[purpose]}.")
        if told.get("cap_most") and not (told.get("cap_of") and told.get("cap_per")):
            self.add_error("cap_of", "Say of what, and in what time.")
        return told

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


class FollowForm(forms.Form):
    """How a side branch went on."""

    step = one_of("What has been done?", [])
    where = forms.CharField(label="Address of the post", required=False, max_length=500)
    note = words("Note", "What was kept and where, what was said, what the answer was.", required=False, rows=3)

    def __init__(self, *args: Any, steps: Iterable[tuple[str, str]], online: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = list(steps)  # type: ignore[attr-defined]
        if not online:
            del self.fields["where"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("step") == "captured" and not (told.get("where") or told.get("note")):
            self.add_error("where", "Give the address of the post, or say in the note what was kept and where.")
        return told
