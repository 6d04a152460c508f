"""Build the demonstration world in an empty database."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from conduct import clock
from sanctions.demo import password, world


class Command(BaseCommand):
    help = "Build the demonstration world (CONDUCT_DEMO=1 only); a world that is there already is kept as it is."
    requires_system_checks: list[str] = []  # migrate ran them, a moment before

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demonstration world is for the demonstration only: set CONDUCT_DEMO=1.")
        if world.is_there():
            self.say("The demonstration world is there already: nothing was changed.")
            return
        if not world.is_empty():
            raise CommandError("This database holds something else: the demonstration needs an empty one.")
        began, word = time.perf_counter(), password.chosen()
        # The password is kept before the world is: a world whose password nobody knows would be of no use.
        world.build(clock.now(), word, say=self.say, last=lambda: password.keep(word, settings.VAR))
        self.say(f"Built in {time.perf_counter() - began:.0f} s.")
        self.say(f"Password of all accounts: {word}  (kept in {settings.VAR / 'demo-password'})")

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
