import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_reveal_log'),
    ]

    operations = [
        migrations.AlterField(
            model_name='outbox',
            name='next_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='next attempt at'),
        ),
    ]
