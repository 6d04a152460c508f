"""The forms behind letters that tell no decision: what they are about, and in whose name they go."""

from collections.abc import Iterable
from typing import Any

from django import forms

from conduct.calendar import local_date
from conduct.calendar import words as words_of
from conduct.models import User
from incidents.models import Incident
from sanctions.forms.deeds import one_of, words
from sanctions.notice_facts import ANSWER_SCHOOL_DAYS
from sanctions.notices import LONGEST

SHOWN = 90


def told(incident: Incident) -> str:
    """An incident in one line of a form."""
    text = incident.narrative if len(incident.narrative) <= SHOWN else f"{incident.narrative[:SHOWN].rstrip()}…"
    return f"{incident.reference}, {words_of(local_date(incident.occurred_at))}: {text}"


class IncidentsForm(forms.Form):
    """Which incidents a letter is about: at first all that are offered."""

    incidents = forms.TypedMultipleChoiceField(
        label="About which incidents?", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )  # fmt: skip

    def __init__(self, *args: Any, offered: Iterable[Incident], ticked: Iterable[Incident], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["incidents"].choices = [(i.pk, told(i)) for i in offered]  # type: ignore[attr-defined]
        self.fields["incidents"].initial = [i.pk for i in ticked]


class AskAccountForm(IncidentsForm):
    """About what, by when, who reads it, and in whose name."""

    days = forms.IntegerField(
        label="School days to answer, after they receive it", initial=ANSWER_SCHOOL_DAYS, min_value=1, max_value=LONGEST,
        help_text="The letter gives the day. Five are usual.",
    )  # fmt: skip
    readers = words(
        "Who will read it",
        "Left empty, it says: the head and the senior staff who look into this.",
        required=False,
        rows=2,
    )
    signs = one_of("In whose name does it go?", [])

    def __init__(self, *args: Any, signers: Iterable[User], **more: Any) -> None:
        super().__init__(*args, **more)
        self.signers = {str(user.pk): user for user in signers}
        self.fields["signs"].choices = [(pk, user.name) for pk, user in self.signers.items()]  # type: ignore[attr-defined]
        self.fields["signs"].initial = next(iter(self.signers), None)

    def clean_signs(self) -> User:
        return self.signers[self.cleaned_data["signs"]]
