"""The form on which an incident is logged: four answers, and what else is known by then."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from conduct import code
from conduct.calendar import LONDON, local_date
from conduct.code import Clause, Pack
from conduct.models import Adoption, School, User
from incidents.forms.who import WhoForm
from incidents.models import ONLINE_SEEMS, PLACES, SEVERITY_LABELS

EARLIEST = date(2000, 1, 1)  # a day before it is a slip of the keyboard
MOST_ALSO = 5  # others in one event, beside the first
ALSO = re.compile(rf"also-([1-{MOST_ALSO}])-")


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
    """A clause as the page shows it; `name` is the field that it ticks."""

    clause: Clause
    ticked: bool
    name: str


class ClausesForm(WhoForm):
    """Who it was, and which parts of the code: what is asked of everybody in an event."""

    clauses = forms.MultipleChoiceField(
        label="3. Which parts of the code?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick at least one part of the code.",
            "invalid_choice": "One of these is no part of the code: tick again.",
        },
    )
    within_exception = forms.BooleanField(
        label="They were here within an exception to their ban",
        help_text="For instance for a meeting that the ban allows. It then does not count as breaking the ban.",
        required=False,
    )
    pack: Pack
    known_clauses: Mapping[str, Clause]

    @property
    def ticked(self) -> list[str]:
        return list(self["clauses"].value() or [])

    def boxes(self, clauses: Iterable[Clause]) -> list[ClauseBox]:
        return [ClauseBox(clause, clause.id in self.ticked, self.add_prefix("clauses")) for clause in clauses]

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


class AlsoForm(ClausesForm):
    """Somebody else in the same event. No clause of their own: the same ones as the first."""

    def __init__(
        self, *args: Any, first: "LogForm", number: int, answers: Mapping[str, list[str]], **kwargs: Any
    ) -> None:
        super().__init__(
            *args, prefix=f"also-{number}", school=first.school, pick_url=first.pick_url,
            initial=answered(AlsoForm, answers, f"also-{number}-"), **kwargs,
        )  # fmt: skip
        self.number, self.pack, self.known_clauses = number, first.pack, first.known_clauses
        self.fields["who"].label = "Who else was part of it?"
        self.fields["clauses"].required = False
        self.fields["clauses"].label = "Which parts of the code?"
        self.fields["clauses"].choices = first.fields["clauses"].choices

    @property
    def differs(self) -> bool:
        return bool(self.ticked or self["clauses"].errors or self["within_exception"].value())


def answered(form: type[forms.Form], answers: Mapping[str, list[str]], prefix: str = "") -> dict[str, Any]:
    """The answers of a form that was not finished, as the first values of a new one."""
    found: dict[str, Any] = {}
    for name, field in form.base_fields.items():
        given = answers.get(prefix + name)
        if given:
            found[name] = given if isinstance(field, forms.MultipleChoiceField) else given[-1]
    return found


def numbers(names: Iterable[str]) -> list[int]:
    """Which of the others a form tells of, by the names of its answers."""
    return sorted({int(match[1]) for name in names if (match := ALSO.match(name))})


class LogForm(ClausesForm):
    """What happened, as whoever was there tells it. `also` are the others who were part of it."""

    field_order = [*WhoForm.base_fields, "narrative", "clauses", "online_is", "place"]

    token = TokenField(required=False, initial=uuid4)
    narrative = forms.CharField(
        label="2. What happened?",
        help_text="The words that were used, what you saw, who else was there. Keep to what was said and done.",
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Say what happened, in a sentence or two."},
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
    on_behalf_of = forms.ChoiceField(
        label="Who was there, if it was not you?",
        help_text="They stay the one whose word it is; you are named as the one who wrote it down.",
        required=False,
        error_messages={"invalid_choice": "They do not work at the school: choose again."},
    )
    on_behalf_name = forms.CharField(
        label="Or somebody without an account here",
        help_text="A lunchtime helper, a supply teacher. Their name never goes into a letter.",
        required=False,
        max_length=120,
    )

    def __init__(
        self,
        *args: Any,
        school: School,
        at: datetime,
        by: User,
        staff: list[tuple[int, str]],
        pick_url: str,
        answers: Mapping[str, list[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        """`staff` are those who may have been harmed, as ids and names; `answers` what was kept of it before."""
        answers = answers or {}
        now = timezone.localtime(at, LONDON)
        moment = {"occurred_on": now.date(), "occurred_time": now.strftime("%H:%M")}
        initial = {**moment, **kwargs.pop("initial", {}), **answered(LogForm, answers)}
        self.at, self.pick_url = at, pick_url
        super().__init__(*args, school=school, pick_url=pick_url, initial=initial, **kwargs)
        self.fields["harmed"].choices = staff
        colleagues = [(pk, name) for pk, name in staff if pk != by.pk]
        self.fields["on_behalf_of"].choices = [("", "I saw or heard it myself"), *colleagues]
        self.fields["clauses"].choices = [(c.id, c.wording) for c in self.known_clauses.values()]
        self.fields["occurred_on"].widget.attrs["max"] = now.date().isoformat()
        named = numbers(self.data if self.is_bound else answers)
        data = self.data if self.is_bound else None
        self.also = [AlsoForm(data, first=self, number=n, answers=answers) for n in named]
        if not self.is_bound and not self.picked_name and not answers:
            self.fields["who"].widget.attrs["autofocus"] = True

    # -- what the page shows

    @property
    def blank(self) -> AlsoForm:
        """The questions about somebody else, for the page to show when they are asked for."""
        return AlsoForm(None, first=self, number=0, answers={})

    @property
    def may_add(self) -> bool:
        return len(self.also) < MOST_ALSO

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
    def more_open(self) -> bool:
        """Whether something stands, or is wrong, among harmed and witnesses."""
        return any(self[f].errors or self[f].value() for f in ("harmed", "witnesses"))

    @property
    def for_another_open(self) -> bool:
        return any(self[f].errors or self[f].value() for f in ("on_behalf_of", "on_behalf_name"))

    # -- what was answered

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(each.is_valid() for each in self.also)]) and self.all_different()

    @property
    def wrong(self) -> bool:
        """Whether anything is to be put right, here or about one of the others."""
        return self.is_bound and bool(self.errors or any(each.errors for each in self.also))

    def all_different(self) -> bool:
        """Nobody is named twice: one person, one incident."""
        named = {self.known.standing_id} if self.known else set()
        twice = False
        for each in self.also:
            if each.known and each.known.standing_id in named:
                each.add_error("who", f"{each.known} is named above already: choose somebody else, or take them out.")
                twice = True
            named |= {each.known.standing_id} if each.known else set()
        return not twice

    def clean_witnesses(self) -> list[str]:
        names = [" ".join(line.split()) for line in self.cleaned_data["witnesses"].splitlines() if line.strip()]
        if any(len(name) > 120 for name in names):
            raise ValidationError("One name a line, each of at most 120 letters. What they say can be added later.")
        return names

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        self.read_moment(found)
        if self.online_ticked and not found.get("online_is") and "online_is" not in self.errors:
            self.add_error("online_is", "Say whether it is conduct or only criticism; “not sure yet” will do.")
        if found.get("on_behalf_of") and found.get("on_behalf_name"):
            self.add_error("on_behalf_name", "Choose a colleague or write a name: one of the two.")
        return found

    @property
    def online_ticked(self) -> bool:
        """Whether something said online is among what is ticked, for anybody."""
        ticked = {c for each in (self, *self.also) for c in each.ticked}
        return bool(self.pack.online(c for c in ticked if self.pack.holds(c)))

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

    def told(self) -> dict[str, Any]:
        """What was the same for all, as the verb that logs it takes it; `harmed` and `on_behalf_of` still as ids."""
        names = (
            *("place", "narrative", "occurred_at", "danger", "ended_interaction", "asked_to_leave", "harmed"),
            *("witnesses", "token", "online_is", "on_behalf_of", "on_behalf_name"),
        )
        return {name: self.cleaned_data[name] for name in names}

    @property
    def everybody(self) -> list[ClausesForm]:
        """The first person, and the others."""
        return [self, *self.also]

    def part_of(self, each: ClausesForm) -> dict[str, Any]:
        """What is alleged of one of them. A severity that was raised holds for the clauses that the first one broke."""
        own = each.cleaned_data["clauses"]
        same = {"clauses": self.cleaned_data["clauses"], "severity": self.cleaned_data["severity"]}
        alleged = same if each is self or not own else {"clauses": own, "severity": ""}
        return {**alleged, "within_exception": each.cleaned_data["within_exception"]}
