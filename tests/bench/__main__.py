"""Measure, print a table, and write var/bench.json: `python -m tests.bench [--only name,name]`.

Every value is a ratio taken in one run on one machine, so that it means the same on another.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.db import connection

from tests.bench.measures import Result

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conduct.settings")


def suites() -> dict[str, Callable[[list[str]], list[Result]]]:
    """What is measured, by name, and by which function: each takes all that it is asked for in one town."""
    from tests.bench import growing, press  # need Django set up

    return {**dict.fromkeys(growing.NAMES, growing.measure), **dict.fromkeys(press.NAMES, press.measure)}


def main() -> int:
    django.setup()
    known = suites()
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--only", default="", help="names of measures, with commas between them")
    wanted = [name for name in parser.parse_args().only.split(",") if name] or list(known)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"There is no measure called {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    results = [r for suite in dict.fromkeys(known[name] for name in wanted) for r in in_a_database(suite, wanted)]
    table(results)
    settings.VAR.mkdir(parents=True, exist_ok=True)
    Path(settings.VAR / "bench.json").write_text(json.dumps([r.as_row() for r in results], indent=1) + "\n")
    return 0 if all(r.holds for r in results) else 1


def in_a_database(suite, wanted: list[str]) -> list[Result]:
    """Run measures in a database made for them and dropped afterwards."""
    settings.VAR.mkdir(parents=True, exist_ok=True)
    if connection.vendor == "sqlite":  # a file, as in use, not a database in memory
        connection.settings_dict["TEST"]["NAME"] = str(settings.VAR / "bench.sqlite3")
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        return suite(wanted)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def table(results: list[Result]) -> None:
    rows = [("measure", "value", "goal", "", "against")]
    rows += [(r.name, f"{r.value} {r.unit}", r.goal, "holds" if r.holds else "MISSED", r.against) for r in results]
    wide = [max(len(row[n]) for row in rows) for n in range(4)]
    for row in rows:
        print("  ".join([*(cell.ljust(w) for cell, w in zip(row, wide, strict=False)), row[4]]))


if __name__ == "__main__":
    sys.exit(main())
