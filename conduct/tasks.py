"""The background work of this app, as Celery sees it."""

from celery import shared_task

from conduct import clock
from conduct.importing import course


@shared_task(name=course.TASK)
def import_people(pk: int) -> str:
    """Check an import, or take it over: whatever was asked of it. Called twice, it does it once."""
    return course.work(pk, now=clock.now)
