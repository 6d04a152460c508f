"""The door to the printing press: every PDF of ours is made behind it."""

from collections.abc import Mapping
from typing import Any

from letters import rendering
from letters.look import PLAIN, Look


def letter(kind: str, facts: Mapping[str, Any], *, look: Look = PLAIN, draft: bool = False) -> bytes:
    """A letter as PDF. Raises what `rendering.render` raises."""
    return rendering.render(kind, facts, look=look, draft=draft)


def page(html: str, sheet: str) -> bytes:
    """Any other page of ours as PDF. Raises what `rendering.set_in_print` raises."""
    return rendering.set_in_print(html, sheet)
