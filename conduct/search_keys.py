"""The keys by which a person is found: pure functions from what is known of somebody to short texts in an index.

A key's kind says what it is made of; each look-up is one range of one kind. A name's key ends in a space, so that a whole
word is a beginning like any other.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from conduct import names, nicknames, sounds

NAME, TWO, SHORT = (
    "n",
    "t",
    "s",
)  # a name from each of its words on; two of its words; two letters of one before another
CHILD, CHILD_TWO = "c", "d"  # the same of a child's name
PHONE, PHONE_END, EMAIL = "p", "q", "e"
LONGEST = 120  # of a key
MOST_FORMS = 6  # ways in which one person's name is written
TYPED_WRONG_FROM = 4  # letters: in a shorter word each is needed
SHORTEST_NUMBER = 4  # digits


@dataclass(frozen=True)
class Known:
    """What is known of a person, as far as they are found by it."""

    name: str
    nicknames: str = ""
    description: str = ""
    phone: str = ""
    email: str = ""
    children: tuple[str, ...] = ()
    protected: bool = False


def keys_of(known: Known) -> set[tuple[str, str]]:
    """Every key of a person, as (kind, key)."""
    forms = forms_of(known)
    keys = name_keys(forms, NAME, TWO) | {(SHORT, key) for form in forms for key in shortened(form)}
    keys |= {(NAME, run(form)) for form in endings(names.split(names.fold(known.description)))}
    keys |= name_keys([form for child in known.children for form in spellings(child)], CHILD, CHILD_TWO)
    if not known.protected:  # who must not be found is not found by what leads to where they live
        keys |= contact_keys(known)
    return {(kind, key[:LONGEST]) for kind, key in keys if key.strip()}


def words_of(known: Known) -> set[str]:
    """Every word by which the person or a child of theirs is called: what a word typed wrongly may have meant."""
    forms = forms_of(known) + [form for child in known.children for form in spellings(child)]
    return {word[:40] for form in forms for word in form if len(word) > 1}


def forms_of(known: Known) -> list[list[str]]:
    """The words of the name, and the same with each nickname in place of the first."""
    found = spellings(known.name)
    surname = found[0][1:] if found else []
    for nickname in re.split(r"[,;/()]| or ", known.nicknames):
        found += [form + surname for form in spellings(nickname)]
    return found[:MOST_FORMS]


def spellings(name: str) -> list[list[str]]:
    """The words of a name, and as they may be split otherwise."""
    found = [names.words(name)]
    if names.other_words(name) != found[0]:
        found.append(names.other_words(name))
    return [form for form in found if form]


def name_keys(forms: Iterable[list[str]], whole: str, two: str) -> set[tuple[str, str]]:
    """Names from each of their words on, going round; and any two of their words, in the order of the alphabet."""
    keys = {(whole, run(form[n:] + form[:n])) for form in forms for n in range(len(form))}
    return keys | {(two, pair(a, b)) for form in forms for a, b in combinations(form, 2)}


def run(words: Iterable[str]) -> str:
    return " ".join(words) + " "


def pair(a: str, b: str) -> str:
    return " ".join(sorted([a, b]))


def endings(words: list[str]) -> list[list[str]]:
    """A description from each of its words on."""
    return [words[n:] for n in range(len(words))][:12]


def shortened(form: list[str]) -> list[str]:
    """Two letters of a word, another word, the first in full: for two words of which neither is typed to its end."""
    return [f"{a[:2]} {b} {a}" for a in form for b in form if a != b]


def contact_keys(known: Known) -> set[tuple[str, str]]:
    keys = {(EMAIL, known.email.strip().casefold())}
    for number in numbers(known.phone):
        keys |= {(PHONE, number), (PHONE_END, number[::-1])}
    return keys


def numbers(phone: str) -> list[str]:
    """The numbers in a field for one, each as it is dialled at home; a second one may follow a word or a stroke."""
    found = [number_of(part) for part in re.split(r"[/,;]|[^\W\d]+", phone)]
    return [number for number in found if len(number) >= SHORTEST_NUMBER]


def number_of(text: str) -> str:
    """Only digits, from 0 on: +44 (0)7700 900123 and 0044 7700… are 07700…"""
    plain = re.sub(r"\(0\)", "", text).strip()
    digits = re.sub(r"\D", "", plain)
    abroad = re.match(r"0044|44", digits) if plain.startswith(("+", "00")) or len(digits) >= 12 else None
    return "0" + digits[abroad.end() :].removeprefix("0") if abroad else digits


def traces(word: str) -> set[str]:
    """What leads to a word that is written or heard otherwise: the word less any one letter, and how it sounds."""
    return shortenings(word) | {f"~{code}" for code in sound_codes(word)}


def shortenings(word: str) -> set[str]:
    """The word, and the word less any one of its letters: two words one slip apart have one of these in common."""
    if len(word) < TYPED_WRONG_FROM:
        return {word}
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}


@lru_cache(4096)
def sound_codes(word: str) -> frozenset[str]:
    """How a word sounds: as its letters say, and as it is spoken where they do not."""
    said = nicknames.spoken(word)
    return frozenset(sounds.codes(word) | (sounds.codes(said) if said else set()))
