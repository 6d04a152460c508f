"""The form of the rehearsal page: an example, a file, or the text itself; the button that was pressed says which."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conduct import uploads
from sanctions.rehearsals.examples import examples

UNNAMED = "Your text"


class StoryForm(forms.Form):
    """A story to play. Once it is sound, `cleaned_data` holds the `name` and the `story`, its text."""

    file = forms.FileField(
        label="A story file",
        required=False,
        allow_empty_file=True,  # said by the check of uploads, which names the file
        widget=forms.FileInput(attrs={"accept": ",".join(uploads.STORY.endings)}),
        help_text=f"A file that ends in .yaml or .yml, {uploads.in_words(uploads.STORY.most)} at most. "
        "Its text then stands in the box above.",
    )
    # A plain field: the check of uploads says of the text, too, what is wrong with it.
    text = forms.Field(
        label="The text of the story",
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 18, "wrap": "off", "spellcheck": "false", "autocomplete": "off", "class": "story-text"}
        ),
        help_text="Paste a story, or change one that you have played, and play it again.",
    )
    name = forms.Field(required=False, widget=forms.HiddenInput)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"] or "")
        return name if name.isprintable() and 0 < len(name) <= uploads.LONGEST_NAME else UNNAMED

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"] or "").replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if "example" in self.data:
            found = examples().get(self.data["example"])
            if found is None:
                raise ValidationError("There is no such example.")
            told |= {"name": found.file, "story": found.text}
        elif "play_file" in self.data:
            self.take_file(told)
        else:
            self.take_text(told)
        return told

    def take_file(self, told: dict[str, Any]) -> None:
        upload = told.get("file")
        if upload is None:
            self.add_error("file", "Choose a file first.")
            return
        try:
            content = uploads.validated(upload, uploads.STORY)
        except ValidationError as wrong:
            self.add_error("file", wrong)
        else:
            told |= {"name": upload.name, "story": content.decode("utf-8-sig").replace("\r\n", "\n")}

    def take_text(self, told: dict[str, Any]) -> None:
        try:
            uploads.checked(told["name"], told["text"].encode(), uploads.STORY)
        except ValidationError as wrong:
            self.add_error("text", wrong)
        else:
            told["story"] = told["text"]

    def overwritten(self) -> str:
        """What stood in the box and is replaced by a file or an example; nothing where that is kept elsewhere."""
        was, now = self.cleaned_data.get("text", ""), self.cleaned_data.get("story", "")
        kept = {now.strip(), *(example.text.strip() for example in examples().values())}
        return "" if was.strip() in kept else was


def form_with(name: str, text: str, wrong: str = "") -> StoryForm:
    """The form with this text in its box, and what is wrong with it beside it."""
    if not wrong:
        return StoryForm(initial={"name": name, "text": text})
    form = StoryForm({"name": name, "text": text})
    form.add_error("text", wrong)
    return form
