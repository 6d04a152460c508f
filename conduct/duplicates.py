"""Who may be written down already: offered while somebody new is being written down, and never in the way."""

from dataclasses import dataclass

from conduct import merging, names, people
from conduct.models import Person, School
from conduct.people import Found, Why

MOST = 4
BY_NAME = {
    Why.NAME: "the same name",
    Why.NICKNAME: "the same name, otherwise written or shortened",
    Why.SOUND: "sounds alike",
    Why.ALIKE: "spelled nearly alike",
}


@dataclass(frozen=True)
class Alike:
    """Somebody who may be the one meant, and what they have in common with what was typed."""

    person: Person
    why: str


def is_short_for(name: str, found: Found) -> bool:
    """Whether a name that is the beginning of another has the same surname: Alex Marsh, Alexander Marsh, not Alex Marshall."""
    return found.why is Why.BEGINNING and names.words(name)[-1] in names.words((found.also or found.person).name)


def alike(school: School, *, name: str = "", phone: str = "", besides: Person | None = None) -> list[Alike]:
    """Who has a name like this one, or this number; not the person themselves, nor who was said to be somebody else."""
    left_out = ({*besides.rows().values_list("pk", flat=True)} | merging.apart_ids(besides)) if besides else set()
    reasons: dict[Person, list[str]] = {}
    if len(name.split()) > 1:  # a first name alone is shared by too many
        for found in people.find(school, name):
            why = Why.NICKNAME if is_short_for(name, found) else found.why
            if why in BY_NAME:
                reasons.setdefault(found.person, []).append(BY_NAME[why])
    if people.is_number(phone) and len(phone.strip()) > people.SHORTEST:
        for found in people.find(school, phone):
            if found.why is Why.CONTACT:
                reasons.setdefault(found.person, []).append("the same phone")
    both = sorted(reasons.items(), key=lambda each: -len(each[1]))
    return [Alike(person, ", ".join(why)) for person, why in both if person.pk not in left_out][:MOST]
