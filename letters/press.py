"""The door to the printing press: every PDF of ours is made behind it, in a process of its own (see `letters.pressroom`).

A process of the program — one of the web server's, of the worker's — keeps one press, started with its first letter, and
gives it one thing to print at a time. What breaks the press, or takes too much of it, is `Stopped` and says why in words;
the next letter finds a new one.
"""

import atexit
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings

from letters import characters, pressroom, rendering
from letters.kinds import KINDS
from letters.look import PLAIN, Look
from letters.packs import Pack

KEPT = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")  # of the environment; nothing secret
START = 60  # seconds in which a press must be ready
log = logging.getLogger(__name__)


class Stopped(Exception):
    """This one could not be printed. `why` says it in words for whoever sends letters."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class OutOfOrder(RuntimeError):
    """No press can be started at all: nothing is wrong with the letter, and the log says what is missing."""


def letter(
    kind: str, facts: Mapping[str, Any], *, look: Look = PLAIN, draft: bool = False, copy: bool = False
) -> bytes:
    """A letter as PDF. Raises Stopped, OutOfOrder, and what `rendering.page` raises."""
    html = rendering.page(kind, facts, look=look, draft=draft, copy=copy)
    if issubclass(KINDS[kind].facts, Pack):
        return _printed(html, "", pages=settings.PRESS_PAGES_LONG, seconds=settings.PRESS_SECONDS_LONG)
    return _printed(html, "", pages=settings.PRESS_PAGES, seconds=settings.PRESS_SECONDS)


def page(html: str, sheet: str) -> bytes:
    """Any other page of ours as PDF. Raises Stopped, OutOfOrder, and CannotPrint."""
    html = characters.printable(html)
    return _printed(html, sheet, pages=settings.PRESS_PAGES_LONG, seconds=settings.PRESS_SECONDS_LONG)


def _printed(html: str, sheet: str, *, pages: int, seconds: int) -> bytes:
    order = {"html": html, "sheet": sheet, "pages": pages, "seconds": seconds}
    why, where, pdf = ours.printed(order)
    if why:
        log.warning("The press could not print a page (%s) %s", why, where)
        raise Stopped(WHY[why].format(**order))
    return pdf


WHY = {
    "time": "It took longer than {seconds} seconds.",
    "pages": "It has more than {pages} pages.",
    "memory": "It needs too much memory.",
    "outside": "It holds a picture that cannot be printed.",
    "broken": "The press broke down over it.",
}


class Press:
    """One process that prints, until it is worn out or breaks."""

    def __init__(self) -> None:
        self.made, self.late = 0, False
        self.folder = tempfile.mkdtemp(prefix="conduct-press-")
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.process = subprocess.Popen(  # noqa: S603  (our own command, no shell)
            [sys.executable, "-m", "letters.pressroom", self.folder, str(settings.PRESS_MB)],
            cwd=settings.BASE_DIR, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
            start_new_session=True,  # Ctrl-C is for the program: a press ends when its input does
        )  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.orders, self.done = self.process.stdin, self.process.stdout
        with self.watched(START):
            ready = pressroom.receive(self.done)
        if ready is None:
            self.end()
            raise OutOfOrder("The printing press does not start: its error stands in the log before this.")

    @contextmanager
    def watched(self, seconds: float) -> Iterator[None]:
        """End the process if what is done with it takes longer: whoever waits for it finds its pipes closed."""
        watch = threading.Timer(seconds, self.stop)
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
            watch.join()

    def stop(self) -> None:
        self.late = True
        self.process.kill()

    def print(self, order: dict[str, Any]) -> tuple[str, str, bytes]:
        """Why it cannot be printed, or nothing; where that was found; and the PDF."""
        answer = None
        with self.watched(order["seconds"]), suppress(BrokenPipeError):
            pressroom.send(self.orders, order)
            answer = pressroom.receive(self.done)
        self.made += 1
        if answer is None:
            return self.ended_by(), f"exit code {self.process.returncode}", b""
        return answer[0]["why"], answer[0].get("where", ""), answer[1]

    def ended_by(self) -> str:
        """Why it ended in the middle of something."""
        code = self.process.wait()
        if self.late or code == -signal.SIGXCPU:
            return "time"
        return "memory" if code == -signal.SIGKILL else "broken"  # the system ends what is too large for the machine

    @property
    def is_worn(self) -> bool:
        return self.late or self.made >= settings.PRESS_REPLACED_AFTER or self.process.poll() is not None

    def end(self) -> None:
        """End the process and take away what it leaves."""
        self.process.kill()
        self.process.wait()
        self.forget()
        shutil.rmtree(self.folder, ignore_errors=True)

    def forget(self) -> None:
        """Let go of the process: in a copy of the program, whose press it is not."""
        self.orders.close()
        self.done.close()


class Ours:
    """The press of this process of the program, for one thing at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.press: Press | None = None

    def printed(self, order: dict[str, Any]) -> tuple[str, str, bytes]:
        with self.lock:
            if self.press is not None and self.press.is_worn:
                self.end()
            if self.press is None:
                self.press = Press()
            told = self.press.print(order)
            if told[0] not in ("", "pages", "outside"):
                self.end()
            return told

    def end(self) -> None:
        if self.press is not None:
            self.press.end()
            self.press = None

    def after_fork(self) -> None:
        """The copy of a process has a press of its own; and must not hold the other's open when that process ends."""
        if self.press is not None:
            self.press.forget()
        self.lock, self.press = threading.Lock(), None


ours = Ours()
atexit.register(ours.end)
os.register_at_fork(after_in_child=ours.after_fork)
