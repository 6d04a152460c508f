"""Celery: scheduled and background work. It holds no truth: every task asks the database what is due.

Beat runs in UTC, because in Europe/London an hourly schedule skips a run when the clocks change. Periodic messages
expire before the next tick, so that a worker that was away does not find a pile of them.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conduct.settings")

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

EVERY = 60.0  # seconds between two ticks
DAY = 24 * 60 * EVERY

app = Celery("conduct")
app.conf.update(
    broker_url=settings.BROKER_URL,
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=300,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    enable_utc=True,
    beat_schedule_filename=str(settings.VAR / "beat-schedule"),
    beat_schedule={
        "sweep": {"task": "sanctions.tasks.sweep", "schedule": EVERY, "options": {"expires": EVERY}},
        "sweep_files": {"task": "sanctions.tasks.sweep_files", "schedule": DAY, "options": {"expires": DAY}},
    },
)
if settings.BROKER_URL.startswith("filesystem"):
    queue = settings.VAR / "broker"
    app.conf.broker_transport_options = {
        "data_folder_in": str(queue / "messages"),
        "data_folder_out": str(queue / "messages"),
        "control_folder": str(queue / "control"),
        "polling_interval": 0.2,  # without it, late acknowledgement crawls
    }
    try:
        for folder in ("messages", "control"):
            (queue / folder).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ImproperlyConfigured(
            f"The data folder {settings.VAR} cannot be written ({problem.strerror}): set CONDUCT_VAR to one that can."
        ) from problem
app.autodiscover_tasks()
