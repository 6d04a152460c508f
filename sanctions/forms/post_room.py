"""The forms of the post room: wording a draft, issuing it, recording how it left."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conduct.calendar import local_date
from letters.models import METHODS, PROOFS, Letter, Sending

LATEST = timedelta(days=14)
OPEN = timedelta(hours=1)  # the form may have stood open since it filled in the time: then it leaves now
TYPING = timedelta(minutes=1)  # a clock that shows no seconds
PROOFS_OF = {
    "post": {"certificate", "signed_for", "none"},
    "hand": {"handed_over"},
    "email": {"sent_email", "none"},
}
METHOD_LABELS = dict(METHODS)


class Moment(forms.DateTimeField):
    """A date with a time, as the browser's own field gives it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class SomeDisabled(forms.RadioSelect):
    """Radio buttons of which some cannot be chosen; `closed` holds their values."""

    closed: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *rest: Any, **more: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *rest, **more)
        if str(value) in self.closed:
            option["attrs"]["disabled"] = True
        return option


class RewordForm(forms.Form):
    """The two passages that are the school's own words."""

    account = forms.CharField(
        label="What happened, in neutral words",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Stands in place of what was logged. No names of other people, no health matters, no accusation of a "
        "crime. Left empty, the letter tells what was logged.",
    )
    extra = forms.CharField(
        label="A paragraph of your own",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="If there is something that only this letter should say.",
    )


class IssueForm(forms.Form):
    """How and when a letter leaves. `lacking` maps a method that is not possible to what the person still needs."""

    method = forms.ChoiceField(label="How it is sent", choices=METHODS, widget=SomeDisabled)
    sent_at = Moment(
        label="Leaves the school on",
        help_text="The day on which it counts as received is computed from this. If it leaves later than you think, say "
        "so when you mark it as sent.",
    )

    def __init__(self, *args: Any, at: datetime, lacking: Mapping[str, str], **more: Any) -> None:
        possible = next((m for m, _ in METHODS if m not in lacking), "")
        super().__init__(*args, initial={"method": possible, "sent_at": at}, **more)
        self.at = at
        self.fields["method"].widget.closed = frozenset(lacking)
        self.fields["method"].help_text = " ".join(
            f"{METHOD_LABELS[m]} is not possible: the person needs {what}." for m, what in lacking.items()
        )

    def clean_sent_at(self) -> datetime:
        sent: datetime = self.cleaned_data["sent_at"]
        if sent < self.at - OPEN:
            raise ValidationError("It cannot leave before it is issued: give a time from now on.")
        if sent > self.at + LATEST:
            raise ValidationError("Give a day within the next two weeks; a letter is issued when it is ready to go.")
        return max(sent, self.at)


POSTAL_NUMBER = re.compile(r"[A-Z]{2}\d{9}[A-Z]{2}")


class SentForm(forms.Form):
    """How an issued letter really left, and what proves it."""

    sent_at = Moment(label="Left the school on")
    method = forms.ChoiceField(label="How it was sent", choices=METHODS, widget=forms.RadioSelect)
    proof = forms.ChoiceField(label="Proof", choices=PROOFS, widget=forms.RadioSelect)
    note = forms.CharField(
        label="Number, or who handed it to whom",
        required=False,
        max_length=120,
        help_text="The number of a signed-for letter, such as AB 1234 5678 9GB; by hand, who handed it over and to whom.",
    )
    sure = forms.BooleanField(label="The number is exactly as on the receipt", required=False)

    def __init__(self, *args: Any, letter: Letter, at: datetime, **more: Any) -> None:
        assert letter.sent_at is not None
        usual = {"post": "certificate", "hand": "handed_over", "email": "sent_email"}
        meant = letter.sent_at if letter.sent_at <= at and letter.posted_at is None else at
        initial = {"sent_at": meant, "method": letter.method, "proof": usual.get(letter.method)}
        super().__init__(*args, initial=initial, **more)
        self.letter, self.at = letter, at
        self.fields["proof"].choices = [(key, label) for key, label in PROOFS if key != "accepted"]
        if not (self.is_bound and self.data.get("proof") == "signed_for"):
            del self.fields["sure"]  # asked where a number looks odd

    def clean_sent_at(self) -> datetime:
        sent: datetime = self.cleaned_data["sent_at"]
        assert self.letter.issued_at is not None
        if sent > self.at + TYPING:
            raise ValidationError("That is still to come: mark it as sent once it has left.")
        if sent < self.letter.issued_at - TYPING:
            raise ValidationError("That is before the letter was issued.")
        return sent

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        method, proof, note = told.get("method"), told.get("proof"), (told.get("note") or "").strip()
        if method and proof and proof not in PROOFS_OF[method]:
            self.add_error("proof", f"That does not go with “{METHOD_LABELS[method]}”: choose what you really hold.")
        sure = told.pop("sure", False)
        if proof == "signed_for" and not note:
            self.add_error("note", "Give the number of the signed-for letter.")
        elif proof == "signed_for":
            told["note"] = self.number(note, sure=sure)
        if method == "hand" and not note:
            self.add_error("note", "Say who handed it over, and to whom.")
        return told

    def number(self, typed: str, *, sure: bool) -> str:
        """A number as the post writes it; one that looks otherwise is asked about once, as it cannot be changed later."""
        plain = "".join(typed.split()).upper()
        if POSTAL_NUMBER.fullmatch(plain):
            return plain
        if not sure:
            self.add_error(
                "note",
                "Such numbers have two letters, nine digits and GB. Compare it with the receipt; if it is so, tick below.",
            )
        return typed


class EmailForm(forms.Form):
    """The address to which a letter is emailed, looked at by whoever sends it."""

    to = forms.EmailField(widget=forms.HiddenInput)
    sure = forms.BooleanField(
        label="This is the address that they use with the school",
        error_messages={"required": "Look at the address, and tick that it is theirs."},
    )


class CameBackForm(forms.Form):
    """When and why a letter came back."""

    on = forms.DateField(label="It came back on", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    why = forms.CharField(
        label="What it says, or what you were told",
        max_length=200,
        help_text="“Return to sender: gone away”, “the mailbox does not exist”.",
    )

    def __init__(self, *args: Any, sending: Sending, at: datetime, **more: Any) -> None:
        super().__init__(*args, initial={"on": local_date(at)}, **more)
        self.sending, self.at = sending, at

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > local_date(self.at):
            raise ValidationError("That is still to come.")
        if self.sending.sent_at and on < local_date(self.sending.sent_at):
            raise ValidationError("That is before it left.")
        return on
