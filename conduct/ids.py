"""The ids that a request names, as a database takes them."""

from collections.abc import Iterable

MOST_DIGITS = 18  # what every database holds as an id; a longer number is that of nothing


def ids_in(values: Iterable[str]) -> list[int]:
    """The ids among what a request says; whatever else it says is none."""
    return [int(v) for v in values if v.isascii() and v.isdigit() and len(v) <= MOST_DIGITS]
