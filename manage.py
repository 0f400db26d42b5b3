#!/usr/bin/env python
"""Nightshelf's command line: `manage.py help` lists the commands."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # A command tells its result; what is worth a log line in a server would hide it.
    if sys.argv[1:2] != ["consume_events"]:
        os.environ.setdefault("LOG_LEVEL", "WARNING")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from monitoring.history.context import by_command
    from monitoring.traces.commands import traced_command

    try:
        with traced_command(sys.argv), by_command(sys.argv):
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as fault:
        sys.exit(f"nightshelf: {fault}")
    except OperationalError as fault:
        from batches.management.database_away import told

        sys.exit(f"nightshelf: {told(fault)}")


if __name__ == "__main__":
    main()
