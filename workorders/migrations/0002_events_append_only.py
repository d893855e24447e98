from django.db import migrations

from core.events import refuse_changes_sql

FORWARD, REVERSE = refuse_changes_sql("workorders_workorderevent")


class Migration(migrations.Migration):
    dependencies = [("workorders", "0001_orders")]
    operations = [migrations.RunSQL(FORWARD, REVERSE)]
