from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from workorders import searching


class Command(BaseCommand):
    """Make every order findable by its words anew."""

    help = "Sort every order into the index of words anew. Safe to repeat, and while people work."

    def add_arguments(self, parser):
        parser.add_argument("--after", type=int, default=0, help="begin behind this id")

    def handle(self, **options):
        done = searching.sort_in_all(after=options["after"])
        self.stdout.write(_("%(count)d orders can be found by their words.") % {"count": done})
