"""The window of an envelope: where the address stands so that it shows, alone, however the letter lies. No Django in here.

Millimetres from the upper left corner of the letter. A DL envelope is 220 × 110, its window 90 × 35, 20 from the left and 18
from the bottom; the letter, folded at 99 and 198, is 210 × 99 and slides by 10 and 11. So the window shows some part of
10–110 × 46–92, and always 20–100 × 57–81. A C5 envelope is 229 × 162, its window 90 × 35, 20 from the left and 60 from the
bottom; the letter, folded at 148.5, slides by 19 and 13.5: lying on the bottom edge, or up to 3.5 above it, it shows the same
lines, and always the first 91 of their width. One block of address therefore serves both.
"""

from collections.abc import Sequence
from unicodedata import east_asian_width

TOP, BOTTOM = 57.0, 81.0
LEFT, RIGHT = 25.0, 91.0
SIZES = (11.0, 10.0, 9.0, 8.0, 7.0)  # pt, the largest first that fits; the post reads 7 in these faces
LARGE = (13.0, *SIZES)
LINE = 1.2  # of the size of the letters
MM = 25.4 / 72  # of a point
WIDE, NARROW = 1.0, 0.56  # how broad a character is at most, in parts of the size of the letters


def size_of(lines: Sequence[str], *, large: bool = False) -> float | None:
    """The size in points at which these lines stand in the window; none: there are too many, or they are too long."""
    return next((size for size in (LARGE if large else SIZES) if height(lines, size) <= BOTTOM - TOP), None)


def height(lines: Sequence[str], size: float) -> float:
    """How high the lines stand, with those broken that are too long."""
    return sum(broken(line, size) for line in lines) * size * LINE * MM


def broken(line: str, size: float) -> int:
    """Into how many lines a line is broken at most."""
    width = sum(WIDE if east_asian_width(c) in "WF" else NARROW for c in line) * size * MM
    return max(1, -(-int(width * 100) // int((RIGHT - LEFT) * 100)))
