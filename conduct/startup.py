"""What must hold before the program starts, and what its processes are given: the checks behind `manage.py serve`.

Every check raises `CannotStart` with one line that tells the person at the terminal what to do.
"""

import errno
import fcntl
import os
import secrets
import socket
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from conduct.calendar import LONDON
from conduct.libraries import missing_packages

MOMENT = "%Y-%m-%dT%H:%M"


class CannotStart(Exception):
    """Why the program does not start, in one line."""


def prepare_folder(folder: Path) -> None:
    """Make the data folder with what the processes expect to find in it, and try to write there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for inner in ("log", "static"):
            (folder / inner).mkdir(exist_ok=True)
    except OSError as problem:
        raise CannotStart(
            f"The data folder {folder} cannot be written ({problem.strerror}): set CONDUCT_VAR to one that can."
        ) from problem


def claim_folder(folder: Path) -> IO[str]:
    """Lock the data folder for as long as the returned file, or a child's copy of it, is open.

    Two schedulers on one data folder would do everything twice.
    """
    lock = (folder / "serve.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        lock.close()
        raise CannotStart(f"The data folder {folder} is in use by a Conduct that is already running.") from problem
    return lock


def read_port(text: str) -> int:
    """The port in CONDUCT_PORT."""
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise CannotStart(f"CONDUCT_PORT is {text!r}: it must be a number from 1 to 65535.")
    return int(text)


def check_port(bind: str, port: int) -> None:
    """Find out whether the web server will be able to listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the web server does: without it, a port that was left a moment ago would count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise CannotStart(f"Port {port} on {bind} is in use: stop what uses it, or set CONDUCT_PORT.") from problem
        raise CannotStart(f"Cannot listen on {bind} port {port} ({problem.strerror}).") from problem


def check_libraries() -> None:
    """Letters need these system libraries."""
    if packages := missing_packages():
        raise CannotStart(f"System libraries are missing: apt-get install {' '.join(packages)}")


def clock_offset(start: str, now: datetime) -> float:
    """Seconds from `now` (aware) to the London time in CONDUCT_NOW; 0 where that is empty."""
    if not start:
        return 0.0
    try:
        moment = datetime.strptime(start, MOMENT).replace(tzinfo=LONDON).astimezone(UTC)
    except ValueError as problem:
        raise CannotStart(f"CONDUCT_NOW is {start!r}: it must look like 2026-03-02T08:50.") from problem
    return (moment - now).total_seconds()


def secret_key(folder: Path) -> str:
    """The demonstration's own random key, made at the first start and readable by its owner alone."""
    path = folder / "secret-key"
    if path.exists() and len(kept := path.read_text().strip()) >= 50:
        return kept
    path.unlink(missing_ok=True)
    made = secrets.token_urlsafe(64)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(made)
    return made
