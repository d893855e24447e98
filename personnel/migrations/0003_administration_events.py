import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from core.events import refuse_changes_sql


class Migration(migrations.Migration):
    dependencies = [
        ("personnel", "0002_post_events_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="AdministrationEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40, verbose_name="kind")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
                ("actor_name", models.CharField(blank=True, max_length=80, verbose_name="actor's name")),
                ("actor_role", models.CharField(blank=True, max_length=40, verbose_name="actor's role")),
                ("area_name", models.CharField(blank=True, max_length=120, verbose_name="area")),
                ("before", models.CharField(blank=True, max_length=40, verbose_name="before")),
                ("after", models.CharField(blank=True, max_length=40, verbose_name="after")),
                (
                    "data",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="data"
                    ),
                ),
                ("sequence", models.PositiveIntegerField(verbose_name="sequence")),
                ("previous_hash", models.CharField(blank=True, max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("subject", models.CharField(max_length=60, verbose_name="subject")),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="actor",
                    ),
                ),
            ],
            options={
                "verbose_name": "event of administration",
                "verbose_name_plural": "events of administration",
                "ordering": ("subject", "sequence", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("subject", "sequence"), name="administration_event_sequence")
                ],
            },
        ),
        migrations.RunSQL(*refuse_changes_sql("personnel_administrationevent")),
    ]
