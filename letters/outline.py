"""A letter as whoever words it sees it: its texts in their places, and between them what no school words away.

Read off the page itself, so that the two never differ. No Django in here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from letters import rendering, starters

MARK = re.compile(r"@@([a-z_]+)@@")
BLOCKS = {"p": "words", "li": "item", "h1": "heading", "h2": "heading", "caption": "heading", "tr": "row"}


@dataclass(frozen=True)
class Piece:
    """A part of a letter. `sort` is "text" (then `words` is the fact's name), "heading", "row", "item" or "words"."""

    sort: str
    words: str


class Reader(HTMLParser):
    """Reads the blocks of the letter proper and of its notes: not the letterhead, the address, the signature."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        self.inside, self.words = 0, ""
        self.heads = False  # in a row that only says what the columns are

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "main" or (tag == "section" and ("class", "notes") in attrs):
            self.inside += 1
        if tag in BLOCKS:
            self.words, self.heads = "", False
        if ("scope", "col") in attrs:
            self.heads = True
        elif tag in {"td", "th"} and self.words.strip():
            self.words += ": "
        elif tag == "br":
            self.words += " "

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS and self.inside and self.words.strip() and not self.heads:
            self.blocks.append((BLOCKS[tag], " ".join(self.words.split())))
        if tag in BLOCKS:
            self.words = ""
        if tag in {"main", "section"} and self.inside:
            self.inside -= 1


def pieces(kind: str, facts: Mapping[str, Any]) -> list[Piece]:
    """The parts of a letter with these facts, each of its texts once; those that it would not say stand at the end."""
    names = list(starters.texts_of(kind))
    marked = {**facts, **{name: f"@@{name}@@" for name in names}, "worded": []}
    reader = Reader()
    reader.feed(rendering.page(kind, marked))
    found = list(dict.fromkeys(piece for sort, words in reader.blocks for piece in split(sort, words)))
    there = {piece.words for piece in found if piece.sort == "text"}
    return [*found, *(Piece("text", name) for name in names if name not in there)]


def split(sort: str, words: str) -> Iterator[Piece]:
    """A block as what is fixed in it and the texts between."""
    for n, part in enumerate(MARK.split(words)):
        if n % 2:
            yield Piece("text", part)
        elif part.strip(" .,"):
            yield Piece(sort, part.strip())
