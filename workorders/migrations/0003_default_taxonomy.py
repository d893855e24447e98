from django.db import migrations

from workorders import seeding


def seed(apps, schema_editor):
    seeding.seed_categories(apps.get_model("workorders", "Category"))
    seeding.seed_holidays(apps.get_model("workorders", "Holiday"))


class Migration(migrations.Migration):
    """The taxonomy and the calendar an installation starts with. Going back keeps them: orders may refer to them."""

    dependencies = [("workorders", "0002_events_append_only")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
