"""The forms about a person: all that is known of them, or only where letters go."""

from collections.abc import Sequence
from typing import Any

from django import forms

from conduct.models import RELATIONS, Person
from conduct.register import Child

CONTACT = ["address", "email", "phone"]
ROWS, MOST_ROWS = 4, 12  # children: rows shown at least, rows taken at most


class ContactForm(forms.ModelForm):
    """Where letters go. All that whoever keeps the addresses may change, and all that they see."""

    class Meta:
        model = Person
        fields = CONTACT
        widgets = {
            "address": forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        }
        help_texts = {
            "address": "One line after the other, as on an envelope. The postcode last.",
            "phone": "One number, as they gave it.",
        }

    def moved_too(self) -> list[int]:
        """Who moved house with the person, by id: whoever keeps the addresses is asked about each by itself."""
        return []

    def values(self) -> dict[str, Any]:
        """The answers by the person's fields."""
        return {field: self.cleaned_data[field] for field in self._meta.fields}


class PersonForm(ContactForm):
    """All that the school may know of a person; the children stand in rows of their own."""

    class Meta(ContactForm.Meta):
        fields = [
            *("name", "nicknames", "description", "relation", *CONTACT),
            *("large_print", "language", "adjustments"),
        ]
        widgets = {
            **ContactForm.Meta.widgets,
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "nicknames": forms.TextInput(attrs={"autocomplete": "off"}),
            "language": forms.TextInput(attrs={"list": "languages", "autocomplete": "off"}),
        }
        help_texts = {
            **ContactForm.Meta.help_texts,
            "name": "First name and surname. Leave it empty while it is not known.",
            "nicknames": "What else they are called. The search finds these too.",
            "description": "Only while their name is not known: “Tall man, red coat”.",
            "language": "Choose one from the list, and letters begin with a sentence in it. Other words are kept as they are.",
            "adjustments": "What letters and meetings must respect. No diagnosis: only what to do.",
        }

    also_for = forms.MultipleChoiceField(
        label="If they have moved house: who moved with them?",
        help_text="The new address is then written down for these as well.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, sees_address: bool = True, moves_with: Sequence[Person] = (), **kwargs: Any) -> None:
        """`moves_with` are those who live with the person; without `sees_address` a protected one is not in the form."""
        super().__init__(*args, **kwargs)
        self.fields["relation"].choices = RELATIONS
        self.fields["also_for"].choices = [(str(p.pk), str(p)) for p in moves_with]
        self.order_fields(["name", "nicknames", "description", "relation", "address", "also_for"])
        self.hides_address = not sees_address and self.instance.pk is not None and self.instance.is_protected()
        if self.hides_address:
            del self.fields["address"]
        if not moves_with or self.hides_address:
            del self.fields["also_for"]

    def values(self) -> dict[str, Any]:
        """The answers by the person's fields: those that the form had."""
        return {field: self.cleaned_data[field] for field in self._meta.fields if field in self.fields}

    def moved_too(self) -> list[int]:
        """Who moved house with the person, by id."""
        moved = "address" in self.changed_data
        return [int(pk) for pk in self.cleaned_data.get("also_for", [])] if moved else []

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not found.get("name") and not found.get("description") and not self.errors:
            self.add_error("name", "Give a name, or describe the person below until they are identified.")
        return found


class ChildForm(forms.Form):
    """One child: a row with no name is no child."""

    name = forms.CharField(label="Child’s name", max_length=120, required=False)
    year = forms.CharField(label="Year group", max_length=20, required=False)
    may_collect = forms.BooleanField(label="May collect", required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("year") and not found.get("name") and "name" not in self.errors:
            self.add_error("name", "Give the child’s name, or empty the year.")
        return found


class Children(forms.BaseFormSet):
    """The rows of children."""

    def children(self) -> list[Child]:
        """The children named, in their order."""
        answers = [form.cleaned_data for form in self.forms if form.cleaned_data.get("name", "").strip()]
        return [Child(a["name"].strip(), a["year"].strip(), a["may_collect"]) for a in answers]


def children_formset(data: Any, children: list[Child]) -> Children:
    """Rows for the children as they stand, and empty ones up to four, or one more."""
    extra = max(ROWS - len(children), 1)
    made = forms.formset_factory(ChildForm, formset=Children, extra=extra, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
    initial = [{"name": c.name, "year": c.year, "may_collect": c.may_collect} for c in children]
    # Django leaves out a row that says what it said before, where it takes it for an empty one: here each row counts.
    return made(data, initial=initial, prefix="children", form_kwargs={"empty_permitted": False})
