"""The forms behind what is added to an incident, and behind looking after those whom it touched."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from conduct.calendar import words as words_of
from conduct.models import User
from incidents.injuries import SPECIFIED
from incidents.models import MARKS, TREATMENTS
from sanctions.forms.deeds import CHOOSE, day, line, one_of, words

GRAVE = f"These are: {'; '.join(SPECIFIED)}."
LAST_DAY = "That day is still to come: write it down once it is there."


class CorrectionForm(forms.Form):
    """What the text as logged lacks, or what is wrong in it."""

    text = words(
        "What is to be added or put right?",
        "It stands beneath the text as logged, with your name and the time. The text itself does not change.",
        rows=6,
    )


class MarkForm(forms.Form):
    """Why an incident does not count."""

    kind = one_of("Why does it not count?", MARKS)
    reason = words("What happened", "Who said so, and when. Everybody who reads the case reads this.", rows=3)


class InjuryForm(forms.Form):
    """Who of the staff was hurt, what, and how long it keeps them from work."""

    user = forms.ModelChoiceField(
        User.objects.none(), label="Who was hurt?", required=False, empty_label="Somebody without an account here"
    )
    name = line("Their name", "Only for somebody without an account here.", required=False)
    what = words("What was hurt, and how", "Only senior staff, the head and you can read this.", rows=3)
    treatment = one_of("Treatment", TREATMENTS)
    specified = forms.BooleanField(
        label="It is a broken bone, or another of the gravest injuries", help_text=GRAVE, required=False
    )
    away_from = day(
        "First day away from work, or not able to do their usual work",
        "Leave it empty if they are not away. Light duties are not their usual work.",
    )
    back_on = day("Back at their usual work on", "Leave it empty while they are away. You can add it later.")

    def __init__(self, *args: Any, accident: date, today: date, staff: QuerySet[User] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.accident, self.today = accident, today
        if staff is not None:
            self.fields["user"].queryset = staff  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if "user" in self.fields and bool(told.get("user")) == bool(told.get("name")):
            self.add_error("user", "Choose who was hurt; or leave this at “without an account” and write their name.")
        self.check_days(told.get("away_from"), told.get("back_on"))
        return told

    def check_days(self, away_from: date | None, back_on: date | None) -> None:
        if away_from and away_from < self.accident:
            self.add_error("away_from", f"It happened on {words_of(self.accident)}: choose that day or a later one.")
        if back_on and back_on > self.today:
            self.add_error("back_on", LAST_DAY)
        if back_on and not away_from:
            self.add_error("away_from", "Give the first day away as well.")
        elif back_on and away_from and back_on <= away_from:
            self.add_error("back_on", f"They were away from {words_of(away_from)}: choose a later day.")


class ChangeInjuryForm(InjuryForm):
    """What became known later: how grave it is, the treatment, the days away."""

    field_order = ["treatment", "specified", "away_from", "back_on"]
    user = name = what = None  # type: ignore[assignment]


class ReportForm(forms.Form):
    """A report made under the injury rules."""

    reported_on = day("Reported on", required=True)
    report_reference = line("Its reference", "As the Health and Safety Executive gave it.", required=False)

    def __init__(self, *args: Any, accident: date, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accident, self.today = accident, today

    def clean_reported_on(self) -> date:
        on: date = self.cleaned_data["reported_on"]
        if on > self.today:
            raise forms.ValidationError(LAST_DAY)
        if on < self.accident:
            raise forms.ValidationError(f"It happened on {words_of(self.accident)}: choose that day or a later one.")
        return on


class CheckInForm(forms.Form):
    """With whom to talk, and on which day."""

    who = forms.ChoiceField(label="With whom?", widget=forms.RadioSelect, error_messages=CHOOSE)
    due_on = day("On which day?", required=True)

    def __init__(self, *args: Any, people: Iterable[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["who"].choices = list(people)  # type: ignore[attr-defined]

    def clean_due_on(self) -> date:
        on: date = self.cleaned_data["due_on"]
        if on < self.today:
            raise forms.ValidationError("That day is past: choose today or a later one.")
        return on


class HeldForm(forms.Form):
    """What came of a talk."""

    note = words("How are they, and what was agreed?", "Only senior staff, the head and you can read this.", rows=4)


class ToldForm(forms.Form):
    """What somebody without an account was told of an outcome, and how."""

    what = words("What you told them", "No more than they may know: nothing about the person and what they face.")
    how = line("How", "By telephone, in person, in a letter.")
