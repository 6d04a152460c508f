"""The code for a school's website and for paper: the page as one file that reaches for nothing.

It stands here, at the top of the house, because the PDF is set by the post room's printer.
"""

from datetime import date
from pathlib import Path

from django.template.loader import render_to_string

from conduct.calendar import words
from conduct.code import Pack
from conduct.models import School
from conduct.policy import reading
from letters import press

CSS = Path(__file__).resolve().parent.parent / "static" / "css"


def page(pack: Pack, school: School | None, *, on: date, version: str = "") -> str:
    """The policy as one HTML file: no script, no address but its own fragments, the style within it."""
    return written(pack, school, version, on, style=style())


def pdf(pack: Pack, school: School | None, *, on: date, version: str = "") -> bytes:
    """The same as a PDF, in the letters' fonts. Raises CannotPrint for a character that they do not have."""
    return press.page(written(pack, school, version, on), sheet("policy-print"))


def written(pack: Pack, school: School | None, version: str, on: date, **more: str) -> str:
    context = {**reading(pack, school, version), "as_of": words(on), **more}
    return render_to_string("conduct/code_alone.html", context).lstrip()


def style() -> str:
    """The colours of the screens without their fonts, the parts of the page, and what only this file needs."""
    colours = sheet("tokens")
    return "".join([colours[colours.index(":root") :], *map(sheet, ("flowchart", "policy", "policy-alone"))])


def sheet(name: str) -> str:
    return (CSS / f"{name}.css").read_text(encoding="utf-8")
