"""Start the whole program on this machine: web, worker and scheduler, and stop them together."""

import os
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from conduct import startup
from conduct.supervisor import Child, Stop, run_step, say, stop_on_signals, supervise

ONE_MACHINE = {"web": ["--workers", "1"], "worker": ["--pool", "solo"]}  # SQLite lets one writer in at a time
WITH_SERVERS = {"web": ["--workers", "2"], "worker": ["--pool", "prefork", "--concurrency", "2"]}


class Command(BaseCommand):
    help = "Start web, worker and scheduler on this machine; Ctrl-C stops them."
    requires_system_checks: list[str] = []  # migrate runs them, a moment later

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)  # the data folder holds what schools know of people: for its owner alone
        try:
            serve(os.environ.get("CONDUCT_BIND", "127.0.0.1"), os.environ.get("CONDUCT_PORT", "8000"))
        except startup.CannotStart as problem:
            self.stderr.write(f"conduct: {problem}")
            sys.exit(1)


def serve(bind: str, port_text: str) -> None:
    """Check, prepare the database, run until told to stop. Raises CannotStart."""
    folder: Path = settings.VAR
    offset = startup.clock_offset(settings.CLOCK_START, datetime.now(UTC))
    port = startup.read_port(port_text)
    startup.prepare_folder(folder)
    startup.check_libraries()
    startup.check_port(bind, port)
    check_database()
    with startup.claim_folder(folder) as lock:
        stop = stop_on_signals()
        env = environment(folder, offset)
        prepare(env, stop)
        if not stop.asked:
            children = the_children(bind, port, env, folder / "log", lock.fileno())
            supervise(children, stop, announcer(bind, port, folder))
    say("Stopped.")


def check_database() -> None:
    """A database server that does not answer is told at once. The connection is not kept."""
    if connection.vendor == "sqlite":
        return
    try:
        connection.ensure_connection()
    except OperationalError as problem:
        reason = str(problem).strip().splitlines()[0]
        raise startup.CannotStart(f"The database in DATABASE_URL does not answer: {reason}") from problem
    connection.close()


def environment(folder: Path, offset: float) -> dict[str, str]:
    """What every process is given: the same clock, and in the demonstration the same secret key."""
    env = {name: value for name, value in os.environ.items() if name != "CONDUCT_NOW"}
    if offset:
        env["CONDUCT_CLOCK_OFFSET"] = str(offset)
    if settings.DEMO and not env.get("CONDUCT_SECRET_KEY"):
        env["CONDUCT_SECRET_KEY"] = startup.secret_key(folder)
    return env


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def prepare(env: dict[str, str], stop: Stop) -> None:
    """Bring the database up to date, in the demonstration build its world, and do what fell due while stopped."""
    steps = [("Database …", manage("migrate", "--no-input", "-v", "0"))]
    if settings.DEMO:
        steps.append(("Demonstration world …", manage("demo")))
    else:
        steps.append(("Static files …", manage("collectstatic", "--no-input", "-v", "0")))
    # The first tick of the scheduler comes a minute after its start: do not leave the banner up until then.
    steps.append(("What fell due meanwhile …", manage("sweep")))
    for title, command in steps:
        say(title)
        code = run_step(command, env, stop)
        if code is None:
            return
        if code != 0:
            raise startup.CannotStart(f"`manage.py {command[2]}` failed ({code}); what it said stands above.")


def the_children(bind: str, port: int, env: dict[str, str], logs: Path, lock: int) -> list[Child]:
    """The three processes in the order of starting. They are stopped in the opposite order: scheduler first."""
    # Whoever tries the program out in a container is root, and need not be warned of it.
    quiet = ["-W", "ignore:You're running the worker with superuser"] if settings.DEMO else []
    shape = ONE_MACHINE if connection.vendor == "sqlite" else WITH_SERVERS
    pidfile: Path = settings.VAR / "beat.pid"
    at = f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"
    web = ["gunicorn", "conduct.wsgi", "--bind", at, "--worker-class", "gthread", "--threads", "8", *shape["web"]]
    web += ["--log-level", "warning", "--graceful-timeout", "5", "--no-control-socket"]
    celery = ["celery", "--quiet", "--app", "conduct.celery"]
    worker = [*celery, "worker", *shape["worker"], "--loglevel", "warning"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = [*celery, "beat", "--loglevel", "warning", "--pidfile", str(pidfile)]

    def child(name: str, module: list[str], before_start: Callable[[], None] = lambda: None) -> Child:
        log = fresh_log(logs / f"{name}.log")
        return Child(name, [sys.executable, *quiet, "-m", *module], env, log, (lock,), before_start)

    # The data folder is locked, so a pidfile found there belongs to a scheduler that is gone.
    return [child("web", web), child("worker", worker), child("beat", beat, lambda: pidfile.unlink(missing_ok=True))]


def fresh_log(path: Path) -> Path:
    """An empty log; the one of the last start is kept beside it."""
    if path.exists():
        path.replace(path.with_suffix(".log.1"))
    return path


def announcer(bind: str, port: int, folder: Path) -> Callable[[], None]:
    """A function that says, once, where the program is, as soon as the web server listens."""
    said = False

    def announce() -> None:
        nonlocal said
        if not said and listens(bind, port):
            said = True
            for line in welcome(bind, port, folder):
                say(line)

    return announce


def listens(bind: str, port: int) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104  (addresses to compare with)
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def welcome(bind: str, port: int, folder: Path) -> list[str]:
    """Where to go and, in the demonstration, who to be."""
    host = "localhost" if bind in {"0.0.0.0", "::"} else f"[{bind}]" if ":" in bind else bind  # noqa: S104
    lines = ["", f"Conduct is at http://{host}:{port}/  (Ctrl-C stops it; logs are in {folder / 'log'})"]
    if settings.DEMO:
        lines.append("Accounts: office1, senior1, head1, chair1, admin1, gate1 and records1, each @ashfield.example,")
        lines.append("          @brookside.example or @cliff.example; trust1@northway.example, trust1@harbour.example")
        kept = folder / "demo-password"
        if kept.exists():
            lines.append(f"Password: {kept.read_text().strip()}  (kept in {kept})")
    return lines
