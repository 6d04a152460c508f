"""The forms beside a file: what it shows, and why it is taken out."""

from django import forms

from sanctions.forms.deeds import WRITE

LONGEST = 200


class NoteForm(forms.Form):
    """What a file shows, in a line."""

    note = forms.CharField(
        label="What it shows",
        help_text="In a few words: “The car park at 08:52, from the office window”. It is read beside the file.",
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TakeOutForm(forms.Form):
    """Why a file does not belong there."""

    reason = forms.CharField(
        label="Why is it taken out?",
        help_text="The file stays, marked with this reason. Senior staff and the head go on seeing it; nobody else does.",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=WRITE,
    )
