#!/usr/bin/env python
"""Command-line entry point for the MedAI project."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medai.settings.local")
    if sys.argv[1:2] == ["up"]:
        # The supervisor starts what the settings need, and stays small: it does not load Django's apps.
        from medai.local import up

        sys.exit(up.main(sys.argv[2:]))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Configuration error: {error}")


if __name__ == "__main__":
    main()
