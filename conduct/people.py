"""Finding people: by name, nickname, sound or spelling nearly alike, phone, email or pupil."""

from django.db.models import Q, QuerySet
from rapidfuzz import fuzz, process

from conduct.models import Person, School
from conduct.names import fold

ENOUGH_ALIKE = 72  # of 100: takes in Shivawn for Siobhan's neighbours, leaves out mere shared initials
NARROWED_TO = 400  # names looked at for likeness, after the database has narrowed by first letters


def search(school: School, text: str, limit: int = 8) -> list[Person]:
    """People of the school who match what was typed, best first; nobody for fewer than two letters."""
    wanted = fold(text)
    if len(wanted) < 2:
        return []
    people = school.people.prefetch_related("pupils")
    found = list(people.filter(exact_words(wanted, text)).distinct()[: limit * 2])
    if len(found) < limit:
        found += alike(people.exclude(pk__in=[p.pk for p in found]), wanted, limit - len(found))
    return sorted(found, key=lambda p: -fuzz.WRatio(wanted, p.folded))[:limit]


def exact_words(wanted: str, text: str) -> Q:
    """Every word begins a word of the name; or the phone, email or a pupil's name holds the text."""
    by_name = Q()
    for word in wanted.split():
        by_name &= Q(folded__startswith=word) | Q(folded__contains=f" {word}")
    contact = Q(email__istartswith=text.strip()) | Q(pupils__name__icontains=text.strip())
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) >= 5:
        contact |= Q(phone__contains=digits) | Q(phone__contains=text.strip())
    return by_name | contact


def alike(people: "QuerySet[Person]", wanted: str, limit: int) -> list[Person]:
    """People whose name is spelled nearly like what was typed."""
    letters = Q()
    for word in wanted.split():
        letters |= Q(folded__startswith=word[:1]) | Q(folded__contains=f" {word[:1]}")
    names = {p.pk: (p.folded, p) for p in people.filter(letters)[:NARROWED_TO]}
    ranked = process.extract(
        wanted,
        {pk: name for pk, (name, _) in names.items()},
        scorer=fuzz.WRatio,
        score_cutoff=ENOUGH_ALIKE,
        limit=limit,
    )
    return [names[pk][1] for _, _, pk in ranked]
