"""Characters that our fonts have, and what stands in for those that they have not."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from letters.fonts import covered, script_of


class CannotPrint(ValueError):
    """A text holds letters that our fonts do not have. `characters` holds them, each once."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"Letters cannot print these characters: {characters}. Write those words in Latin letters.")
        self.characters = characters


def unprintable(facts: Mapping[str, Any]) -> str:
    """The characters, each once, that would make `render` raise CannotPrint."""
    lost: set[str] = set()
    walk(dict(facts), lambda text: collect(text, lost))
    return "".join(sorted(lost))


def printable(context: Any) -> Any:
    """The same with every text in characters that our fonts have, so that no font of the machine is drawn in."""
    lost: set[str] = set()
    done = walk(context, lambda text: collect(text, lost))
    if lost:
        raise CannotPrint("".join(sorted(lost)))
    return done


def walk(value: Any, change: Callable[[str], str]) -> Any:
    """The same structure with `change` applied to each text in it."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: walk(part, change) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return tuple(walk(part, change) for part in value)
    return value


def collect(text: str, lost: set[str]) -> str:
    """The text in our characters; a character that has no stand-in goes to `lost`."""
    if covered().issuperset(text):
        return text
    return kept_apart("".join(stand_ins(unicodedata.normalize("NFC", text), lost)))


def stand_ins(text: str, lost: set[str]) -> Iterator[str]:
    before = ""
    for character in text:
        category = unicodedata.category(character)
        if character in covered():
            yield character
        elif character in "‐‑‒":
            yield "-"
        elif category in {"Zs", "Zl", "Zp"}:
            yield " "
        elif character in JOINERS and before in script_of():
            yield character  # Persian, Sinhala and others are written with them
        elif category in {"Cc", "Cf", "Cs", "Co", "Cn"} or "VARIATION SELECTOR" in unicodedata.name(character, ""):
            continue  # nothing to see: control characters, direction marks, joiners
        elif character in script_of():
            yield character
        elif category.startswith("S"):
            yield f"[{unicodedata.name(character, 'symbol').lower()}]"  # an emoji in quoted words is part of the words
        else:
            folded = unicodedata.normalize("NFKC", character)
            if folded != character and covered().issuperset(folded):
                yield folded
            else:
                lost.add(character)
        before = character


JOINERS = "\u200c\u200d"
LEFT_TO_RIGHT = "\u200e"  # a mark that is never seen: what follows it is read from the left
RIGHT_TO_LEFT = r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]"
FROM_THE_RIGHT = re.compile(rf"{RIGHT_TO_LEFT}(?:[^\w\n<>]*(?:{RIGHT_TO_LEFT}|[{JOINERS}])+)*")


def kept_apart(text: str) -> str:
    """The same with a mark after words that run from the right, or the number of a house after a name jumps before it."""
    return FROM_THE_RIGHT.sub(lambda words: words[0] + LEFT_TO_RIGHT, text)
