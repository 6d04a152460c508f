"""Keeps the program's processes running: starts them, starts again what ends, and stops all of them in order."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Any

PATIENCE = 10.0  # seconds that all processes together have for stopping by themselves
TICK = 0.2  # seconds between two looks
LONGEST_PAUSE = 30.0  # seconds, at most, before a process that keeps ending is started again; a longer life resets it


def say(line: str) -> None:
    """One line to the terminal, at once. A terminal that was closed must not keep us from stopping what we started."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


@dataclass
class Stop:
    """Whether we were told to stop. No threading.Event: its lock may be held when the signal's handler wants it."""

    asked: bool = False

    def wait(self, seconds: float) -> bool:
        """Sleep, unless told to stop already; then say whether we were."""
        if not self.asked:
            time.sleep(seconds)
        return self.asked


def stop_on_signals() -> Stop:
    """What Ctrl-C, a TERM or a closed terminal sets."""
    stop = Stop()

    def note(_signal: int, _frame: FrameType | None) -> None:
        stop.asked = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)
    return stop


@dataclass
class Child:
    """One process of the program. It leads a session of its own, so that Ctrl-C reaches the supervisor alone."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    log: Path
    keep_open: tuple[int, ...] = ()  # file descriptors that stay open in it: the lock on the data folder
    before_start: Callable[[], None] = lambda: None
    process: subprocess.Popen[str] | None = None
    failures: int = 0
    started: float = 0.0  # by the monotonic clock, as everywhere here
    due: float | None = None  # when to start it again
    echo: threading.Thread | None = field(default=None, repr=False)

    def start(self, now: float) -> None:
        self.before_start()
        log = self.log.open("a", buffering=1)
        self.process = subprocess.Popen(  # noqa: S603  (our own command, no shell)
            self.command,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=self.keep_open,
        )
        self.started, self.due = now, None
        self.echo = threading.Thread(target=copy_lines, args=(self.process.stderr, log, self.name), daemon=True)
        self.echo.start()

    def look_after(self, now: float) -> None:
        """Start it again when it has ended: after 1 second, then 2, 4 … while it keeps ending soon."""
        if self.due is not None:
            if now >= self.due:
                self.start(now)
        elif self.process is not None and (code := self.process.poll()) is not None:
            kill_group(self.process)
            self.failures = self.failures + 1 if now - self.started < LONGEST_PAUSE else 1
            pause = min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
            self.due = now + pause
            say(f"{self.name} ended ({code}); starting it again in {pause:.0f} s. Its log: {self.log}")

    def stop(self, deadline: float) -> None:
        """Ask it to stop, wait until the deadline, and leave nothing of it behind."""
        self.due = None
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not stop by itself.")
        kill_group(self.process)
        self.process.wait()
        if self.echo is not None:
            self.echo.join(timeout=1)


def copy_lines(source: IO[str], log: IO[str], name: str) -> None:
    """What a process says on stderr goes into its log and to the terminal."""
    with source, log:
        for line in source:
            log.write(line)
            with contextlib.suppress(OSError):  # a closed terminal must not block the process
                print(f"{name:>6} | {line}", end="", file=sys.stderr, flush=True)


def kill_group(process: subprocess.Popen[Any]) -> None:
    """Kill whatever is left of a process's session: its own children too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def run_step(command: list[str], env: Mapping[str, str], stop: Stop) -> int | None:
    """Run something that ends by itself, in view of the terminal: its exit code, or None when told to stop."""
    process = subprocess.Popen(  # noqa: S603  (our own command, no shell)
        command, env=dict(env), stdin=subprocess.DEVNULL, start_new_session=True
    )
    while process.poll() is None:
        if stop.wait(TICK):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=PATIENCE)
            kill_group(process)
            process.wait()
            return None
    return process.returncode


def supervise(children: list[Child], stop: Stop, on_tick: Callable[[], None] = lambda: None) -> None:
    """Run the children until told to stop; then stop them, the last started first."""
    try:
        for child in children:
            child.start(time.monotonic())
        while not stop.wait(TICK):
            for child in children:
                child.look_after(time.monotonic())
            on_tick()
    finally:
        deadline = time.monotonic() + PATIENCE
        for child in reversed(children):
            child.stop(deadline)
