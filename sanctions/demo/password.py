"""The one password of the demonstration's accounts: set by whoever starts it, else made at random and kept."""

import os
import secrets
from pathlib import Path

WORDS = (
    *("amber", "anchor", "apple", "badger", "barley", "beacon", "bramble", "bridge", "candle", "canvas", "cedar"),
    *("cherry", "cinder", "clover", "cobble", "copper", "coral", "cotton", "cricket", "daisy", "ember", "falcon"),
    *("fennel", "fiddle", "garnet", "ginger", "harbour", "hazel", "heather", "heron", "ivory", "jasper", "juniper"),
    *("kettle", "lantern", "larch", "lemon", "linen", "maple", "marble", "meadow", "mitten", "nettle", "nutmeg"),
    *("orchard", "otter", "paddle", "pebble", "pepper", "pigeon", "plover", "pocket", "quarry", "rabbit", "ribbon"),
    *("saddle", "saffron", "sparrow", "spruce", "tartan", "teapot", "thimble", "thistle", "timber", "tunnel"),
)


def chosen() -> str:
    """CONDUCT_DEMO_PASSWORD, or a random one of at least 16 characters."""
    return os.environ.get("CONDUCT_DEMO_PASSWORD") or made()


def made() -> str:
    """Four random words and four digits: about 37 bits, for accounts on one machine's loopback."""
    return "-".join([*(secrets.choice(WORDS) for _ in range(4)), f"{secrets.randbelow(10_000):04}"])


def keep(password: str, folder: Path) -> Path:
    """Write it to a file that its owner alone may read; whole or not at all. Raises OSError."""
    path, fresh = folder / "demo-password", folder / "demo-password.new"
    folder.mkdir(parents=True, exist_ok=True)
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(password + "\n")
    return fresh.replace(path)
