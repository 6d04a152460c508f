"""Play stories in a database that is thrown away, and print what happened: one JSON object a line, one a story."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from sanctions import rehearsal, story


class Command(BaseCommand):
    help = "Play written stories through the program's own verbs. Exit 0: all hold; 1: one does not; 2: unreadable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="STORY.yaml")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            stories = [story.read(file) for file in options["files"]]
        except story.Unreadable as error:
            self.stderr.write(str(error))
            sys.exit(2)
        open_throwaway_database()
        held = True
        for each in stories:
            result = rehearsal.play(each)
            held = held and result["holds"]
            self.stdout.write(json.dumps(result, ensure_ascii=False))
        sys.exit(0 if held else 1)


def open_throwaway_database() -> None:
    """Put an empty database in memory in the place of the school's own, for this process."""
    connections["default"].close()
    connections.settings["default"] |= {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {}}
    del connections["default"]
    call_command("migrate", verbosity=0)
