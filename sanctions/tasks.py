"""The scheduled work, as Celery sees it. The bodies are the same functions that rehearsals and tests call."""

from celery import shared_task

from conduct import clock, files, health
from conduct.importing import course
from letters import runs as letter_runs
from sanctions import diary, outbox, runs


@shared_task(name="sanctions.tasks.sweep")
def sweep() -> int:
    """Do what has fallen due, and leave the heartbeat that `/healthz` and the banner look for."""
    at = clock.now()
    looked_at = diary.sweep(at)
    health.beat("scheduler")
    outbox.sweep(at, now=clock.now)
    course.sweep(at, now=clock.now)
    runs.sweep(at, now=clock.now)
    return looked_at


@shared_task(name=runs.TASK)
def work_run(pk: int) -> str:
    """Issue the letters of a run, or make its file for the printer. Called twice, it does it once."""
    return runs.work(pk, now=clock.now)


@shared_task(name=outbox.TASK)
def email_letter(pk: int) -> str:
    """Email a letter that waits for it. Called twice, it does it once."""
    return outbox.deliver(pk, now=clock.now)


@shared_task(name="sanctions.tasks.sweep_files")
def sweep_files() -> int:
    """Delete the files that belong to nothing, and those for the printer that are a day old."""
    at = clock.now()
    return files.sweep(at) + letter_runs.forget_files(at)
