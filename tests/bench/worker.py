"""A worker of the measures: it works on a run in a process of its own, with a press of its own, as the real one does.

Nothing here is imported before Django is set up, which in a new process is the first thing to be done.
"""

import os
import time
from datetime import UTC, datetime

MORNING = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def begin(database: str) -> None:
    """Get ready: with the database of the measures, and a press that is warm."""
    import django
    from django.db import connection

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conduct.settings")
    django.setup()
    connection.settings_dict["NAME"] = database

    from letters import press, samples

    press.letter("provisional_ban", samples.facts("provisional_ban"))


def worked(run: int) -> tuple[float, float]:
    """Seconds by the clock, and of the processor, in which this worker and its press issue the letters of a run."""
    from sanctions import runs

    clock, processor = time.perf_counter(), processor_time()
    runs.work(run, now=lambda: MORNING)
    return time.perf_counter() - clock, processor_time() - processor


def processor_time() -> float:
    """Seconds of the processor that this process and its press have had."""
    from letters import press

    made_by = press.ours.press
    return time.process_time() + (time.clock_gettime(clock_of(made_by.process.pid)) if made_by else 0)


def clock_of(pid: int) -> int:
    """The clock of the processor time of another process: see clock_getcpuclockid(3)."""
    return (~pid << 3) | 2
