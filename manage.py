#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL it uses the embedded servers of GRIDGOV_HOME, started when needed."""

import os
import sys


def main() -> None:
    """Run one management command with its servers at hand."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridgov.settings")
    # A command may read or write a whole city in one statement; only web requests live under the short limit.
    os.environ.setdefault("GRIDGOV_PROCESS", "command")
    from gridgov import embedded

    with embedded.for_command():
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
