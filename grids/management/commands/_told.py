from django.core.management.base import BaseCommand, CommandError

from grids.imports import Report


def tell(command: BaseCommand, report: Report) -> None:
    """Print what an import did; a refused file ends the command with every problem and exit status 1."""
    for line in report.told(report.warnings):
        command.stderr.write(line, command.style.WARNING)
    if report.is_refused:
        raise CommandError("\n".join([*report.told(report.problems), report.summary()]))
    command.stdout.write(report.summary())
