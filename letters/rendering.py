"""A letter as PDF: facts into HTML by our own templates, HTML into the same bytes every time.

Nothing outside the letter is reached while it is made. The templates come from one folder; the two fonts are put into
the style sheet as data; whatever else a text might name — a web address, a file — stays text. Django's settings are not
needed. WeasyPrint is imported on first use, because importing it takes up to a second.
"""

import atexit
import base64
import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template import Context, Engine

from letters.facts import blank, needed
from letters.kinds import KINDS, Letter, from_json, missing

if TYPE_CHECKING:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates" / "letters" / "print"
STYLE = ROOT / "static" / "css" / "letter.css"
FONTS = {weight: ROOT / "static" / "fonts" / f"conduct-letter-{weight}.ttf" for weight in (400, 600)}

SENT_BY = {"post": "by first-class post", "email": "by email", "hand": "by hand"}
WINDOW_LINES = 6  # so many lines of address fit the window of the envelope at full size


class IncompleteLetter(ValueError):
    """A letter that is no draft lacks required facts. `missing` lists them."""

    def __init__(self, gaps: list[Any]) -> None:
        super().__init__("The letter still lacks: " + "; ".join(gap.label for gap in gaps))
        self.missing = gaps


class CannotPrint(ValueError):
    """A text holds letters that our fonts do not have. `characters` holds them, each once."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"Letters cannot print these characters: {characters}. Write the words in Latin letters.")
        self.characters = characters


def _version() -> str:
    """Names the state of templates, style and fonts, so that no change to them can keep the old version."""
    digest = hashlib.sha256()
    for path in (*sorted(TEMPLATES.glob("*.html")), STYLE, *FONTS.values()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"1.{digest.hexdigest()[:10]}"


TEMPLATE_VERSION = _version()


def render(kind: str, facts: Mapping[str, Any], *, draft: bool = False) -> bytes:
    """The letter as PDF (tagged, PDF/UA-1). The same facts give the same bytes.

    A draft carries the word "Draft" on each page and says in brackets what is still to be filled in. Otherwise a
    missing fact raises IncompleteLetter. CannotPrint: a character that our fonts do not have. FactError, KeyError: as
    `from_json`.
    """
    from weasyprint import HTML

    document = HTML(string=page(kind, facts, draft=draft), base_url=None, url_fetcher=_fetcher())
    style, fonts = _style()
    pdf: bytes = document.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1")
    return pdf


def page(kind: str, facts: Mapping[str, Any], *, draft: bool = False) -> str:
    """The letter as HTML, as `render` sets it."""
    letter = from_json(kind, facts)
    gaps = missing(kind, facts)
    if gaps and not draft:
        raise IncompleteLetter(gaps)
    context = {field.name: _shown(letter, field) for field in fields(letter)}
    context |= _frame(kind, letter, draft=draft) | {"gaps": tuple(gap.label for gap in gaps)}
    context = _printable(context)
    return _engine().get_template(f"{kind}.html").render(Context(context, autoescape=True))


def set_in_print(html: str, sheet: str) -> bytes:
    """Any other page of ours as PDF, within the same walls: its own style sheet, our fonts, nothing else reached.

    CannotPrint: a character that our fonts do not have.
    """
    from weasyprint import CSS, HTML

    lost: set[str] = set()
    html = _collect(html, lost)
    if lost:
        raise CannotPrint("".join(sorted(lost)))
    _, fonts = _style()
    style = CSS(string=sheet, font_config=fonts, url_fetcher=_fetcher())
    document = HTML(string=html, base_url=None, url_fetcher=_fetcher())
    pdf: bytes = document.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1")
    return pdf


def unprintable(facts: Mapping[str, Any]) -> str:
    """The characters, each once, that would make `render` raise CannotPrint."""
    lost: set[str] = set()
    _walk(dict(facts), lambda text: _collect(text, lost))
    return "".join(sorted(lost))


def written(day: date) -> str:
    """A date as letters write it: "Monday 2 March 2026"."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def _shown(letter: Letter, field: Any) -> Any:
    """A fact as the template gets it: dates written out, parts as mappings, a gap named in brackets."""
    value = getattr(letter, field.name)
    if blank(value) and needed(field, letter):
        gap = f"[{field.metadata['label']}: to be filled in]"
        return {"text": gap, "day": gap, "lines": (gap,), "items": (), "flag": False}[field.metadata["shape"]]
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return written(value)
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value)
    if hasattr(value, "__dataclass_fields__"):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    return "" if value is None else value


def _frame(kind: str, letter: Letter, *, draft: bool) -> dict[str, Any]:
    """What the frame of every letter needs beside the facts."""
    return {
        "title": KINDS[kind].title,
        "heading": KINDS[kind].heading,
        "mark": "DRAFT – NOT SENT" if draft else "",
        "sent": SENT_BY.get(letter.method, letter.method),
        "language": letter.language or "en-GB",
        "children": _joined(letter.pupils),
        "long_address": len(letter.recipient_address) >= WINDOW_LINES,
    }


def _joined(names: tuple[str, ...]) -> str:
    """ "Ann", "Ann and Bo", "Ann, Bo and Cy"."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(TEMPLATES)], app_dirs=False, debug=False)


@cache
def _fetcher() -> "URLFetcher":
    """Serves data that stands in the document itself and nothing else. Our texts hold none; our fonts do."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",), allow_redirects=False)


@cache
def _style() -> tuple["CSS", "FontConfiguration"]:
    """The style sheet with its fonts, read once a process: parsing them again takes longer than a letter."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    faces = "".join(_face(weight, path) for weight, path in FONTS.items())
    sheet = CSS(string=faces + STYLE.read_text(encoding="utf-8"), font_config=fonts, url_fetcher=_fetcher())
    return sheet, fonts


# The fonts must be let go before the interpreter takes WeasyPrint's library away, or it complains on the way out.
atexit.register(_style.cache_clear)


def _face(weight: int, path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return (
        f'@font-face {{ font-family: "Conduct Letter"; font-weight: {weight}; font-style: normal;'
        f' src: url("data:font/ttf;base64,{data}") format("truetype"); }}\n'
    )


@cache
def _covered() -> frozenset[str]:
    """The characters that both fonts have, and the white space that needs no glyph."""
    from fontTools.ttLib import TTFont

    common: set[int] | None = None
    for path in FONTS.values():
        with TTFont(path) as font:
            codes = set(font.getBestCmap())
        common = codes if common is None else common & codes
    return frozenset(map(chr, common or ())) | frozenset("\n\r\t")


def _printable(context: dict[str, Any]) -> dict[str, Any]:
    """The context with every text in characters that our fonts have, so that no font of the machine is drawn in."""
    lost: set[str] = set()
    done: dict[str, Any] = _walk(context, lambda text: _collect(text, lost))
    if lost:
        raise CannotPrint("".join(sorted(lost)))
    return done


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    """The same structure with `change` applied to each text in it."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _walk(part, change) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_walk(part, change) for part in value)
    return value


def _collect(text: str, lost: set[str]) -> str:
    """The text in our characters; a character that has no stand-in goes to `lost`."""
    if _covered().issuperset(text):
        return text
    return "".join(_stand_ins(unicodedata.normalize("NFC", text), lost))


def _stand_ins(text: str, lost: set[str]) -> Iterator[str]:
    for character in text:
        category = unicodedata.category(character)
        if character in _covered():
            yield character
        elif character in "‐‑‒":
            yield "-"
        elif category in {"Zs", "Zl", "Zp"}:
            yield " "
        elif category in {"Cc", "Cf", "Cs", "Co", "Cn"} or "VARIATION SELECTOR" in unicodedata.name(character, ""):
            continue  # nothing to see: control characters, direction marks, joiners
        elif category.startswith("S"):
            yield f"[{unicodedata.name(character, 'symbol').lower()}]"  # an emoji in quoted words is part of the words
        else:
            folded = unicodedata.normalize("NFKC", character)
            if folded != character and _covered().issuperset(folded):
                yield folded
            else:
                lost.add(character)
