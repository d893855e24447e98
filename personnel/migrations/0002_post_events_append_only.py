from django.db import migrations

from core.events import refuse_changes_sql


class Migration(migrations.Migration):
    dependencies = [
        ('personnel', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(*refuse_changes_sql('personnel_postevent')),
    ]
