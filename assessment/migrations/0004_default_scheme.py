import datetime as dt

from django.db import migrations

from assessment import default_scheme


def seed(apps, schema_editor):
    scheme, _made = apps.get_model("assessment", "Scheme").objects.get_or_create(
        code=default_scheme.CODE, defaults={"name": default_scheme.NAME, "name_en": default_scheme.NAME_EN}
    )
    apps.get_model("assessment", "SchemeVersion").objects.get_or_create(
        scheme=scheme,
        number=1,
        defaults={
            "state": "in_force",
            "body": default_scheme.BODY,
            "made_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
            "in_force_from": "2000-01",
            "note": "",
        },
    )


class Migration(migrations.Migration):
    """The scheme an installation starts with. Going back keeps it: runs may refer to it."""

    dependencies = [("assessment", "0003_events_append_only")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
