"""An adult as a whole, however many times they are written down: what letters and pages say of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

TOLD = ("name", "description", "address", "email", "phone", "language", "adjustments")


@dataclass(frozen=True)
class Whole:
    """What is known of a person under all their entries together."""

    name: str
    description: str
    address: str
    email: str
    phone: str
    language: str
    adjustments: str
    large_print: bool
    protected: bool  # the address
    photo: int | None  # the id of the first entry that has a picture

    def __str__(self) -> str:
        return self.name or f"Not known: {self.description}"

    @property
    def needs(self) -> list[str]:
        """What letters and meetings must respect, in words."""
        said = [
            "Letters in large print" if self.large_print else "",
            f"Language or interpreter: {self.language}" if self.language else "",
            f"Adjustments: {self.adjustments}" if self.adjustments else "",
        ]
        return [words for words in said if words]


def whole_of(entries: Sequence[Any]) -> Whole:
    """Of each thing what the first of the entries says, else the first that says anything."""
    return Whole(
        **{field: next((said for e in entries if (said := getattr(e, field))), "") for field in TOLD},
        large_print=any(e.large_print for e in entries),
        protected=any(e.address_protected for e in entries),
        photo=next((e.pk for e in entries if e.photo_id), None),
    )
