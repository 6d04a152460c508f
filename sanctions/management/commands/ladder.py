"""Print the ladder as a diagram, for the README."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sanctions import diagram
from sanctions.ladder import MEASURES


class Command(BaseCommand):
    help = "Print the ladder of a response as a Mermaid diagram."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("response", nargs="?", default="site_ban", choices=MEASURES)

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(diagram.mermaid(options["response"]))
