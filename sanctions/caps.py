"""The cap of a communication plan, such as "one email a week": read from its words, and what was used of it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# What the cap counts, in the words of the cap: the method, or any contact at all.
COUNTED = {
    "email": "email",
    "call": "telephone",
    "letter": "letter",
    "meeting": "meeting",
    "message": "app",
    "talk": "talk",
}
ALIKE = {"app_message": "app"}  # one way to get in touch, under two names
PERIODS = ("day", "week", "month")
PATTERN = re.compile(
    r"^\s*(?P<most>\d+|" + "|".join(NUMBERS) + r")\s+(?P<what>[a-z]+?)s?\s+(?:a|per|each|every)\s+(?P<period>"
    + "|".join(PERIODS) + r")\s*$",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True)
class Cap:
    """How many contacts of a method (any, where it is empty) there may be in a day, a week from Monday, or a month."""

    most: int
    method: str
    period: str

    def counts(self, method: str) -> bool:
        return not self.method or self.method == ALIKE.get(method, method)

    def first_day(self, on: date) -> date:
        """The first day of the period that holds a day."""
        if self.period == "week":
            return on - timedelta(days=on.weekday())
        return on.replace(day=1) if self.period == "month" else on

    def used(self, contacts: Iterable[tuple[str, date]], on: date) -> int:
        """How many of these contacts, each a method and a day, fall into the period of a day."""
        first = self.first_day(on)
        return sum(1 for method, day in contacts if self.counts(method) and self.first_day(day) == first)


def read(words: str) -> Cap | None:
    """The cap that these words mean; None where they are free text, which is shown and not counted."""
    found = PATTERN.match(words)
    if found is None:
        return None
    what, most = found["what"].lower(), found["most"].lower()
    if what not in {*COUNTED, "contact"}:
        return None
    return Cap(int(most) if most.isdigit() else NUMBERS.index(most), COUNTED.get(what, ""), found["period"].lower())


def write(most: int, what: str, period: str) -> str:
    """The same in words: `write(1, "email", "week")` is "one email a week"."""
    number = NUMBERS[most] if most < len(NUMBERS) else str(most)
    return f"{number} {what}{'' if most == 1 else 's'} a {period}"


def among(method: str, allowed: Iterable[str]) -> bool:
    """Whether a method is one of those allowed, under whichever of its names."""
    return ALIKE.get(method, method) in {ALIKE.get(a, a) for a in allowed}


def word_of(method: str) -> str:
    """What a cap calls a method; "contact" for any."""
    return next((word for word, counted in COUNTED.items() if counted == method), "contact")


def over(cap: Cap | None, contacts: list[tuple[str, date]], n: int) -> bool:
    """Whether the nth contact (in order of time) goes over the cap."""
    if cap is None or not cap.counts(contacts[n][0]):
        return False
    return cap.used(contacts[: n + 1], contacts[n][1]) > cap.most
