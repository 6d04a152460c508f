"""Names as they are stored for search and compared."""

import unicodedata


def fold(text: str) -> str:
    """Lower case, no accents, single spaces: how names are stored for search and compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
