from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core import clock
from core.errors import DomainError
from workorders.simulation.city import PASSWORD
from workorders.simulation.run import run


class Command(BaseCommand):
    """Bulk-load a synthetic city for load tests."""

    help = "Bulk-load a synthetic city with its orders, for load tests; the same seed gives the same city."

    def add_arguments(self, parser):
        parser.add_argument("--grids", type=int, required=True)
        parser.add_argument("--orders", type=int, required=True)
        parser.add_argument("--months", type=int, required=True)
        parser.add_argument("--seed", type=int, required=True)

    def handle(self, **options):
        numbers = {name: options[name] for name in ("grids", "orders", "months", "seed")}
        if min(numbers["grids"], numbers["orders"] + 1, numbers["months"]) < 1:
            raise CommandError(_("A city has at least one grid and one month, and no fewer than no orders."))
        try:
            done = run(**numbers, now=clock.now(), tell=self.stdout.write)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("%(orders)d orders, %(events)d events, %(rows)d rows in %(seconds).1f s: %(speed).0f rows/s")
            % {
                "orders": done.orders,
                "events": done.events,
                "rows": done.rows,
                "seconds": done.seconds,
                "speed": done.rows / done.seconds,
            }
        )
        self.stdout.write(
            _("City %(code)s; accounts %(prefix)s-acceptor, %(prefix)s-dispatcher, %(prefix)s-officer …: %(password)s")
            % {"code": done.city.code, "prefix": done.city.prefix, "password": PASSWORD}
        )
