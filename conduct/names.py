"""Names as they are stored for search and compared."""

import re
import unicodedata

# Letters that no decomposition makes plain.
PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
APOSTROPHES = "'’‘ʼ`´"
JOINED = {"o", "mc", "mac"}  # written before the rest of a name with or without a space
TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev", "sir"}
MOST_WORDS = 6


def fold(text: str) -> str:
    """Lower case, no accents, single spaces: how names are stored for search and compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).translate(PLAIN).split())


def words(text: str) -> list[str]:
    """The words of a name as it is compared: O'Brien and O Brien are one word, Smith-Jones two; titles do not count."""
    plain = fold(text)
    for apostrophe in APOSTROPHES:
        plain = plain.replace(apostrophe, "")
    found = split(plain)
    joined: list[str] = []
    for word in found:
        if joined and joined[-1] in JOINED:
            joined[-1] += word
        else:
            joined.append(word)
    return [w for w in joined if w not in TITLES][:MOST_WORDS] or joined[:MOST_WORDS]


def other_words(text: str) -> list[str]:
    """The words as somebody may split them otherwise: D Souza for D'Souza, Smithjones for Smith-Jones."""
    plain = fold(text).replace("-", "")
    for apostrophe in APOSTROPHES:
        plain = plain.replace(apostrophe, " ")
    return [w for w in split(plain) if w not in TITLES][:MOST_WORDS]


def split(plain: str) -> list[str]:
    """Letters and digits between anything else."""
    return re.findall(r"[^\W_]+", plain)
