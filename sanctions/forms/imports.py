"""The forms of an import: the file, and what each of its columns is."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from conduct import uploads
from conduct.importing import columns, reading


class FileForm(forms.Form):
    """A file to take people over from. Once it is sound, `text` is what it holds."""

    file = forms.FileField(
        label="The file",
        allow_empty_file=True,  # said by the check of uploads, which names the file
        error_messages={"required": "Choose a file first."},
        widget=forms.FileInput(attrs={"accept": ",".join(reading.CSV.endings)}),
        help_text=f"A CSV file with headings, one row for each adult and child: {reading.MOST_ROWS:,} rows and "
        f"{uploads.in_words(reading.MOST_BYTES)} at most.",
    )
    text = ""

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        content = uploads.validated(upload, reading.CSV)
        self.text = reading.text_of(content)
        return upload


class ColumnsForm(forms.Form):
    """What each column of a file is: one question a heading, with some of its values beside it."""

    def __init__(self, table: reading.Table, *args: Any, with_samples: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings = table.headings
        self.samples = columns.samples(table) if with_samples else [[] for _ in table.headings]
        for place, heading in enumerate(table.headings):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=heading,
                choices=columns.CHOICES,
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def rows(self) -> list[dict[str, Any]]:
        """For the page: each question with its samples."""
        asked = zip(self.headings, self.samples, strict=True)
        return [{"field": self[f"column-{n}"], "samples": values} for n, (_, values) in enumerate(asked)]

    def columns(self) -> dict[str, str]:
        """Heading: field."""
        return {heading: self.cleaned_data.get(f"column-{n}", "") for n, heading in enumerate(self.headings)}

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            chosen = self.columns()
            for heading, before in columns.doubled(chosen).items():
                place = f"column-{self.headings.index(heading)}"
                self.add_error(place, f"“{before}” is said to be that already. Leave one of them out.")
            if wrong := columns.missing(chosen):
                raise ValidationError(wrong)
        return told


def columns_form(
    table: reading.Table, known: dict[str, str], data: Any = None, *, with_samples: bool = True
) -> ColumnsForm:
    """The form with what is known or guessed filled in."""
    guesses = known or columns.guessed(table.headings)
    initial = {f"column-{n}": guesses.get(heading, "") for n, heading in enumerate(table.headings)}
    return ColumnsForm(table, data, initial=initial, with_samples=with_samples)
