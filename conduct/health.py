"""Whether the program is well: database, broker and scheduler. No data in what it says."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from kombu import Connection

from conduct.models import Heartbeat

SILENT_AFTER = timedelta(minutes=15)


def beat(name: str) -> None:
    """Leave a sign of life, by the real clock."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": datetime.now(UTC)})


def scheduler_silent() -> bool:
    """Whether the scheduler has given no sign of life for 15 minutes."""
    return not Heartbeat.objects.filter(name="scheduler", at__gte=datetime.now(UTC) - SILENT_AFTER).exists()


def check_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def check_broker() -> bool:
    if settings.BROKER_URL.startswith("filesystem"):
        return (settings.VAR / "broker" / "messages").is_dir()
    try:
        with Connection(settings.BROKER_URL, connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except Exception:  # the transports raise errors of their own, and every one of them means the same here
        return False
    return True


def report() -> dict[str, str]:
    """Each part with "ok" or "failing"."""
    database = check_database()
    parts = {
        "database": database,
        "broker": check_broker(),
        "scheduler": database and not scheduler_silent(),
    }
    return {name: "ok" if well else "failing" for name, well in parts.items()}
