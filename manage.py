#!/usr/bin/env python
"""Django's command line for Conduct."""

import os
import secrets
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conduct.settings")
    if sys.argv[1:2] == ["rehearse"]:
        # A rehearsal plays in a database that is thrown away: there is nothing for a secret to protect.
        os.environ.setdefault("CONDUCT_SECRET_KEY", secrets.token_urlsafe(50))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(f"conduct: {problem}")


if __name__ == "__main__":
    main()
