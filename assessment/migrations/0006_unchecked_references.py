import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a run writes refers to what it has just read: the database need not look up every reference again."""

    dependencies = [
        ("assessment", "0005_annual_review"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='charge',
            name='adjustment',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assessment.adjustment'),
        ),
        migrations.AlterField(
            model_name='charge',
            name='order',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workorders.workorder'),
        ),
        migrations.AlterField(
            model_name='charge',
            name='score',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='charges', to='assessment.score'),
        ),
        migrations.AlterField(
            model_name='score',
            name='area',
            field=models.ForeignKey(db_constraint=False, db_index=False, help_text='Itself; of an officer the grid held longest, of a unit the area of the unit', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='grids.area'),
        ),
        migrations.AlterField(
            model_name='score',
            name='mirrors',
            field=models.ForeignKey(db_constraint=False, db_index=False, help_text='The grid score it is equal to', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='assessment.score'),
        ),
        migrations.AlterField(
            model_name='score',
            name='officer',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='score',
            name='run',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='assessment.run'),
        ),
        migrations.AlterField(
            model_name='score',
            name='unit',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='personnel.unit'),
        ),
        migrations.AlterField(
            model_name='scoreitem',
            name='part',
            field=models.ForeignKey(db_constraint=False, db_index=False, help_text='The score that counts here', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='assessment.score'),
        ),
        migrations.AlterField(
            model_name='scoreitem',
            name='score',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='assessment.score'),
        ),
    ]
