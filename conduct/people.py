"""Finding people: by name, nickname, sound or spelling nearly alike, phone, email or pupil; as fast among many as among few.

A search is two look-ups in indexes, each bounded: first which words of this school's names the typed ones may mean, then
whom these words lead to. What comes back is a few hundred short keys at most, and these alone are compared and ranked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import product

from django.db import connection
from django.db.models import prefetch_related_objects
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from conduct import names, nicknames, search_keys
from conduct.models import Person, PersonKey, School, Spelling

SHORTEST = 2  # letters: fewer find nobody
MOST_WORDS = 4  # of what was typed
OTHERS = 6  # other words that one typed word may mean, where each is looked up by itself
PAIRED = 12  # the same, where pairs of them are
UNFINISHED = 60  # keys read where those that do not fit are left out afterwards
A_SET = 80  # keys read of a set of pairs
SPARE = 6  # read beyond those asked for, since a person has several keys and may be written down twice
TRACES_READ = 800
SOUNDS_LIKE = 50  # of 100: what else two words that sound the same must have in common
SHORT_SOUND, SOUNDS_MUCH_LIKE = 2, 80  # so few consonants are shared by many names: these must have more in common
LAST = "\U0010ffff"  # after every key that goes on


class Why(IntEnum):
    """Why somebody was found, the best reason last."""

    CHILD_ALIKE = 1
    ALIKE = 2
    SOUND = 3
    CHILD = 4
    NICKNAME = 5
    CONTACT = 6
    BEGINNING = 7
    NAME = 8


@dataclass(frozen=True)
class Found:
    """A person whom the words may mean; `also` is the row under which they were found, when they are written down twice."""

    person: Person
    why: Why
    also: Person | None = None


@dataclass(frozen=True)
class Other:
    """A word of this school's names that a typed one may mean; `alone`: also without another word that bears it out."""

    word: str
    why: Why
    likeness: float
    alone: bool = True


@dataclass(frozen=True)
class Lookup:
    """One range of keys, or a set of keys, of one kind: how each key found in it is judged."""

    kind: str
    start: str
    why: Why
    likeness: float = 100.0
    exact: Mapping[str, float] = field(default_factory=dict)  # keys, each with its likeness
    most: int = 0  # keys read, where not as many as people are asked for
    begins: str = ""  # SHORT alone: how the shortened word was typed


@dataclass(frozen=True)
class Hit:
    person: int
    why: Why
    likeness: float
    key: str


def search(school: School, text: str, limit: int = 8) -> list[Person]:
    """People of the school who match what was typed, best first; nobody for fewer than two letters."""
    return [found.person for found in find(school, text, limit)]


def find(school: School, text: str, limit: int = 8) -> list[Found]:
    """As `search`, each with why. Of rows that are one and the same person, the one that stands for them."""
    text = text.replace("\0", "")  # which PostgreSQL does not take
    typed = names.words(text)[:MOST_WORDS]
    if len("".join(typed)) < SHORTEST:
        return []
    others = [] if is_number(text) else meant(school, typed)
    hits = looked_up(school, [*contacts(text), *by_name(typed, others)], limit + SPARE)
    return people_of(ranked(hits)[: limit + SPARE], limit)


def is_number(text: str) -> bool:
    return any(c.isdigit() for c in text) and not any(c.isalpha() for c in text)


# -- which words were meant


def meant(school: School, typed: list[str]) -> list[list[Other]]:
    """For each typed word, the other words of this school's names that it may stand for, the likeliest first."""
    called = [nicknames.also_called(word) for word in typed]
    wanted = {trace for word in typed for trace in search_keys.traces(word)}.union(*called)
    rows = Spelling.objects.filter(school=school, trace__in=sorted(wanted)).order_by("trace", "word")
    words = set(rows.values_list("word", flat=True)[:TRACES_READ])
    return [others_of(word, words, also) for word, also in zip(typed, called, strict=True)]


def others_of(typed: str, words: Iterable[str], also: Iterable[str]) -> list[Other]:
    judged = [judge(typed, word, word in also) for word in words if word != typed]
    return sorted((o for o in judged if o), key=lambda o: (-o.why, -o.likeness, o.word))[:PAIRED]


def judge(typed: str, word: str, called_so: bool) -> Other | None:
    """Whether one word may stand for another: the same name, the same sound, or one slip of the keyboard."""
    likeness = fuzz.ratio(typed, word)
    if called_so:
        return Other(word, Why.NICKNAME, likeness)
    if sounds_like(typed, word, likeness):
        return Other(word, Why.SOUND, likeness)
    if not one_slip(typed, word):
        return None
    # The first letter is seldom the wrong one: then the other word must be right.
    return Other(word, Why.ALIKE, likeness, alone=typed[0] == word[0] or sorted(typed) == sorted(word))


def sounds_like(typed: str, word: str, likeness: float) -> bool:
    shared = search_keys.sound_codes(typed) & search_keys.sound_codes(word)
    if not shared:
        return False
    if nicknames.spoken(word) or nicknames.spoken(typed):
        return True
    short = max(len(code) for code in shared) <= SHORT_SOUND
    return likeness >= (SOUNDS_MUCH_LIKE if short else SOUNDS_LIKE)


def one_slip(typed: str, word: str) -> bool:
    """One letter left out, doubled, wrong or changed with its neighbour; in the shortest words none is left out."""
    if max(len(typed), len(word)) <= search_keys.TYPED_WRONG_FROM and len(typed) != len(word):
        return False
    return OSA.distance(typed, word, score_cutoff=1) <= 1


# -- where to look


def contacts(text: str) -> list[Lookup]:
    """By phone, from its beginning or from its end; by email, from its beginning."""
    found = []
    number = search_keys.number_of(text) if is_number(text) else ""
    if len(number) >= search_keys.SHORTEST_NUMBER:
        found += [Lookup(search_keys.PHONE, number, Why.CONTACT)]
        found += [Lookup(search_keys.PHONE_END, number[::-1], Why.CONTACT)]
    if " " not in text.strip() and not is_number(text):
        found += [Lookup(search_keys.EMAIL, text.strip().casefold(), Why.CONTACT)]
    return found


def by_name(typed: list[str], others: list[list[Other]]) -> list[Lookup]:
    """By the person's own name and a child's: as typed, then by every other word that may be meant."""
    if not others:
        return []
    either_way = [" ".join(typed)] if len(typed) == 1 else [" ".join(typed), " ".join([typed[-1], *typed[:-1]])]
    found = [Lookup(search_keys.NAME, words, Why.BEGINNING) for words in either_way]
    found += [Lookup(search_keys.CHILD, words, Why.CHILD) for words in either_way]
    return found + (one_word(others[0]) if len(typed) == 1 else several(typed, others))


def one_word(others: list[Other]) -> list[Lookup]:
    others = [o for o in others if o.alone]
    found = [Lookup(search_keys.NAME, f"{o.word} ", o.why, o.likeness) for o in others[:OTHERS]]
    return found + [Lookup(search_keys.CHILD, f"{o.word} ", child(o.why), o.likeness) for o in others[: OTHERS // 2]]


def several(typed: list[str], others: list[list[Other]]) -> list[Lookup]:
    """Two words or more: both unfinished; the last unfinished and the first another; any pair of what may be meant."""
    first, last = typed[0], typed[-1]
    found = [
        Lookup(search_keys.SHORT, f"{a[:2]} {b}", Why.BEGINNING, begins=a, most=UNFINISHED)
        for a, b in ((first, last), (last, first))
        if len(a) >= SHORTEST
    ]
    found += [
        Lookup(search_keys.NAME, f"{o.word} {last}", o.why, o.likeness)
        for o in [o for o in others[0] if o.alone][:OTHERS]
    ]
    return found + pairs(Other(first, Why.NAME, 100), Other(last, Why.NAME, 100), others[0], others[-1])


def pairs(first: Other, last: Other, firsts: list[Other], lasts: list[Other]) -> list[Lookup]:
    """The two words in any order with others between, and every pair of what they may mean: a set for each reason."""
    sets: dict[Why, dict[str, float]] = {}
    for a, b in product([first, *firsts], [last, *lasts]):
        if not (a.alone or b.why is Why.NAME) or not (b.alone or a.why is Why.NAME):
            continue
        of_reason = sets.setdefault(min(a.why, b.why), {})
        of_reason[search_keys.pair(a.word, b.word)] = (a.likeness + b.likeness) / 2
    found = []
    for why, likeness in sets.items():
        found.append(Lookup(search_keys.TWO, "", why, exact=likeness, most=A_SET))
        found.append(Lookup(search_keys.CHILD_TWO, "", child(why), exact=likeness, most=A_SET))
    return found


def child(why: Why) -> Why:
    """The reason by a child's name that goes with one by their own."""
    return Why.CHILD if why >= Why.NICKNAME else Why.CHILD_ALIKE


# -- looking


RANGE = "SELECT person_id, key, %s AS lookup FROM {keys} WHERE school_id = %s AND kind = %s AND key >= %s AND key < %s"
SET = "SELECT person_id, key, %s AS lookup FROM {keys} WHERE school_id = %s AND kind = %s AND key IN ({marks})"
BOUNDED = "SELECT * FROM ({select} ORDER BY key, person_id LIMIT %s) AS bounded"


def looked_up(school: School, lookups: Sequence[Lookup], most: int) -> list[Hit]:
    """All look-ups as one query: each reads no more of its index than it may. (The query compiler of Django refuses
    bounded parts of a union on SQLite, which takes them as they stand here.)"""
    parts, values = [], []
    for n, lookup in enumerate(lookups):
        table = connection.ops.quote_name(PersonKey._meta.db_table)
        if lookup.exact:
            select = SET.format(keys=table, marks=", ".join(["%s"] * len(lookup.exact)))
            values += [n, school.pk, lookup.kind, *lookup.exact, lookup.most or most]
        else:
            select = RANGE.format(keys=table)
            values += [n, school.pk, lookup.kind, lookup.start, lookup.start + LAST, lookup.most or most]
        parts.append(BOUNDED.format(select=select))
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        rows = cursor.fetchall()
    return [hit for person, key, n in rows if (hit := judged(person, key, lookups[n]))]


def judged(person: int, key: str, lookup: Lookup) -> Hit | None:
    """What a key that was found is worth."""
    if lookup.begins and not key.rpartition(" ")[2].startswith(lookup.begins):
        return None
    why = lookup.why
    if why is Why.BEGINNING and lookup.kind == search_keys.NAME and key.startswith(f"{lookup.start} "):
        why = Why.NAME
    return Hit(person, why, lookup.exact.get(key, lookup.likeness), key)


def ranked(hits: Iterable[Hit]) -> list[Hit]:
    """The best reason of each person, the best person first; among equals by what else stands in the key."""
    best: dict[int, Hit] = {}
    for hit in hits:
        before = best.get(hit.person)
        if before is None or (hit.why, hit.likeness) > (before.why, before.likeness):
            best[hit.person] = hit
    return sorted(best.values(), key=lambda h: (-h.why, -h.likeness, h.key, h.person))


def people_of(hits: Sequence[Hit], limit: int) -> list[Found]:
    """The people themselves, each once, with their children."""
    rows = {p.pk: p for p in Person.objects.select_related("identity").filter(pk__in=[h.person for h in hits])}
    found: dict[int, Found] = {}
    for hit in hits:
        row = rows[hit.person]
        found.setdefault(row.standing_id, Found(row.identity or row, hit.why, row if row.identity else None))
    chosen = list(found.values())[:limit]
    prefetch_related_objects([each.person for each in chosen], "pupils", "aliases__pupils")
    return chosen
