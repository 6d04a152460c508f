"""The forms of a pack of documents: what it holds, and issuing it."""

from typing import Any

from django import forms

from sanctions.forms.deeds import CHOOSE, WRITE, several, words

HOWS = [
    ("hand", "By hand, or through their own secure way to send files"),
    ("post", "By first-class post"),
]


class PackForm(forms.Form):
    """To whom a pack goes, what is asked, and which parts of the case it holds. `parts` are the choices of each sort."""

    addressee = forms.CharField(label="To whom", max_length=200, error_messages=WRITE)
    address = forms.CharField(
        label="Their address",
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="If it goes by post.",
    )
    asked = words("What you ask", "Say plainly what you want them to do.", rows=5)
    incidents = several("Incidents", [], "What is not ticked is listed as left out.")
    evidence = several("Evidence", [], "Listed with its fingerprint. The files themselves are handed over separately.")
    letters = several("Letters as issued", [], "Each follows page for page.")
    name_witnesses = forms.BooleanField(
        label="Name the witnesses",
        required=False,
        help_text="Without it they stand by their initials. What is told in other words is not found by the program: read the "
        "draft before you issue it.",
    )

    def __init__(self, *args: Any, parts: dict[str, list[tuple[int, str]]], to_somebody: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, choices in parts.items():
            self.fields[name].choices = [(str(key), label) for key, label in choices]
            if not choices:
                del self.fields[name]
        if "incidents" in self.fields:
            self.fields["incidents"].required = True
            self.fields["incidents"].error_messages = {**CHOOSE, "required": "Tick at least one incident."}
        if not to_somebody:
            del self.fields["addressee"], self.fields["address"]

    def clean_addressee(self) -> str:
        return " ".join(str(self.cleaned_data["addressee"]).split())

    def chosen(self) -> dict[str, Any]:
        """What was ticked, as the pack keeps it."""
        told = self.cleaned_data
        picked = {
            name: [int(key) for key in told[name]] for name in ("incidents", "evidence", "letters") if name in told
        }
        address = [line.strip() for line in (told.get("address") or "").splitlines() if line.strip()]
        return picked | {"asked": told["asked"].strip(), "address": address, "name_witnesses": told["name_witnesses"]}


class IssuePackForm(forms.Form):
    """Issuing a pack that has been read."""

    method = forms.ChoiceField(
        label="How you pass it on", choices=HOWS, widget=forms.RadioSelect, initial="hand", error_messages=CHOOSE
    )
