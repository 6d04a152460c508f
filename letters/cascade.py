"""A short way through WeasyPrint's cascade, for the properties that a style sheet says nothing about.

Of each box WeasyPrint asks for some eighty properties, and of nearly all of them a letter's style sheet says nothing: their
value is the initial one, or the parent's. WeasyPrint finds that out anew each time in one long function, seven thousand
times a letter. The short way asks only whether the style sheet says nothing of a property, and whether it is none of the
few with a rule of their own; everything else goes the long way. The bytes are the same (a test compares them), and another
version of WeasyPrint than the one compared goes the long way alone.
"""

from collections.abc import Callable
from typing import Any

COMPARED = "70.0"
APART = frozenset({"float", "display", "position", "page"})  # the long way treats each in a manner of its own


def shorten() -> bool:
    """Let this process take the short way from now on; whether it does."""
    import weasyprint
    from weasyprint import css

    if weasyprint.VERSION != COMPARED:
        return False
    if not hasattr(css.ComputedStyle.__missing__, "the_long_way"):
        css.ComputedStyle.__missing__ = short_way(css)
    return True


def lengthen() -> None:
    """Take the long way again."""
    from weasyprint.css import ComputedStyle

    ComputedStyle.__missing__ = getattr(ComputedStyle.__missing__, "the_long_way", ComputedStyle.__missing__)


def short_way(css: Any) -> Callable[[Any, str], Any]:
    """What to do instead of `ComputedStyle.__missing__`."""
    long_way = css.ComputedStyle.__missing__
    plain = {key for key in css.INITIAL_VALUES if key not in APART and not key.startswith("text_decoration_")}
    inherited = {key: said_by(css, key) for key in plain & css.INHERITED}
    initial = {key: said_by(css, key) for key in plain - css.INHERITED - css.INITIAL_NOT_COMPUTED}
    values = css.INITIAL_VALUES

    def missing(style: Any, key: str) -> Any:
        says = style.cascaded
        if (names := initial.get(key)) is not None:
            source = values
        elif (names := inherited.get(key)) is not None and style.parent_style is not None:
            source = style.parent_style
        else:
            return long_way(style, key)
        for name in names:
            if name in says:
                return long_way(style, key)
        value = style[key] = source[key]
        return value

    missing.the_long_way = long_way  # type: ignore[attr-defined]
    return missing


def said_by(css: Any, key: str) -> tuple[str, ...]:
    """The names under which a style sheet may say something of a property: "margin-left" is also an inline start, or end."""
    logical = css.PHYSICAL_FUNCTIONS.get(key)
    return (key, *(logical(block="ttb", inline=way) for way in ("ltr", "rtl") if logical))
