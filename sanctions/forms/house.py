"""The forms of a school's settings."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conduct.models import School
from conduct.roles import LABELS, Role
from sanctions.house import DETAILS

LONGEST = 92  # days: longer than the summer holiday; a longer span is a slip of the year
AWAY = timedelta(days=3 * 366)


class Day(forms.DateField):
    """A date, as the browser's own field gives it."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ClosureForm(forms.Form):
    """Days on which the school is closed, both ends included."""

    first = Day(label="First day closed")
    last = Day(label="Last day closed", required=False, help_text="Leave it empty for a single day.")
    reason = forms.CharField(label="Why", max_length=80, required=False, help_text="Half-term, INSET day, snow.")

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today

    def clean_first(self) -> date:
        first: date = self.cleaned_data["first"]
        if abs(first - self.today) > AWAY:
            raise ValidationError("That is more than three years away: check the year.")
        return first

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        first, last = told.get("first"), told.get("last")
        if first and not last and "last" not in self.errors:
            told["last"] = first
        elif first and last and last < first:
            self.add_error("last", "The last day is before the first.")
        elif first and last and (last - first).days >= LONGEST:
            self.add_error("last", "That is more than three months: check the year.")
        return told


class DetailsForm(forms.ModelForm):
    """What stands in the letterhead and in every letter."""

    class Meta:
        model = School
        fields = DETAILS
        widgets = {
            "address": forms.Textarea(attrs={"rows": 4}),
            "complaints": forms.Textarea(attrs={"rows": 4}),
            "privacy_notice": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "address": "A line for each line of the letterhead. Every letter needs it.",
            "phone": "Every letter gives it.",
            "email": "Every letter gives it: people may reply to it.",
            "contact_name": "Named in every letter: a person, or “the school office”.",
            "contact_role": "Their title, if it should be given.",
            "complaints": "How to complain about the school. Left empty, letters use the starter text.",
            "privacy_notice": "Where a person finds it. Left empty, letters use the starter text.",
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("address", "phone", "email", "contact_name"):
            self.fields[name].required = True


class RoleForm(forms.Form):
    """Somebody and a role, from a day on."""

    email = forms.EmailField(label="Email address", help_text="They sign in with it.")
    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="As letters should give it. Somebody who has an account keeps their name.",
    )
    role = forms.ChoiceField(
        label="Role",
        choices=[(r.value, LABELS[r]) for r in Role],
        widget=forms.RadioSelect,
        help_text="Somebody may hold several roles: add each. “Trust” counts in every school of the trust.",
    )
    starts_on = Day(label="First day")
    ends_on = Day(
        label="Last day", required=False, help_text="For somebody who acts for a time. Otherwise leave it empty."
    )

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, initial={"starts_on": today}, **more)

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("starts_on") and told.get("ends_on") and told["ends_on"] < told["starts_on"]:
            self.add_error("ends_on", "The last day is before the first.")
        return told


class EndRoleForm(forms.Form):
    """The last day of a role."""

    ends_on = Day(label="Last day", help_text="They still hold the role on that day.")

    def __init__(self, *args: Any, today: date, starts_on: date, **more: Any) -> None:
        super().__init__(*args, initial={"ends_on": max(today, starts_on)}, **more)
        self.starts_on = starts_on

    def clean_ends_on(self) -> date:
        ends: date = self.cleaned_data["ends_on"]
        if ends < self.starts_on:
            raise ValidationError("That is before the role began.")
        return ends
