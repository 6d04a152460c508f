"""The form about a list: what its saved state is called."""

from django import forms


class ViewNameForm(forms.Form):
    """The name of a saved view."""

    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="What you will look for: “Serious, this term”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the view a name."},
    )
