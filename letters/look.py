"""How a letter looks, beside what it says: the letterhead and the signature, as plain values. No Django in here."""

from dataclasses import dataclass

COLOUR = "#0f4c5c"


@dataclass(frozen=True)
class Look:
    """What the page of a letter is given of the school's letterhead. Pictures are `data:` addresses, or empty."""

    colour: str = COLOUR
    logo: str = ""
    footer: str = ""
    envelope: str = "dl"
    signature: str = ""


PLAIN = Look()
