from django.db import migrations

from workorders import searching


def sort_in(apps, schema_editor):
    """Orders that were there before the index of words; the worker sorts in those that come."""
    searching.sort_in_all()


class Migration(migrations.Migration):
    """Data: fills the index of words. Backwards nothing is to be done, the table goes with its own migration."""

    dependencies = [("workorders", "0007_desk")]

    operations = [migrations.RunPython(sort_in, migrations.RunPython.noop, elidable=True)]
