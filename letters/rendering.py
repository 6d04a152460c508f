"""A letter as PDF: facts into HTML by our own templates, HTML into the same bytes every time.

Nothing outside the letter is reached while it is made. The templates come from one folder; the fonts are put into the
style sheet as data; whatever else a text might name — a web address, a file — stays text. Django's settings are not
needed. WeasyPrint is imported on first use, because importing it takes up to a second.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.html import format_html, format_html_join

from letters import characters, covering, fonts, placeholders, pressroom, window
from letters.facts import blank, needed
from letters.kinds import KINDS, Paper, from_json, missing
from letters.look import PLAIN, Look

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates" / "letters" / "print"

SENT_BY = {"post": "by first-class post", "email": "by email", "hand": "by hand"}


class IncompleteLetter(ValueError):
    """A letter that is no draft lacks required facts. `missing` lists them."""

    def __init__(self, gaps: list[Any]) -> None:
        super().__init__("The letter still lacks: " + "; ".join(gap.label for gap in gaps))
        self.missing = gaps


def _version() -> str:
    """Names the state of templates, headings, style and fonts, so that no change to them can keep the old version."""
    digest = hashlib.sha256()
    for path in (
        *sorted(TEMPLATES.glob("*.html")),
        *(Path(__file__).with_name(name) for name in ("kinds.py", "window.py")),
        covering.SOURCE,
        fonts.STYLE,
        *fonts.FACES.values(),
        *fonts.SCRIPTS.values(),
    ):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"1.{digest.hexdigest()[:10]}"


TEMPLATE_VERSION = _version()


def render(
    kind: str, facts: Mapping[str, Any], *, look: Look = PLAIN, draft: bool = False, copy: bool = False
) -> bytes:
    """The letter as PDF, made in this very process: the program itself has it made by `letters.press`, within walls.

    The same facts give the same bytes. Raises what `page` raises.
    """
    return pressroom.printed(page(kind, facts, look=look, draft=draft, copy=copy))


def page(kind: str, facts: Mapping[str, Any], *, look: Look = PLAIN, draft: bool = False, copy: bool = False) -> str:
    """The letter as HTML, in characters that our fonts have.

    A draft carries the word "Draft" on each page and says in brackets what is still to be filled in; a copy of an issued
    letter in the other size says on each page that it is one. Otherwise a missing fact raises IncompleteLetter.
    CannotPrint: a character that our fonts do not have. FactError, KeyError: as `from_json`.
    """
    letter = from_json(kind, facts)
    gaps = missing(kind, facts)
    if gaps and not draft:
        raise IncompleteLetter(gaps)
    context = {field.name: _shown(letter, field) for field in fields(letter)}
    context |= _frame(kind, letter, draft=draft, copy=copy) | {"gaps": tuple(gap.label for gap in gaps)}
    context = characters.printable(context | {"look": asdict(look)})
    context |= _texts(letter, context) | {
        "covering": covering.languages().get(getattr(letter, "covering_language", ""))
    }
    return _engine().get_template(f"{kind}.html").render(Context(context, autoescape=True))


def written(day: date) -> str:
    """A date as letters write it: "Monday 2 March 2026"."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def _shown(letter: Paper, field: Any) -> Any:
    """A fact as the template gets it: dates written out, parts as mappings, a gap named in brackets."""
    value = getattr(letter, field.name)
    if blank(value) and needed(field, letter):
        gap = f"[{field.metadata['label']}: to be filled in]"
        return {"text": gap, "day": gap, "lines": (gap,), "items": (), "flag": False}[field.metadata["shape"]]
    return _plain(value)


def _texts(letter: Paper, context: Mapping[str, Any]) -> dict[str, Any]:
    """The texts of the school with their placeholders filled in, days in bold; the rest of them is escaped here."""
    named = placeholders.of(type(letter))
    values = {name: _in_words(each, letter, context) for name, each in named.items()}
    days = {name for name, each in named.items() if isinstance(getattr(letter, each.fact), date)}
    return {name: _filled(context[name], values, {values[day] for day in days}) for name in letter.worded}


def _in_words(each: placeholders.Placeholder, letter: Paper, context: Mapping[str, Any]) -> str:
    """A fact in the middle of a sentence; where it is not known, a gap that says so."""
    if blank(getattr(letter, each.fact)):
        return f"[{each.label}: to be filled in]"
    return str(context["children"] if each.fact == "pupils" else context[each.fact])


def _filled(words: str, values: Mapping[str, str], days: set[str]) -> str:
    pieces = placeholders.fill(words, values)
    bold = ((known and piece in days, piece) for known, piece in pieces)
    return format_html_join("", "{}", ((format_html("<strong>{}</strong>", p) if b else p,) for b, p in bold))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return written(value)
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value)
    if hasattr(value, "__dataclass_fields__"):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    return "" if value is None else value


def _mark(letter: Paper, *, draft: bool, copy: bool) -> str:
    """What stands at the head of each page of what is not the letter itself."""
    if draft:
        return "DRAFT – NOT SENT"
    size = "Large-print copy" if getattr(letter, "large_print", False) else "Copy in the usual size"
    return f"{size} of {letter.reference}" if copy else ""


def _frame(kind: str, letter: Paper, *, draft: bool, copy: bool) -> dict[str, Any]:
    """What the frame of every letter needs beside the facts."""
    address = letter.recipient_address or (letter.recipient_email,)
    size = window.size_of((letter.recipient_name, *address), large=letter.large_print)
    return {
        "title": KINDS[kind].title,
        "heading": KINDS[kind].heading,
        "mark": _mark(letter, draft=draft, copy=copy),
        "copy": copy,
        "sent": SENT_BY.get(letter.method, letter.method),
        "language": letter.language or "en-GB",
        "children": _joined(letter.pupils),
        "address_size": f"{size or window.SIZES[-1]:g}",
    }


def _joined(names: tuple[str, ...]) -> str:
    """ "Ann", "Ann and Bo", "Ann, Bo and Cy"."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(TEMPLATES)], app_dirs=False, debug=False)
