"""Do what has fallen due, once, as the scheduler does every minute."""

from typing import Any

from django.core.management.base import BaseCommand

from sanctions import tasks


class Command(BaseCommand):
    help = "Do what has fallen due, once, and leave the scheduler's sign of life."

    def handle(self, *args: Any, **options: Any) -> None:
        looked_at = tasks.sweep()
        if options["verbosity"] > 1:
            self.stdout.write(f"{looked_at} looked at.")
