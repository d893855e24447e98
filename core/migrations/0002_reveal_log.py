import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.events import refuse_changes_sql


class Migration(migrations.Migration):
    # Apart from the first one: it needs people, who need areas, who need the ground floor.
    dependencies = [
        ('core', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RevealLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_kind', models.CharField(max_length=40, verbose_name='kind of subject')),
                ('subject_id', models.BigIntegerField(verbose_name='subject')),
                ('field', models.CharField(max_length=40, verbose_name='field')),
                ('purpose', models.CharField(max_length=200, verbose_name='purpose')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('actor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'reveal',
                'verbose_name_plural': 'reveals',
                'ordering': ('-at', '-pk'),
                'indexes': [
                    models.Index(fields=['actor', 'at'], name='reveal_actor_at'),
                    models.Index(fields=['subject_kind', 'subject_id'], name='reveal_subject'),
                ],
            },
        ),
        migrations.RunSQL(*refuse_changes_sql('core_reveallog')),
    ]
