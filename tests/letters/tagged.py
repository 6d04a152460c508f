"""A PDF as a machine reads it: its structure tree, and what each element of it says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf


@dataclass
class Element:
    """An element of the structure tree. `parts` are its elements and its texts, in reading order."""

    tag: str
    row: Any
    parts: list["Element | str"] = field(default_factory=list)

    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text() for part in self.parts)

    def walk(self) -> Iterator["Element"]:
        yield self
        for part in self.parts:
            if isinstance(part, Element):
                yield from part.walk()

    def all(self, *tags: str) -> list["Element"]:
        return [each for each in self.walk() if each.tag in tags]


@dataclass
class Tagged:
    """A tagged PDF. `loose` is what is drawn with no mark at all; `drawn` its shapes from left to right, line by line."""

    root: Element
    loose: list[str]
    drawn: str


def read(pdf: bytes) -> Tagged:
    with pikepdf.open(BytesIO(pdf)) as opened:
        found = [texts_of(page) for page in opened.pages]
        said = [texts for texts, _, _ in found]
        pages = {page.objgen: number for number, page in enumerate(opened.pages)}
        tree = opened.Root.StructTreeRoot.K[0]
        root = element(tree, None, pages, said)
        return Tagged(root, [each for _, loose, _ in found for each in loose], "".join(drawn for _, _, drawn in found))


def element(row: Any, page: int | None, pages: dict[Any, int], said: list[dict[int, str]]) -> Element:
    page = pages[row.Pg.objgen] if "/Pg" in row else page
    told = {str(key): row[key] for key in row if key not in {"/K", "/P", "/Pg"}}
    made = Element(str(row.S)[1:], told)
    kids = row.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, int):
            made.parts.append(said[page].get(kid, ""))
        else:
            made.parts.append(element(kid, page, pages, said))
    return made


def texts_of(page: Any) -> tuple[dict[int, str], list[str], str]:
    """The text under each numbered mark of a page; what is drawn under none and is no artifact; and all in that order."""
    fonts = {name: unicode_of(font) for name, font in page.Resources.Font.items()}
    said: dict[int, str] = {}
    loose: list[str] = []
    drawn: list[str] = []
    marks: list[Any] = []
    font: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "BDC":
            marks.append(operands[1])
            if "/ActualText" in operands[1]:
                said[int(operands[1].MCID)] = str(operands[1].ActualText)
        elif name == "BMC":
            marks.append(None)
        elif name == "EMC":
            marks.pop()
        elif name == "Tf":
            font = fonts[str(operands[0])]
        elif name in {"Tj", "TJ"}:
            pieces = operands[0] if name == "TJ" else [operands[0]]
            text = "".join(decoded(bytes(piece), font) for piece in pieces if isinstance(piece, pikepdf.String))
            drawn.append(text)
            if not marks:
                loose.append(text)
            elif marks[-1] is not None and "/ActualText" not in marks[-1]:
                said[int(marks[-1].MCID)] = said.get(int(marks[-1].MCID), "") + text
        elif name in {"f", "S", "B", "Do", "sh"} and not marks:
            loose.append(name)
    return said, loose, "".join(drawn)


def decoded(codes: bytes, font: dict[int, str]) -> str:
    return "".join(font.get(int.from_bytes(codes[i : i + 2], "big"), "�") for i in range(0, len(codes), 2))


def unicode_of(font: Any) -> dict[int, str]:
    """Which letters each drawn shape of a font stands for."""
    table = font.ToUnicode.read_bytes().decode("ascii")
    pairs = re.findall(r"<([0-9a-f]{4})> <([0-9a-f]*)>", table)
    return {
        int(code, 16): bytes.fromhex(text).decode("utf-16-be")
        for code, text in pairs
        if (code, text) != ("0000", "ffff")
    }
