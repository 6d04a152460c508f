"""The forms of the post room's texts and of the letterhead."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from letters import characters, placeholders, starters
from letters.kinds import KINDS
from letters.look import LEAST_CONTRAST, WRITTEN, contrast
from letters.models import ENVELOPES, Letterhead
from letters.outline import Piece

LONGEST = 2000
LINE = 64  # characters, about, that fit a line of the field
FOOTER = 200
ADDRESS_LINES = 4  # that fit the letterhead
# Of these two a school may say something under School, which letters then say in place of the text.
ALSO_UNDER_SCHOOL = {"complaints": "complaints", "privacy": "privacy_notice"}


def sound(kind: str, words: str) -> None:
    """Refuse a text that could not be printed in letters of that kind. Raises ValidationError."""
    known = placeholders.of(KINDS[kind].facts)
    if any(sort == "loose" for sort, _ in placeholders.parts(words)):
        raise ValidationError(
            "A square bracket stands alone. Write both, [like_this]; for anything else use (round ones)."
        )
    if unknown := sorted(placeholders.used(words) - set(known)):
        named = " and ".join(f"[{name}]" for name in unknown)
        raise ValidationError(
            f"{named} is no placeholder of this letter: pick one from the list, or use (round brackets)."
        )
    printable(words)


def printable(words: str) -> None:
    if lost := characters.unprintable({"": words}):
        raise ValidationError(f"Letters cannot print these characters: {lost} Write the words in Latin letters.")


class Text(forms.CharField):
    """A text of a letter, its lines ended in one way, whatever the browser sends."""

    def to_python(self, value: Any) -> str:
        words: str = super().to_python(value)
        return "\n".join(line.rstrip() for line in words.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


@dataclass(frozen=True)
class Laid:
    """A part of the letter as the form shows it: a field, or words that are fixed."""

    sort: str
    words: str
    field: forms.BoundField | None = None


class TextsForm(forms.Form):
    """Every text of a kind of letter, and what was changed and why. `follows`: the version that was before whoever types."""

    note = forms.CharField(label="What you changed, and why", max_length=200, required=False)
    follows = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, *args: Any, kind: str, texts: dict[str, str], number: int, also: dict[str, str], **more: Any
    ) -> None:
        super().__init__(*args, initial={**texts, "follows": number}, **more)
        known = {field.name: field for field in fields(KINDS[kind].facts)}
        for name in starters.texts_of(kind):
            meta = known[name].metadata
            rows = 2 + max(len(texts[name]) // LINE, texts[name].count("\n"))
            says = f"Under School you have written: “{also[name]}” Letters say that instead." if also.get(name) else ""
            self.fields[name] = Text(
                label=meta["label"], required=meta["required"], max_length=LONGEST, help_text=says,
                validators=[partial(sound, kind)], widget=forms.Textarea(attrs={"rows": rows, "data-placeholders": ""}),
                error_messages={"required": "This letter needs this text: it cannot be left empty."},
            )  # fmt: skip
        self.names = list(starters.texts_of(kind))

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.names}

    def laid(self, pieces: list[Piece]) -> Iterator[Laid]:
        """The letter, with the fields in the places of its texts."""
        for piece in pieces:
            yield Laid(piece.sort, piece.words, self[piece.words] if piece.sort == "text" else None)

    def follow(self, number: int) -> None:
        """From now on it follows that version: whoever saves it again has been told of it."""
        self.data = self.data.copy()
        self.data["follows"] = str(number)


class BackForm(forms.Form):
    """Nothing is asked but which version was before whoever goes back."""

    follows = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class CheckedForm(forms.Form):
    """Who looked at the texts. `seen`: what they looked at, each kind with its digest."""

    checked_by = forms.CharField(
        label="Who has looked at them", max_length=120,
        help_text="A solicitor, or the trust’s lawyers: somebody who knows the law, by name or firm.",
    )  # fmt: skip
    seen = forms.CharField(widget=forms.HiddenInput, max_length=8000)

    def clean_seen(self) -> dict[str, str]:
        pairs = (each.partition(":") for each in self.cleaned_data["seen"].split())
        found = {kind: digest for kind, _, digest in pairs}
        if not found or not set(found) <= set(starters.kinds()):
            raise ValidationError("Open this page again, from Texts.")
        return found


class LetterheadForm(forms.ModelForm):  # type: ignore[type-arg]
    """How the letters of a school look."""

    class Meta:
        model = Letterhead
        fields = ("colour", "address", "footer", "envelope", "logo_words")
        labels = {
            "colour": "Colour of lines and headings",
            "address": "Address block",
            "footer": "At the foot of every page",
            "envelope": "Window envelope",
            "logo_words": "The logo in words",
        }
        help_texts = {
            "colour": "As # and six figures, such as #0f4c5c. It must stand out from white paper.",
            "address": f"At most {ADDRESS_LINES} lines. Left empty, the address under School.",
            "footer": "Registered office, charity number, web address. One line.",
            "envelope": "Where the marks for folding stand. The address shows in the window of both.",
            "logo_words": "For whoever has the letter read aloud. Left empty, “Logo of” and the school’s name.",
        }

    envelope = forms.ChoiceField(label="Window envelope", choices=ENVELOPES, widget=forms.RadioSelect)
    address = forms.CharField(
        label="Address block", required=False, max_length=300, validators=[printable],
        widget=forms.Textarea(attrs={"rows": ADDRESS_LINES}),
        help_text=f"At most {ADDRESS_LINES} lines. Left empty, the address under School.",
    )  # fmt: skip

    def clean_colour(self) -> str:
        colour: str = self.cleaned_data["colour"].strip().lower()
        if not WRITTEN.fullmatch(colour):
            raise ValidationError("Write it as # and six figures from 0 to 9 and a to f, such as #0f4c5c.")
        if contrast(colour) < LEAST_CONTRAST:
            raise ValidationError(
                f"This is too pale to read on white paper: {contrast(colour):.1f} to 1, and {LEAST_CONTRAST} to 1 is the "
                "least. Choose a darker one."
            )
        return colour

    def clean_address(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["address"].splitlines() if line.strip()]
        if len(lines) > ADDRESS_LINES:
            raise ValidationError(f"That is {len(lines)} lines, and {ADDRESS_LINES} fit the letterhead.")
        return "\n".join(lines)

    def clean_footer(self) -> str:
        footer = " ".join(self.cleaned_data["footer"].split())
        printable(footer)
        return footer

    def clean_logo_words(self) -> str:
        printable(self.cleaned_data["logo_words"])
        return str(self.cleaned_data["logo_words"]).strip()
