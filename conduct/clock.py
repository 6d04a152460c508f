"""The clock. Screens and tasks read it once and pass it on; rules and verbs take the moment as an argument."""

from datetime import UTC, datetime, timedelta

from django.conf import settings


def now() -> datetime:
    """The present moment, moved by the demonstration's offset where there is one."""
    return datetime.now(UTC) + timedelta(seconds=settings.CLOCK_OFFSET)
