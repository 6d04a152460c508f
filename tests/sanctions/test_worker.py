"""The scheduled work through a real broker: a message on Redis, a worker of its own, the rows in PostgreSQL."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from conduct import clock
from conduct.importing import columns, course, reading
from conduct.importing.sample import sample
from conduct.models import Heartbeat, Import
from sanctions import tasks
from tests.factories import World

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
PATIENCE = 60  # seconds after which the worker counts as lost; nothing is measured


def database_url() -> str:
    """The test database, as another process reaches it."""
    told = connection.settings_dict
    where = quote(told["HOST"], safe="") + (f":{told['PORT']}" if told["PORT"] else "")
    return f"postgres://{told['USER']}:{told['PASSWORD']}@{where}/{told['NAME']}"


@pytest.fixture
def worker() -> Iterator[None]:
    """A Celery worker as the supervisor starts it, on the same broker and the test database."""
    env = {**os.environ, "DATABASE_URL": database_url(), "CONDUCT_TESTING": "1"}
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "conduct.celery",
        "worker",
        "--pool",
        "solo",
        "--loglevel",
        "error",
    ]
    process = subprocess.Popen(command, env=env, cwd=settings.BASE_DIR)
    yield
    process.terminate()
    process.wait(timeout=PATIENCE)


def until(holds) -> None:
    """Wait until something holds; fail when it does not in good time."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "the worker did not do it"
        time.sleep(0.1)


def test_a_sweep_sent_through_redis_is_done_by_a_worker(worker):
    assert settings.BROKER_URL.startswith("redis://")
    ban = World("sholing").opened()
    tasks.sweep.delay()
    until(lambda: Heartbeat.objects.filter(name="scheduler").exists())
    ban.refresh_from_db()
    assert ban.state == "lapsed"
    assert sorted(ban.case.tasks.filter(closed_at=None).values_list("kind", flat=True)) == [
        "chair_notice",
        "decision_overdue",
        "trust_notice",
    ]


def test_an_import_sent_through_redis_is_checked_and_taken_over_by_a_worker(worker):
    world = World("sholing")
    told = {"by": world.olive, "at": clock.now()}
    row = course.begin(world.school, name="people.csv", text=sample(), **told)
    course.say_columns(row, columns.guessed(reading.table_of(sample()).headings), **told)
    until(lambda: Import.objects.get().state == "ready")
    assert course.take_over(row, **told)
    until(lambda: Import.objects.get().state == "done")
    assert world.school.people.count() == 5
