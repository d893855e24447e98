from django.db import migrations, models


class Migration(migrations.Migration):
    """The assessment finds what was closed or rated since a month began without reading everything before it."""

    dependencies = [("workorders", "0005_words_for_administrators")]
    operations = [
        migrations.AddIndex("rating", models.Index(fields=["at"], name="rating_at")),
        migrations.AddIndex(
            "workorder",
            models.Index(
                models.F("district"),
                models.F("closed_at"),
                models.F("reported_at"),
                condition=models.Q(("closed_at__isnull", False)),
                name="order_closed",
            ),
        ),
    ]
