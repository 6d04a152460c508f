"""`manage.py serve`: what it refuses, what it starts, and that it leaves nothing behind."""

import contextlib
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from conduct import libraries, startup
from conduct.calendar import LONDON
from conduct.management.commands import serve
from conduct.supervisor import Child, Stop, run_step, supervise

SERVE = [sys.executable, str(settings.BASE_DIR / "manage.py"), "serve"]
IN_EARNEST = {
    "CONDUCT_SECRET_KEY": "k7-Vq2_pXw9sTzRb4nLm8cYd1fGh6jQe3uAo5iKv0yBxNtMrSwZl",
    "CONDUCT_HOSTS": "127.0.0.1",
    "CONDUCT_BEHIND_PROXY": "1",
}


def environment(var: Path, port: int, **more: str) -> dict[str, str]:
    """A clean environment: nothing of the test run's own settings reaches the program."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "CONDUCT_VAR": str(var), "CONDUCT_PORT": str(port), **more}


def refusal(env: dict[str, str]) -> str:
    """What `serve` says on stderr when it refuses to start: one line, with exit code 1."""
    ended = subprocess.run(SERVE, env=env, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1), ended.stderr
    return ended.stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_a_data_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "var"
    said = refusal(environment(folder, free_port(), CONDUCT_DEMO="1"))
    expected = (
        f"conduct: The data folder {folder} cannot be written (Not a directory): set CONDUCT_VAR to one that can.\n"
    )
    assert said == expected


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = refusal(environment(tmp_path, port, CONDUCT_DEMO="1"))
    assert said == f"conduct: Port {port} on 127.0.0.1 is in use: stop what uses it, or set CONDUCT_PORT.\n"


def test_a_malformed_start_of_the_clock_is_one_line(tmp_path: Path) -> None:
    said = refusal(environment(tmp_path, free_port(), CONDUCT_DEMO="1", CONDUCT_NOW="2 March"))
    assert said == "conduct: CONDUCT_NOW is '2 March': it must look like 2026-03-02T08:50.\n"


def test_a_moved_clock_outside_the_demonstration_is_one_line(tmp_path: Path) -> None:
    said = refusal(environment(tmp_path, free_port(), **IN_EARNEST, CONDUCT_NOW="2026-03-02T08:50"))
    assert said.startswith("conduct: CONDUCT_NOW moves the clock")


def test_a_missing_secret_outside_the_demonstration_is_one_line(tmp_path: Path) -> None:
    said = refusal(environment(tmp_path, free_port()))
    assert said.startswith("conduct: CONDUCT_SECRET_KEY is missing or weak")


def test_a_database_server_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    address = f"postgres://nobody@127.0.0.1:{free_port()}/none"
    said = refusal(environment(tmp_path, free_port(), **IN_EARNEST, DATABASE_URL=address))
    assert said.startswith("conduct: The database in DATABASE_URL does not answer")


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "eighty", "8000.0", "٨"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(startup.CannotStart, match="CONDUCT_PORT"):
        startup.read_port(text)


def test_the_first_and_the_last_port_are_ports() -> None:
    assert (startup.read_port("1"), startup.read_port("65535")) == (1, 65535)


def test_an_address_of_another_machine_is_refused_with_the_reason() -> None:
    with pytest.raises(startup.CannotStart, match=r"^Cannot listen on 192\.0\.2\.1 port 8000 \(.+\)\.$"):
        startup.check_port("192.0.2.1", 8000)


def test_a_missing_library_is_told_by_its_debian_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "missing_packages", lambda: ["libpango-1.0-0", "libharfbuzz-subset0"])
    with pytest.raises(startup.CannotStart) as refused:
        startup.check_libraries()
    assert str(refused.value) == "System libraries are missing: apt-get install libpango-1.0-0 libharfbuzz-subset0"


def test_libraries_are_found_out_by_loading_them() -> None:
    tried = []

    def load(library: str) -> None:
        tried.append(library)
        if library == "libharfbuzz-subset.so.0":
            raise OSError

    assert libraries.missing_packages(load) == ["libharfbuzz-subset0"]
    assert tried == ["libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"]


def test_the_clock_is_moved_to_london_time() -> None:
    now = datetime(2026, 7, 1, 12, 0, tzinfo=LONDON)
    assert startup.clock_offset("2026-07-01T13:00", now) == 3600.0
    assert startup.clock_offset("2026-01-01T12:00", now) == -timedelta(days=181, hours=-1).total_seconds()
    assert startup.clock_offset("", now) == 0.0


def test_the_secret_key_is_random_kept_and_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    key = startup.secret_key(tmp_path)
    assert startup.secret_key(tmp_path) == key
    assert startup.secret_key(tmp_path / "other") != key
    assert len(key) >= 50
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_a_secret_key_that_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short")
    assert len(startup.secret_key(tmp_path)) >= 50


def test_a_data_folder_has_one_program_at_a_time(tmp_path: Path) -> None:
    with startup.claim_folder(tmp_path), pytest.raises(startup.CannotStart, match="already running"):
        startup.claim_folder(tmp_path)
    startup.claim_folder(tmp_path).close()


def child(tmp_path: Path, program: str) -> Child:
    return Child("part", [sys.executable, "-c", program], os.environ, tmp_path / "part.log")


def until(holds: object, seconds: float = 15.0) -> None:
    """Wait for a condition, looking often."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.05)


def test_a_process_that_ends_is_started_again_later_each_time(tmp_path: Path) -> None:
    part = child(tmp_path, "raise SystemExit(3)")
    part.start(now=0.0)
    pauses = []
    now = 0.0
    for _ in range(6):
        until(lambda: part.process.poll() is not None)
        part.look_after(now)
        pauses.append(part.due - now)
        now = part.due
        part.look_after(now)
    part.stop(deadline=0.0)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]


def test_a_process_that_ran_for_long_is_started_again_at_once(tmp_path: Path) -> None:
    part = child(tmp_path, "raise SystemExit(3)")
    part.failures = 5
    part.start(now=0.0)
    until(lambda: part.process.poll() is not None)
    part.look_after(now=31.0)
    part.stop(deadline=0.0)
    assert part.failures == 1


def test_a_process_that_does_not_stop_by_itself_is_killed_with_its_own_children(tmp_path: Path) -> None:
    deaf = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(inner.pid, flush=True); time.sleep(60)"
    )
    part = child(tmp_path, deaf)
    part.start(time.monotonic())
    until(lambda: part.log.read_text().endswith("\n"))
    part.stop(deadline=time.monotonic() + 0.2)
    assert part.process.returncode == -signal.SIGKILL
    until(lambda: not alive(int(part.log.read_text())))


def test_a_process_that_outlived_its_supervisor_keeps_the_data_folder(tmp_path: Path) -> None:
    part = child(tmp_path, "import time; time.sleep(60)")
    with startup.claim_folder(tmp_path) as lock:
        part.keep_open = (lock.fileno(),)
        part.start(time.monotonic())
    with pytest.raises(startup.CannotStart, match="already running"):
        startup.claim_folder(tmp_path)
    part.stop(deadline=time.monotonic() + 5)
    startup.claim_folder(tmp_path).close()


def test_what_a_process_complains_of_goes_into_its_log_and_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    part = child(tmp_path, "import sys; print('all is well'); print('oh dear', file=sys.stderr)")
    part.start(time.monotonic())
    until(lambda: part.process.poll() is not None)
    part.stop(deadline=0.0)
    assert sorted(part.log.read_text().splitlines()) == ["all is well", "oh dear"]
    assert capfd.readouterr().err == "  part | oh dear\n"


def test_the_last_started_is_stopped_first(tmp_path: Path) -> None:
    ended = []

    class Noted(Child):
        def stop(self, deadline: float) -> None:
            ended.append(self.name)
            super().stop(deadline)

    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    supervise(
        [Noted(name, command, os.environ, tmp_path / f"{name}.log") for name in ("web", "worker", "beat")], Stop(True)
    )
    assert ended == ["beat", "worker", "web"]


def test_a_step_is_broken_off_when_told_to_stop() -> None:
    begun = time.monotonic()
    assert run_step([sys.executable, "-c", "import time; time.sleep(60)"], os.environ, Stop(True)) is None
    assert time.monotonic() - begun < 5


def test_every_process_is_given_the_same_clock_and_reads_no_start_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONDUCT_NOW", "2026-03-02T08:50")
    env = serve.environment(tmp_path, 61.5)
    assert env["CONDUCT_CLOCK_OFFSET"] == "61.5"
    assert "CONDUCT_NOW" not in env


def test_only_the_demonstration_is_given_a_secret_key_that_nobody_chose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.delenv("CONDUCT_SECRET_KEY", raising=False)
    settings.DEMO = False
    assert "CONDUCT_SECRET_KEY" not in serve.environment(tmp_path, 0.0)
    settings.DEMO = True
    assert serve.environment(tmp_path, 0.0)["CONDUCT_SECRET_KEY"] == startup.secret_key(tmp_path)
    monkeypatch.setenv("CONDUCT_SECRET_KEY", "chosen")
    assert serve.environment(tmp_path, 0.0)["CONDUCT_SECRET_KEY"] == "chosen"


def test_the_demonstration_says_where_it_is_and_its_password(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "demo-password").write_text("correct-horse\n")
    settings.DEMO = True
    lines = serve.welcome("127.0.0.1", 8000, tmp_path)
    assert lines[1].startswith("Conduct is at http://127.0.0.1:8000/ ")
    assert lines[-1] == f"Password: correct-horse  (kept in {tmp_path / 'demo-password'})"
    settings.DEMO = False
    assert "correct-horse" not in " ".join(serve.welcome("127.0.0.1", 8000, tmp_path))


def test_a_pidfile_that_a_killed_scheduler_left_does_not_stop_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "beat.pid").write_text("1\n")  # a number that belongs to another process by now
    beat = serve.the_children("127.0.0.1", 8000, {}, tmp_path, lock=0)[-1]
    beat.before_start()
    assert beat.name == "beat"
    assert not (tmp_path / "beat.pid").exists()


def test_the_log_of_the_last_start_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("before")
    assert not serve.fresh_log(tmp_path / "web.log").exists()
    assert (tmp_path / "web.log.1").read_text() == "before"


def alive(pid: int) -> bool:
    """Whether the process runs. One that ended and waits to be reaped does not."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def processes_of(var: Path) -> dict[int, str]:
    """Every process that was started for this data folder, by its environment."""
    mark = f"CONDUCT_VAR={var}\0".encode()
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def health(port: int) -> tuple[int, dict[str, str]] | None:
    """What /healthz answers, as a proxy in front would see it; None before there is an answer."""
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        caller.request("GET", "/healthz", headers={"X-Forwarded-Proto": "https"})
        answer = caller.getresponse()
        return answer.status, json.loads(answer.read())
    except OSError:
        return None
    finally:
        caller.close()


WELL = (200, {"database": "ok", "broker": "ok", "scheduler": "ok"})


@contextlib.contextmanager
def running(var: Path, port: int, **more: str) -> Iterator[subprocess.Popen[str]]:
    """The whole program, with its output in a file beside the data folder. Nothing of it is left at the end."""
    with var.with_suffix(".out").open("w") as out:
        program = subprocess.Popen(
            SERVE, env=environment(var, port, **more), stdin=subprocess.DEVNULL, stdout=out, stderr=out, text=True
        )
        try:
            yield program
        finally:
            program.poll() is None and program.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(timeout=15)
            for left in processes_of(var):
                os.kill(left, signal.SIGKILL)
            program.wait()


def said_by(var: Path) -> str:
    return var.with_suffix(".out").read_text()


def test_the_whole_program_starts_mends_itself_and_stops_leaving_nothing(tmp_path: Path) -> None:
    var, port = tmp_path / "var", free_port()
    with running(var, port, **IN_EARNEST) as program:
        until(lambda: health(port) == WELL, 60)
        parts = processes_of(var)
        assert sum("celery" in command for command in parts.values()) == 2
        (web,) = (pid for pid in parts if "gunicorn" in parts[pid] and parent_of(pid) == program.pid)

        os.kill(web, signal.SIGKILL)
        until(lambda: "web ended (-9); starting it again in 1 s." in said_by(var))
        until(lambda: health(port) == WELL, 30)

        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=15) == 0
        assert processes_of(var) == {}
    assert said_by(var).endswith("\nStopped.\n")


def test_the_demonstration_starts_and_says_who_to_be(tmp_path: Path) -> None:
    var, port = tmp_path / "var", free_port()
    with running(var, port, CONDUCT_DEMO="1", CONDUCT_NOW="2026-03-02T08:50") as program:
        until(lambda: health(port) == WELL, 180)
        until(lambda: "Password: " in said_by(var))
        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=15) == 0
        assert processes_of(var) == {}
    assert said_by(var).count((var / "demo-password").read_text().strip()) >= 1


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
