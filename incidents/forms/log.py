"""The form on which an incident is logged: four answers, and what else is known by then."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from conduct import code, people
from conduct.calendar import LONDON, local_date
from conduct.code import Clause, Pack
from conduct.models import RELATIONS, Adoption, Person, School
from conduct.register import Child
from incidents.models import ONLINE_SEEMS, PLACES, SEVERITY_LABELS

NEW, UNKNOWN = "new", "unknown"  # the two choices of the picker that are nobody on the list
SPECIAL = {NEW: "Not on this list: add them", UNKNOWN: "Not known: describe them"}
EARLIEST = date(2000, 1, 1)  # a day before it is a slip of the keyboard
ADDED = ("new_name", "new_relation", "new_pupil", "new_year")


class TokenField(forms.UUIDField):
    """The mark of one form, sent back with it: a second sending is known by it. A spoilt one is replaced."""

    widget = forms.HiddenInput(attrs={"autocomplete": "off"})

    def clean(self, value: Any) -> UUID:
        try:
            return super().clean(value) or uuid4()
        except ValidationError:
            return uuid4()


@dataclass(frozen=True)
class ClauseBox:
    """A clause as the page shows it."""

    clause: Clause
    ticked: bool


class LogForm(forms.Form):
    """What happened, as whoever was there tells it. After `is_valid`, the subject is `known`, or made of `newcomer`."""

    token = TokenField(required=False, initial=uuid4)
    person = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    who = forms.CharField(
        label="1. Who was it?",
        help_text="Name, phone or their child’s name. If you do not know, describe them.",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-target": "person"}),
    )
    which = forms.CharField(required=False, max_length=20, label="Which of these?")
    which_for = forms.CharField(required=False, widget=forms.HiddenInput)
    new_name = forms.CharField(label="Their name", required=False, max_length=120)
    new_relation = forms.ChoiceField(
        label="Relation to the school", required=False, choices=RELATIONS, initial="parent"
    )
    new_pupil = forms.CharField(label="Their child’s name, if you know it", required=False, max_length=120)
    new_year = forms.CharField(label="Year group", required=False, max_length=20)
    description = forms.CharField(
        label="What did they look like?",
        help_text="“Tall man, red coat, about 40, with a pushchair.” It can be put right once they are known.",
        required=False,
        max_length=200,
    )
    narrative = forms.CharField(
        label="2. What happened?",
        help_text="The words that were used, what you saw, who else was there. Keep to what was said and done.",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Say what happened, in a sentence or two."},
    )
    clauses = forms.MultipleChoiceField(
        label="3. Which parts of the code?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick at least one part of the code.",
            "invalid_choice": "One of these is no part of the code: tick again.",
        },
    )
    online_is = forms.ChoiceField(
        label="Conduct, or only criticism?",
        help_text="For what was said online. Criticism of the school is allowed, however harsh.",
        choices=ONLINE_SEEMS,
        widget=forms.RadioSelect,
        required=False,
    )
    place = forms.ChoiceField(
        label="4. Where and when?",
        choices=PLACES,
        widget=forms.RadioSelect,
        initial="site",
        error_messages={"required": "Say where it was.", "invalid_choice": "Choose one of the places."},
    )
    occurred_on = forms.DateField(
        label="Day",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "Say on which day it was.", "invalid": "Write the day as 2/3/2026."},
    )
    occurred_time = forms.TimeField(
        label="Time",
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"required": "Say at what time, as near as you can.", "invalid": "Write the time as 08:50."},
    )
    ended_interaction = forms.BooleanField(label="Ended the conversation", required=False)
    asked_to_leave = forms.BooleanField(label="Asked to leave", required=False)
    danger = forms.BooleanField(label="Somebody’s safety is threatened now", required=False)
    severity = forms.ChoiceField(
        label="How serious is it?",
        help_text="You may raise it here. To lower it is for senior staff, afterwards.",
        choices=[("", "As usual for these clauses"), *SEVERITY_LABELS],
        widget=forms.RadioSelect,
        required=False,
    )
    harmed = forms.MultipleChoiceField(
        label="Was anybody of the staff harmed or threatened?",
        help_text="They will not be asked to decide about it.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "One of these does not work at the school: choose again."},
    )
    witnesses = forms.CharField(
        label="Who saw or heard it?",
        help_text="One name a line. Names of witnesses never go into a letter.",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    within_exception = forms.BooleanField(
        label="They were here within an exception to their ban",
        help_text="For instance for a meeting that the ban allows. It then does not count as breaking the ban.",
        required=False,
    )

    def __init__(
        self, *args: Any, school: School, at: datetime, staff: list[tuple[int, str]], pick_url: str, **kwargs: Any
    ) -> None:
        """`staff` are those who may have been harmed, as ids and names; `pick_url` answers the picker."""
        super().__init__(*args, **kwargs)
        self.school, self.at = school, at
        self.known: Person | None = None
        self.newcomer: tuple[dict[str, str], list[Child]] | None = None
        self.candidates: list[Person] = []
        now = timezone.localtime(at, LONDON)
        self.initial = {"occurred_on": now.date(), "occurred_time": now.strftime("%H:%M"), **self.initial}
        self.picked_name = self.name_of(str(self["person"].value() or ""))
        self.fields["harmed"].choices = staff
        self.fields["clauses"].choices = [(c.id, c.wording) for c in self.known_clauses.values()]
        self.fields["occurred_on"].widget.attrs["max"] = now.date().isoformat()
        about_who = {"data-picker": "", "data-url": pick_url, "data-picked": self.picked_name}
        self.fields["who"].widget.attrs |= about_who
        if not self.is_bound and not self.picked_name:
            self.fields["who"].widget.attrs["autofocus"] = True

    # -- what the page shows

    def name_of(self, value: str) -> str:
        """How the page names a choice of the picker; nothing for what is none."""
        person = self.on_list(value)
        return str(person) if person else SPECIAL.get(value, "")

    @cached_property
    def pack(self) -> Pack:
        """The policy of the day on which it happened; today's, while that day cannot be read."""
        today = local_date(self.at)
        try:
            day = self.fields["occurred_on"].clean(self["occurred_on"].value())
        except ValidationError:
            day = today
        day = min(day, today)
        return next((a.pack for a in reversed(self.adoptions) if a.starts_on <= day), self.adoptions[0].pack)

    @cached_property
    def adoptions(self) -> list[Adoption]:
        """The policies of the school, the earliest first."""
        return list(self.school.adoptions.standing().order_by("starts_on"))

    @cached_property
    def known_clauses(self) -> dict[str, Clause]:
        """All that was ever part of the code here: what another day's policy holds can be unticked. The latest words win."""
        own = [c for a in self.adoptions for c in a.pack.own_clauses]
        return {c.id: c for c in (*code.clauses().values(), *own) if c.kind != "expectation"}

    @property
    def ticked(self) -> list[str]:
        return list(self["clauses"].value() or [])

    def boxes(self, clauses: Any) -> list[ClauseBox]:
        return [ClauseBox(clause, clause.id in self.ticked) for clause in clauses]

    @property
    def common_boxes(self) -> list[ClauseBox]:
        """The clauses logged most, and any ticked that the policy of that day does not hold: they can be unticked."""
        strange = [self.known_clauses[c] for c in self.ticked if c in self.known_clauses and not self.pack.holds(c)]
        return self.boxes([*(self.pack.clause(c) for c in self.pack.common), *strange])

    @property
    def other_groups(self) -> list[tuple[str, list[ClauseBox]]]:
        """All other clauses of the policy, by group."""
        rest = [(g, [c for c in cs if c.id not in self.pack.common]) for g, cs in self.pack.clause_groups()]
        return [(group, self.boxes(clauses)) for group, clauses in rest if clauses]

    @property
    def how_many(self) -> int:
        return len(self.pack.clause_list())

    @property
    def others_ticked(self) -> bool:
        return any(box.ticked for _, boxes in self.other_groups for box in boxes)

    @property
    def picked(self) -> str:
        """What the picker's hidden field goes on holding: nothing that is not on the list, which nobody could change."""
        return str(self["person"].value()) if self.picked_name else ""

    @property
    def choice(self) -> str:
        """Whom the form as it stands means: an id, `new`, `unknown`, or nothing yet."""
        return self.picked or str(self["which"].value() or "")

    @property
    def adding(self) -> bool:
        """Whether the fields for a new person are open."""
        return self.choice == NEW or any(self[f].errors or (self[f].data and f != "new_relation") for f in ADDED)

    @property
    def describing(self) -> bool:
        return self.choice == UNKNOWN or bool(self["description"].errors or self["description"].data)

    @property
    def more_open(self) -> bool:
        """Whether something stands, or is wrong, among harmed and witnesses."""
        return any(self[f].errors or self[f].data for f in ("harmed", "witnesses"))

    # -- what was answered

    def on_list(self, value: str) -> Person | None:
        return self.school.people.filter(pk=value).first() if value.isascii() and value.isdigit() else None

    def clean_witnesses(self) -> list[str]:
        names = [" ".join(line.split()) for line in self.cleaned_data["witnesses"].splitlines() if line.strip()]
        if any(len(name) > 120 for name in names):
            raise ValidationError("One name a line, each of at most 120 letters. What they say can be added later.")
        return names

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        self.read_moment(found)
        self.read_subject(found)
        if self.online_ticked and not found.get("online_is") and "online_is" not in self.errors:
            self.add_error("online_is", "Say whether it is conduct or only criticism; “not sure yet” will do.")
        return found

    @property
    def online_ticked(self) -> bool:
        """Whether something said online is among what is ticked."""
        return bool(self.pack.online(c for c in self.ticked if self.pack.holds(c)))

    def read_moment(self, found: dict[str, Any]) -> None:
        """The moment it happened, in London: not to come, and no slip of the keyboard."""
        day, time = found.get("occurred_on"), found.get("occurred_time")
        if day is None or time is None:
            return
        found["occurred_at"] = datetime.combine(day, time, LONDON)
        if day > local_date(self.at):
            self.add_error("occurred_on", "This day is still to come. Incidents are logged once they have happened.")
        elif found["occurred_at"] > self.at:
            self.add_error("occurred_time", "This time is still to come. Incidents are logged once they have happened.")
        elif day < EARLIEST:
            self.add_error("occurred_on", "This is too long ago: check the year.")

    def read_subject(self, found: dict[str, Any]) -> None:
        """Who it was: the one picked; else the one chosen among those the words may mean; else what was filled in."""
        words = found.get("who", "").strip()
        chosen = found.get("person") or (found.get("which") if found.get("which_for") == words else "")
        if words and not found.get("person"):
            self.candidates = people.search(self.school, words)
        if not chosen and not self.candidates:
            chosen = NEW if found.get("new_name") else UNKNOWN if found.get("description") else ""
        if chosen in SPECIAL:
            self.read_newcomer(chosen, found)
        elif chosen:
            self.known = self.on_list(chosen)
            if self.known is None:
                self.add_error("who", "This person is not on the list of the school: choose again.")
        else:
            self.offer(words)

    def offer(self, words: str) -> None:
        """Nobody is chosen yet: those whom the typed words may mean are offered, or what else can be done."""
        if self.candidates:
            self.add_error("who", "Which of these is it? Choose one, or say that it is somebody else.")
        elif words:
            self.add_error("who", "Nobody on the list is called that. Add them, or describe them.")
        elif "who" not in self.errors:
            self.add_error("who", "Say who it was: choose somebody, add them, or describe them.")

    def read_newcomer(self, chosen: str, found: dict[str, Any]) -> None:
        field, words = ("new_name", "Give their name.") if chosen == NEW else ("description", "Describe them.")
        if not found.get(field):
            if field not in self.errors:
                self.add_error(field, words)
            return
        if chosen == UNKNOWN:
            self.newcomer = ({"description": found["description"], "relation": "other"}, [])
            return
        children = [Child(found["new_pupil"], found.get("new_year", ""))] if found.get("new_pupil") else []
        name = " ".join(found["new_name"].split())
        self.newcomer = ({"name": name, "relation": found.get("new_relation") or "parent"}, children)

    def told(self) -> dict[str, Any]:
        """The answers as the verb that logs an incident takes them; `harmed` still as ids."""
        names = (
            *("clauses", "place", "narrative", "severity", "occurred_at", "danger", "within_exception"),
            *("ended_interaction", "asked_to_leave", "harmed", "witnesses", "token", "online_is"),
        )
        return {name: self.cleaned_data[name] for name in names}
