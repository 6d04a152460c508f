"""Two rows side by side, before somebody says that they are one person: what each holds, and what would stand twice."""

from dataclasses import dataclass
from datetime import datetime

from conduct.models import Person
from conduct.register import Child, children_of
from sanctions.ladder import label_of
from sanctions.models import Case, Measure
from sanctions.person_story import counts_of
from sanctions.situation import state_of, with_history
from sanctions.states import LIVE_BAN


@dataclass(frozen=True)
class Side:
    """One of the two: how they are written down, and how much stands under it."""

    person: Person
    children: list[Child]
    counts: dict[str, int]
    open_case: Case | None
    ban: Measure | None
    ban_words: str


def side(person: Person, at: datetime) -> Side:
    bans = with_history(Measure.objects.filter(person__in=person.rows(), response="site_ban").order_by("-pk"))
    calendar = person.school.calendar
    live = next(((b, s) for b in bans if (s := state_of(b, calendar, at)) in LIVE_BAN), None)
    return Side(
        person=person,
        children=children_of(person),
        counts=counts_of(person),
        open_case=Case.objects.filter(person__in=person.rows(), closed_at=None).order_by("opened_at", "pk").first(),
        ban=live[0] if live else None,
        ban_words=label_of(live[1], "site_ban").lower() if live else "",
    )


def in_conflict(one: Side, other: Side) -> list[str]:
    """What would stand twice. Nothing is decided about it: both stay."""
    found = []
    if one.open_case and other.open_case:
        found.append(
            f"Both have an open case: {one.open_case} and {other.open_case}. Both stay open. What is logged from now on goes "
            f"into {one.open_case}; close {other.open_case} when it is done."
        )
    if one.ban and other.ban:
        found.append(
            f"A ban is under way in both: {one.ban_words} ({one.ban.case}) and {other.ban_words} ({other.ban.case}). Both "
            "stay as they are. A third cannot be proposed; the head may withdraw or lift the one that is not needed."
        )
    if one.person.household_id and other.person.household_id and one.person.household_id != other.person.household_id:
        found.append("They are written down as living with different people. Both stay; put it right afterwards.")
    return found
