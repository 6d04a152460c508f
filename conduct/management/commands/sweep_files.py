"""Delete the files that belong to nothing, as the scheduler does once a day; on request look at those that are kept."""

import hashlib
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conduct import clock, files
from conduct.models import KeptFile


class Command(BaseCommand):
    help = (
        "Delete uploaded files that belong to nothing. With --check, compare each kept file with its SHA-256 instead."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; say which files are missing or altered"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self.stdout.write(f"{files.sweep(clock.now())} removed.")
            return
        kept = KeptFile.objects.order_by("pk")
        wrong = [f"file {each.pk}: {said}" for each in kept.iterator() if (said := wrong_with(each))]
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write(f"{kept.count()} looked at, each as it came.")


def wrong_with(kept: KeptFile) -> str:
    """Whether a kept file is missing, or is not what came; nothing where it is as it was."""
    try:
        with kept.original.open("rb") as original:
            same = hashlib.file_digest(original, "sha256").hexdigest() == kept.sha256
    except OSError as problem:
        return f"cannot be read ({problem.strerror})"
    return "" if same else "is not what came"
