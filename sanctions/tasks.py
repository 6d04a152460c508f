"""The scheduled work, as Celery sees it. The bodies are the same functions that rehearsals and tests call."""

from celery import shared_task

from conduct import clock, files, health
from conduct.importing import course
from sanctions import diary


@shared_task(name="sanctions.tasks.sweep")
def sweep() -> int:
    """Do what has fallen due, and leave the heartbeat that `/healthz` and the banner look for."""
    at = clock.now()
    looked_at = diary.sweep(at)
    health.beat("scheduler")
    course.sweep(at, now=clock.now)
    return looked_at


@shared_task(name="sanctions.tasks.sweep_files")
def sweep_files() -> int:
    """Delete the files that belong to nothing."""
    return files.sweep(clock.now())
