"""The fonts of our letters: which characters they have, and the style sheet with the fonts in it.

Nothing of the machine is drawn in: a font is read from our own folder, and put into the style sheet as data. The letter
font covers Latin, Greek and Cyrillic; beside it stands a font for each further script, which a page takes along only
where it holds a character of that script.
WeasyPrint is imported on first use, because importing it takes up to a second.
"""

import atexit
import base64
import gc
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

STATIC = Path(__file__).resolve().parent.parent / "static"
STYLE = STATIC / "css" / "letter.css"
FACES = {weight: STATIC / "fonts" / f"conduct-letter-{weight}.ttf" for weight in (400, 600)}
SCRIPTS = {path.stem: path for path in sorted((STATIC / "fonts" / "scripts").glob("*.ttf"))}
URDU = "nastaliq"  # the hand in which Urdu is read; its characters are those of "arabic", so only a page in Urdu has it
FAMILY = '"Conduct Letter"'

Scripts = frozenset[str]


@cache
def fetcher() -> "URLFetcher":
    """Serves data that stands in the document itself and nothing else. Our texts hold none; our fonts do."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",), allow_redirects=False)


@cache
def configuration(scripts: Scripts = frozenset()) -> "FontConfiguration":
    """The fonts of a page that holds those scripts, read once a process: reading them again takes longer than a letter."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    faces = [face("Conduct Letter", weight, path) for weight, path in FACES.items()]
    faces += [face(family(script), 400, SCRIPTS[script]) for script in sorted(scripts)]
    CSS(string="".join(faces), font_config=fonts, url_fetcher=fetcher())
    return fonts


@cache
def style(scripts: Scripts = frozenset()) -> tuple["CSS", "FontConfiguration"]:
    """The style sheet of letters that hold those scripts, with its fonts; parsed once a process as well."""
    return sheet(STYLE.read_text(encoding="utf-8"), scripts)


def sheet(text: str, scripts: Scripts) -> tuple["CSS", "FontConfiguration"]:
    """A style sheet of ours with its fonts: where it names the letter font, those of the scripts stand in behind it."""
    from weasyprint import CSS

    fonts = configuration(scripts)
    names = ", ".join([FAMILY, *(f'"{family(script)}"' for script in sorted(scripts - {URDU}))])
    return CSS(string=text.replace(FAMILY, names), font_config=fonts, url_fetcher=fetcher()), fonts


@atexit.register
def let_go() -> None:
    """The fonts must be let go before the interpreter takes WeasyPrint's library away, or it complains on the way out."""
    style.cache_clear()
    configuration.cache_clear()
    gc.collect()  # a style sheet may hold its fonts in a ring


def family(script: str) -> str:
    return f"Conduct Letter {script.upper() if script == 'cjk' else script.capitalize()}"


def face(name: str, weight: int, path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return (
        f'@font-face {{ font-family: "{name}"; font-weight: {weight}; font-style: normal;'
        f' src: url("data:font/ttf;base64,{data}") format("truetype"); }}\n'
    )


@cache
def covered() -> frozenset[str]:
    """The characters that both fonts have, and the white space that needs no glyph."""
    from fontTools.ttLib import TTFont

    common: set[int] | None = None
    for path in FACES.values():
        with TTFont(path) as font:
            codes = set(font.getBestCmap())
        common = codes if common is None else common & codes
    return frozenset(map(chr, common or ())) | frozenset("\n\r\t")


@cache
def script_of() -> Mapping[str, str]:
    """The characters that the letter font lacks and another of our fonts has, each with the name of that font."""
    from fontTools.ttLib import TTFont

    found: dict[str, str] = {}
    for script, path in SCRIPTS.items():
        with TTFont(path) as font:
            for code in font.getBestCmap():
                found.setdefault(chr(code), script)
    return {character: script for character, script in found.items() if character not in covered()}


def scripts_in(html: str) -> Scripts:
    """Which further fonts a page needs: none, for nearly every letter."""
    beyond = set(html) - covered()
    if not beyond:
        return frozenset()
    urdu = {URDU} if 'lang="ur"' in html else set()
    return frozenset({script_of()[character] for character in beyond if character in script_of()} | urdu)
