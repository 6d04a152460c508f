"""The sentence in the person's own language with which a letter begins, from covering.toml. No Django in here."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

SLIP = 0.9  # "Portugese" is Portuguese; "Romani" is not Romanian
SOURCE = Path(__file__).with_name("covering.toml")


@dataclass(frozen=True)
class Language:
    """A language that we have the sentence in. `name` is the school's word for it, `own` that of its speakers."""

    code: str
    name: str
    own: str
    sentence: str
    also: tuple[str, ...] = ()
    rtl: bool = False

    @property
    def direction(self) -> str:
        return "rtl" if self.rtl else "ltr"


@cache
def languages() -> Mapping[str, Language]:
    """Every language that we have, by its code, in the order of the English names."""
    read = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    found = [Language(code=code, **told | {"also": tuple(told.get("also", ()))}) for code, told in read.items()]
    return {each.code: each for each in sorted(found, key=lambda each: each.name)}


def language_in(words: str) -> str:
    """The code of the language that somebody wrote down — by any name, "interpreter: Polish" — or nothing.

    Of several the one that is named first; where none is, a name that is off by a slip. Somebody who signs has no
    sentence: their language has no writing.
    """
    said = plain(words)
    if said in codes():
        return codes()[said]
    if re.search(r"\b(sign|signs|signing|bsl)\b", said):
        return ""
    named = [(at.start(), -len(name), code) for name, code in names().items() if (at := whole(name).search(said))]
    if named:
        return min(named)[2]
    near = (get_close_matches(word, names(), n=1, cutoff=SLIP) for word in said.split())
    return next((names()[found[0]] for found in near if found), "")


@cache
def codes() -> Mapping[str, str]:
    return {plain(code): code for code in languages()}


@cache
def names() -> Mapping[str, str]:
    """Every name under which a language may be written down."""
    return {plain(n): each.code for each in languages().values() for n in (each.name, each.own, *each.also)}


@cache
def whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def plain(words: str) -> str:
    """Words as they are compared: one case, no accents on Latin letters, signs as spaces."""
    apart = unicodedata.normalize("NFKD", words).casefold()
    return " ".join(re.sub(r"[^\w]+", " ", "".join(c for c in apart if not unicodedata.combining(c))).split())
