"""What must be done before the first request: migrations, and the demo city where it is asked for."""

import sys

import django


def main() -> None:
    """Migrate, then load the demo once."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command, get_commands

    from gridgov import health

    call_command("migrate", interactive=False, verbosity=0)
    if not settings.DEMO or health.demo_is_loaded():
        return
    if "load_demo" not in get_commands():
        print("[gridgov] This release has no demo city yet; starting without it.", flush=True)  # noqa: T201
        return
    call_command("load_demo")
    health.note_demo_loaded()


if __name__ == "__main__":
    sys.exit(main())
