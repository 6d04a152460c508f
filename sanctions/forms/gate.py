"""The forms of the desk: somebody is here now, and when somebody may come."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms

from conduct.calendar import LONDON
from incidents.forms import TokenField
from sanctions.forms.deeds import PUT_A_TIME, day, line


def sentence(hint: str) -> forms.CharField:
    """One sentence beside the fixed words."""
    return forms.CharField(label="One sentence more, if it matters", help_text=hint, required=False, max_length=300)


def clock(label: str, hint: str = "") -> forms.TimeField:
    """A time of day."""
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, help_text=hint, widget=widget, error_messages=PUT_A_TIME)


class HereForm(forms.Form):
    """That somebody is here now. Nothing must be filled in."""

    token = TokenField(required=False, initial=uuid4)
    seen_by = line("Who saw them, if it was not you", required=False)
    sentence = sentence("What they did or said. No opinion, and nobody’s name: it may stand in a letter.")


class ToldForm(forms.Form):
    """That they were told now. Nothing must be filled in."""

    sentence = sentence("What they said to it, say. No opinion.")


class AppointmentForm(forms.Form):
    """When somebody may come, where to, and with whom they meet."""

    on = day("Day", required=True)
    begins = clock("From")
    until = clock("Until")
    place = line("Where", "The room, and how they come to it: “Meeting room, by the main door”.")
    with_whom = line("With whom", "Who meets them at the door.")

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("begins") and told.get("until") and told["until"] <= told["begins"]:
            self.add_error("until", "Give a time after the beginning.")
        return told

    def told(self) -> dict[str, Any]:
        """The answers as moments and words."""
        answers = self.cleaned_data
        begins, until = (datetime.combine(answers["on"], answers[name], LONDON) for name in ("begins", "until"))
        return {"begins": begins, "until": until, "place": answers["place"], "with_whom": answers["with_whom"]}
