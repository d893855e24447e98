import itertools

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from workorders import audit
from workorders.figures import checking
from workorders.models import WorkOrder


class Command(BaseCommand):
    """Verify every order against its events, clocks and hashes."""

    help = "Verify every order against its events, clocks and hashes; exit 1 and a list where they differ."

    def handle(self, **options):
        count = 0
        for finding in itertools.chain(audit.findings(), checking.findings()):
            count += 1
            self.stdout.write(str(finding))
        orders = WorkOrder.objects.count()
        if count:
            raise CommandError(_("%(count)d differences in %(orders)d orders.") % {"count": count, "orders": orders})
        self.stdout.write(_("%(orders)d orders agree with their events.") % {"orders": orders})
