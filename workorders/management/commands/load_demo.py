from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from core import clock
from workorders import demo


class Command(BaseCommand):
    """Load the demo city, once."""

    help = "Load the demo city: Lanzhou's areas, made-up people, and orders of three months and the present one."

    def handle(self, **options):
        if demo.is_loaded():
            self.stdout.write(_("The demo city is there already; nothing was changed."))
            return
        demo.load(clock.now())
        self.stdout.write(_("The demo city is loaded."))
