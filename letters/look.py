"""How a letter looks, beside what it says: the letterhead and the signature, as plain values. No Django in here."""

import re
from dataclasses import dataclass

COLOUR = "#0f4c5c"
LEAST_CONTRAST = 4.5  # of the colour on white paper
WRITTEN = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Look:
    """What the page of a letter is given of the school's letterhead. Pictures are `data:` addresses, or empty."""

    colour: str = COLOUR
    logo: str = ""
    logo_words: str = ""  # for whoever cannot see it
    address: str = ""  # in place of the school's address
    footer: str = ""
    envelope: str = "dl"
    signature: str = ""

    def __post_init__(self) -> None:
        """The colour goes into the style of the page: nothing but a colour may."""
        if not WRITTEN.fullmatch(self.colour):
            raise ValueError(f"{self.colour!r} is not a colour such as {COLOUR}")


PLAIN = Look()


def contrast(colour: str) -> float:
    """How much a colour such as #0f4c5c stands out from white paper: 1 for white, 21 for black (as WCAG 2 has it)."""
    red, green, blue = (linear(int(colour[n : n + 2], 16) / 255) for n in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
