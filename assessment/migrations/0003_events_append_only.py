from django.db import migrations

from core.events import refuse_changes_sql

FORWARD, REVERSE = refuse_changes_sql("assessment_assessmentevent")


class Migration(migrations.Migration):
    dependencies = [("assessment", "0002_published_frozen")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
