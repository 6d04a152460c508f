"""The fonts of our letters: which characters they have, and the style sheet with the fonts in it.

Nothing of the machine is drawn in: a font is read from our own folder, and put into the style sheet as data.
WeasyPrint is imported on first use, because importing it takes up to a second.
"""

import atexit
import base64
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


@cache
def fetcher() -> "URLFetcher":
    """Serves data that stands in the document itself and nothing else. Our texts hold none; our fonts do."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",), allow_redirects=False)


@cache
def style() -> tuple["CSS", "FontConfiguration"]:
    """The style sheet with its fonts, read once a process: parsing them again takes longer than a letter."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    faces = "".join(face(weight, path) for weight, path in FACES.items())
    sheet = CSS(string=faces + STYLE.read_text(encoding="utf-8"), font_config=fonts, url_fetcher=fetcher())
    return sheet, fonts


# The fonts must be let go before the interpreter takes WeasyPrint's library away, or it complains on the way out.
atexit.register(style.cache_clear)


def face(weight: int, path: Path) -> str:
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return (
        f'@font-face {{ font-family: "Conduct Letter"; font-weight: {weight}; font-style: normal;'
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
