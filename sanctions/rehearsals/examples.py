"""The stories that come with the product, to start from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from sanctions.rehearsals.words import policy

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Example:
    """One story file: its name, what it is called, the policy it is about, how long it is, and its text."""

    file: str
    title: str
    policy: str
    steps: int
    text: str


@lru_cache(maxsize=1)
def examples() -> Mapping[str, Example]:
    """Every example by the name of its file."""
    return {path.name: read(path) for path in sorted(FOLDER.glob("*.yaml"))}


def read(path: Path) -> Example:
    text = path.read_text(encoding="utf-8")
    told = yaml.safe_load(text)
    return Example(path.name, told["story"], policy(told["pack"]), len(told["steps"]), text)
