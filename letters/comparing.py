"""Two versions of a text beside each other, word by word. No Django in here."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

WORD = re.compile(r"\s+|[^\s]+")


class Part(NamedTuple):
    """Some words: `sort` is "same", "out" (only in the earlier text) or "new" (only in the later)."""

    sort: str
    words: str


def compared(was: str, now: str) -> list[Part]:
    """What became of a text: put together, "same" and "out" are what it was, "same" and "new" what it is."""
    before, after = WORD.findall(was), WORD.findall(now)
    found: list[Part] = []
    for what, i, j, m, n in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Part("same", "".join(before[i:j])))
            continue
        found += [Part(sort, "".join(words)) for sort, words in (("out", before[i:j]), ("new", after[m:n])) if words]
    return found
