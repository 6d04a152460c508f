"""The system libraries that turn letters into PDF, found out by loading them. Standard library only.

`python -m conduct.libraries` prints the Debian packages that are missing, on one line, or nothing.
"""

import ctypes
from collections.abc import Callable

# Without the last one letters still come out, five times more slowly; a machine that has Chromium has it already.
PACKAGE_OF = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}


def missing_packages(load: Callable[[str], object] = ctypes.CDLL) -> list[str]:
    """The Debian packages whose library does not load here. `load` raises OSError for a library that does not."""
    return [package for library, package in PACKAGE_OF.items() if not loads(library, load)]


def loads(library: str, load: Callable[[str], object]) -> bool:
    try:
        load(library)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    print(*missing_packages())
