from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from core import clock
from workorders.figures import counting


class Command(BaseCommand):
    """Bring the counts behind boards, maps and reports up to date."""

    help = "Count every order that differs from what the boards know of it; --rebuild counts all of them anew."

    def add_arguments(self, parser):
        parser.add_argument("--rebuild", action="store_true", help="throw the counts away first")

    def handle(self, **options):
        work = counting.rebuild if options["rebuild"] else counting.count_everything
        self.stdout.write(_("%(orders)d orders were counted.") % {"orders": work(clock.now())})
