"""Plays a story for the page: the command `rehearse` in a process of its own, far from anything of the school.

The process gets a folder that is thrown away and an environment made for it, so that it knows neither the school's
database nor its broker, mail or data folder; the command itself then plays in an empty database in memory.
"""

import json
import logging
import os
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from conduct import audit
from conduct.models import School, User
from conduct.supervisor import kill_group
from sanctions import story
from sanctions.standing import permit
from sanctions.story import Story

MOST_STEPS = 500
MOST_PEOPLE = 200  # people and staff together
MOST_CHARACTERS = 1_000_000  # with every alias written out: a few lines of them can stand for gigabytes
FILE = "story.yaml"
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "TMPDIR")
ONE_AT_A_TIME = threading.Lock()
log = logging.getLogger(__name__)


class NotPlayed(Exception):
    """A story was not played: why, and at which line of it (0: at none)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Played:
    """A story, and what the command printed of it."""

    story: Story
    told: dict[str, Any]


def rehearse(school: School, *, by: User, at: datetime, name: str, text: str) -> Played:
    """Play a story, and note in the audit that it was done. Raises NotPlayed, and Refused where it is not permitted."""
    permit(by, school, "rehearse", at)
    read = read_story(text, name)
    told = alone(text)
    changes = {"pack": read.pack, "holds": told["holds"]}
    audit.record("rehearse", by=by, at=at, school=school, about=read.name[:80], changes=changes)
    return Played(read, told)


# -- the story ----------------------------------------------------------------------------------------------------


def read_story(text: str, name: str) -> Story:
    """The story of a text, within what the page takes on. Raises NotPlayed."""
    try:
        if written_out(text) > MOST_CHARACTERS:
            raise NotPlayed(f"{name}: its aliases (*name) repeat so much that it becomes too long to play.")
        found = story.parse(text, name)
    except story.Unreadable as wrong:
        where = f"{name}, line {wrong.line}" if wrong.line else name
        raise NotPlayed(f"{where}, “{wrong.field}”: {wrong.reason}.", wrong.line) from wrong
    except (ValueError, TypeError, RecursionError) as wrong:  # YAML that says what no story says
        raise NotPlayed(f"{name}: this cannot be read as a story.") from wrong
    for what, number, most in (
        ("steps", len(found.steps), MOST_STEPS),
        ("people and staff", len(found.people) + len(found.staff), MOST_PEOPLE),
    ):
        if number > most:
            raise NotPlayed(
                f"{name} has {number} {what}: this page plays {most} at most. The command “rehearse” keeps no such limit."
            )
    return found


def written_out(text: str) -> int:
    """How many characters the values of a YAML text come to when every alias is written out; 0 for what is no YAML."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return 0  # story.parse says what is wrong with it, and where
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 0  # a node that holds itself is refused by story.parse
            inside = (
                [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
            )
            sizes[id(node)] = 1 + (len(inside) if isinstance(inside, str) else sum(size(part) for part in inside))
        return sizes[id(node)]

    return size(root) if root else 0


# -- the process --------------------------------------------------------------------------------------------------


def alone(text: str) -> dict[str, Any]:
    """Play a text while no other is being played in this web process. Raises NotPlayed."""
    if not ONE_AT_A_TIME.acquire(blocking=False):
        raise NotPlayed("Another rehearsal is running. Try again in a minute: your text is kept here.")
    try:
        with tempfile.TemporaryDirectory(prefix="conduct-rehearsal-") as folder:
            return in_a_process(text, Path(folder))
    finally:
        ONE_AT_A_TIME.release()


def in_a_process(text: str, folder: Path) -> dict[str, Any]:
    """Run the command in the folder, for as long as it may take. Raises NotPlayed."""
    (folder / FILE).write_text(text, encoding="utf-8")
    seconds = settings.REHEARSAL_SECONDS
    process = subprocess.Popen(  # noqa: S603  (our own command, no shell)
        [*settings.REHEARSAL_COMMAND, FILE],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        printed, complaints = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as late:
        raise NotPlayed(
            f"The rehearsal was stopped: it had not ended after {seconds} seconds. Play a shorter story here, "
            "or ask whoever looks after Conduct to play it with the command “rehearse”, which has no limit."
        ) from late
    finally:
        if process.poll() is None:
            kill_group(process)
            process.communicate()
    return what_it_told(process.returncode, printed, complaints)


def environment(folder: Path) -> dict[str, str]:
    """What the process is told: nothing of the school. As in the demonstration, its mail would be files in its folder."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {
        "CONDUCT_DEMO": "1",
        "CONDUCT_VAR": str(folder),
        "CONDUCT_BROKER_URL": "memory://",
        "DATABASE_URL": "sqlite://:memory:",
        "PYTHONUTF8": "1",
    }


def what_it_told(code: int, printed: str, complaints: str) -> dict[str, Any]:
    """The one line that the command prints of a story. Raises NotPlayed when there is none."""
    if code == 2:
        raise NotPlayed(
            complaints.strip().splitlines()[-1] if complaints.strip() else "This cannot be read as a story."
        )
    try:
        told: dict[str, Any] = json.loads(printed)
    except ValueError as wrong:
        log.error("a rehearsal broke off (%s): %s", code, complaints[-4000:])  # noqa: TRY400 (the child's words, not ours)
        raise NotPlayed(
            "The rehearsal broke off before its end, which no story should bring about. "
            "Tell whoever looks after Conduct: the log says why."
        ) from wrong
    return told
