"""The question who it was: somebody on the list, somebody new, or somebody not known yet."""

import re
from functools import cached_property
from typing import Any

from django import forms

from conduct import people
from conduct.ids import ids_in
from conduct.models import RELATIONS, Person, School
from conduct.register import Child

NEW, UNKNOWN = "new", "unknown"  # the two choices of the picker that are nobody on the list
SPECIAL = {NEW: "Not on this list: add them", UNKNOWN: "Not known: describe them"}
ADDED = ("new_name", "new_relation", "new_pupil", "new_year")
# "Not known: tall man, red coat" typed straight into the box.
NOT_KNOWN = re.compile(r"\s*(?:not known|unknown)\b\s*[:,.–-]?\s*(?P<description>.*)", re.IGNORECASE | re.DOTALL)


class WhoForm(forms.Form):
    """Who it was. After `is_valid`, the subject is `known`, or made of `newcomer`."""

    person = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
    who = forms.CharField(
        label="1. Who was it?",
        help_text="Name, phone or their child’s name. If you do not know: “not known: tall man, red coat”.",
        required=False,
        max_length=220,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    which = forms.CharField(required=False, max_length=20, label="Which of these?")
    which_for = forms.CharField(required=False, widget=forms.HiddenInput)
    new_name = forms.CharField(label="Their name", required=False, max_length=120)
    new_relation = forms.ChoiceField(
        label="Relation to the school", required=False, choices=RELATIONS, initial="parent"
    )
    new_pupil = forms.CharField(label="Their child’s name, if you know it", required=False, max_length=120)
    new_year = forms.CharField(label="Year group", required=False, max_length=20)
    description = forms.CharField(
        label="What did they look like?",
        help_text="“Tall man, red coat, about 40, with a pushchair.” It can be put right once they are known.",
        required=False,
        max_length=200,
    )

    def __init__(self, *args: Any, school: School, pick_url: str, **kwargs: Any) -> None:
        """`pick_url` answers the picker."""
        super().__init__(*args, **kwargs)
        self.school = school
        self.known: Person | None = None
        self.newcomer: tuple[dict[str, str], list[Child]] | None = None
        self.candidates: list[Person] = []
        self.fields["who"].widget.attrs |= {
            "data-picker": "",
            "data-url": pick_url,
            "data-target": self.add_prefix("person"),
            "data-picked": self.picked_name,
        }

    # -- what the page shows

    @cached_property
    def picked_person(self) -> Person | None:
        return self.on_list(str(self["person"].value() or ""))

    @property
    def picked_name(self) -> str:
        """How the page names the choice of the picker; nothing for what is none."""
        return str(self.picked_person) if self.picked_person else SPECIAL.get(str(self["person"].value()), "")

    @property
    def picked(self) -> str:
        """What the picker's hidden field goes on holding: nothing that is not on the list, which nobody could change."""
        return str(self["person"].value()) if self.picked_name else ""

    @property
    def choice(self) -> str:
        """Whom the form as it stands means: an id, `new`, `unknown`, or nothing yet."""
        return self.picked or str(self["which"].value() or "")

    @property
    def adding(self) -> bool:
        """Whether the fields for a new person are open."""
        return self.choice == NEW or any(self[f].errors or (self[f].value() and f != "new_relation") for f in ADDED)

    @property
    def describing(self) -> bool:
        return self.choice == UNKNOWN or bool(self["description"].errors or self["description"].value())

    # -- what was answered

    def on_list(self, value: str) -> Person | None:
        return self.school.people.filter(pk__in=ids_in([value])).first()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        self.read_subject(found)
        return found

    def read_subject(self, found: dict[str, Any]) -> None:
        """Who it was: the one picked; else the one chosen among those the words may mean; else what was filled in."""
        words = found.get("who", "").strip()
        chosen = found.get("person") or (found.get("which") if found.get("which_for") == words else "")
        if not chosen and self.read_not_known(words):
            return
        if words and not found.get("person"):
            self.candidates = people.search(self.school, words)
        if not chosen and not self.candidates:
            chosen = NEW if found.get("new_name") else UNKNOWN if found.get("description") else ""
        if chosen in SPECIAL:
            self.read_newcomer(chosen, found)
        elif chosen:
            self.known = self.picked_person if chosen == found.get("person") else self.on_list(chosen)
            if self.known is None:
                self.add_error("who", "This person is not on the list of the school: choose again.")
        else:
            self.offer(words)

    def read_not_known(self, words: str) -> bool:
        """Somebody described in the box itself: "not known: tall man, red coat"."""
        described = NOT_KNOWN.fullmatch(words)
        description = " ".join(described["description"].split()) if described else ""
        if description:
            self.newcomer = ({"description": description[:200], "relation": "other"}, [])
        return bool(description)

    def offer(self, words: str) -> None:
        """Nobody is chosen yet: those whom the typed words may mean are offered, or what else can be done."""
        if self.candidates:
            self.add_error("who", "Which of these is it? Choose one, or say that it is somebody else.")
        elif words:
            self.add_error("who", "Nobody on the list is called that. Add them, or describe them.")
        elif "who" not in self.errors:
            self.add_error("who", "Say who it was: choose somebody, add them, or describe them.")

    def read_newcomer(self, chosen: str, found: dict[str, Any]) -> None:
        field, words = ("new_name", "Give their name.") if chosen == NEW else ("description", "Describe them.")
        if not found.get(field):
            if field not in self.errors:
                self.add_error(field, words)
            return
        if chosen == UNKNOWN:
            self.newcomer = ({"description": found["description"], "relation": "other"}, [])
            return
        children = [Child(found["new_pupil"], found.get("new_year", ""))] if found.get("new_pupil") else []
        name = " ".join(found["new_name"].split())
        self.newcomer = ({"name": name, "relation": found.get("new_relation") or "parent"}, children)
