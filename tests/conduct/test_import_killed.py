"""A worker killed in the middle of taking a file over: nothing of it is in the register, and it can be begun again."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from conduct import clock
from conduct.importing import columns, course, reading
from conduct.importing.sample import sample
from tests.factories import World

pytestmark = pytest.mark.django_db(transaction=True)
BEGIN = """
import os, signal, django
django.setup()
from conduct import clock
from conduct.importing import course, writing
from conduct.models import AuditRow, Import, Person
row = Import.objects.get()
told = {"by": row.by, "at": clock.now()}
"""
KILLED = """
def killed(*args, **told):
    print(Person.objects.count(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
writing.record = killed
course.work(row.pk, now=clock.now)
"""
SWEPT = "course.sweep(clock.now(), now=clock.now)"
AGAIN = """
course.check(row, **told)
course.work(row.pk, now=clock.now)
course.take_over(row, **told)
course.work(row.pk, now=clock.now)
"""
LOOKED_AT = """
row.refresh_from_db()
print(row.state, bool(row.content), Person.objects.count(), AuditRow.objects.filter(deed="import_person").count())
"""


@pytest.fixture
def database(tmp_path) -> str:
    """The test database as another process reaches it; that in memory as a copy in a file."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{tmp_path / 'copy.sqlite3'}"
    told = connection.settings_dict
    where = quote(told["HOST"], safe="") + (f":{told['PORT']}" if told["PORT"] else "")
    return f"postgres://{told['USER']}:{told['PASSWORD']}@{where}/{told['NAME']}"


def run(code: str, database: str, *, minutes: int = 0) -> tuple[int, str]:
    """Run Python in a process of its own, some minutes later: its exit code and what it printed."""
    code = BEGIN + code + LOOKED_AT
    env = {**os.environ, "DATABASE_URL": database, "CONDUCT_TESTING": "1", "CONDUCT_CLOCK_OFFSET": str(minutes * 60)}
    env |= {"DJANGO_SETTINGS_MODULE": "conduct.settings", "CONDUCT_VAR": str(settings.VAR)}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True)
    return done.returncode, done.stdout.strip() or done.stderr


def test_a_killed_worker_leaves_nothing_behind(database):
    world = World()
    told = {"by": world.olive, "at": clock.now()}
    row = course.begin(world.school, name="people.csv", text=sample(), **told)
    course.say_columns(row, columns.guessed(reading.table_of(sample()).headings), **told)
    assert course.work(row.pk, now=clock.now) == "ready"
    assert course.take_over(row, **told)
    if connection.vendor == "sqlite":
        with sqlite3.connect(Path(database.removeprefix("sqlite:///"))) as copy:
            connection.connection.backup(copy)

    assert run(KILLED, database) == (-signal.SIGKILL, "5")  # after the people were written
    assert run("", database) == (0, "running True 1 0")
    assert run(SWEPT, database, minutes=1) == (0, "running True 1 0")
    assert run(SWEPT, database, minutes=3) == (0, "failed True 1 0")
    assert run(AGAIN, database, minutes=4) == (0, "done False 5 4")
