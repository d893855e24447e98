import core.vault
import django.contrib.auth.validators
import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
import personnel.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('grids', '0001_area_tree'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('phone', core.vault.EncryptedTextField(blank=True, default='', verbose_name='phone')),
                ('language', models.CharField(choices=[('zh-hans', '简体中文'), ('en', 'English')], default='zh-hans', max_length=10, verbose_name='language')),
                ('is_demo', models.BooleanField(default=False, help_text='The rules for password kinds, age and second factor do not bind it.', verbose_name='demo account')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
                'ordering': ('name', 'pk'),
            },
            managers=[
                ('objects', personnel.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('expires_at', models.DateTimeField(verbose_name='expires at')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'access token',
                'verbose_name_plural': 'access tokens',
                'ordering': ('-created_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(error_messages={'unique': 'This area already has such a unit.'}, max_length=20, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('kind', models.CharField(choices=[('CC', 'Command centre'), ('CO', 'Community committee'), ('ST', 'Street office'), ('PC', 'Governance centre'), ('PS', 'Police'), ('JU', 'Justice'), ('CA', 'Civil affairs'), ('HR', 'Human resources and social security'), ('UM', 'Urban management'), ('HC', 'Housing and construction'), ('MS', 'Market regulation'), ('EM', 'Emergency management'), ('FR', 'Fire service'), ('EE', 'Ecology and environment'), ('HE', 'Health'), ('TR', 'Transport'), ('WA', 'Water'), ('AG', 'Agriculture'), ('ED', 'Education'), ('LR', 'Natural resources'), ('VA', 'Veterans affairs'), ('DF', "Disabled persons' federation"), ('WF', "Women's federation"), ('UT', 'Utilities'), ('GA', 'Gardens and parks'), ('CU', 'Culture and tourism'), ('FI', 'Finance office'), ('MB', 'Medical insurance'), ('PR', 'Publicity')], max_length=2, verbose_name='kind')),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='phone')),
                ('starts', models.DateField(verbose_name='valid from')),
                ('ends', models.DateField(blank=True, null=True, verbose_name='valid until (excluded)')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='units', to='grids.area', verbose_name='area')),
            ],
            options={
                'verbose_name': 'unit',
                'verbose_name_plural': 'units',
                'ordering': ('code', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('officer', 'Grid officer'), ('part_time_officer', 'Part-time grid officer'), ('chief', 'Grid leader'), ('instructor', 'Grid instructor'), ('inspector', 'Grid discipline officer'), ('manager', 'Grid manager'), ('police', 'Stationed officer'), ('building_head', 'Building leader'), ('informant', 'Grid information officer'), ('clerk', 'Community clerk'), ('acceptor', 'Acceptor'), ('dispatcher', 'Dispatcher'), ('duty_leader', 'Duty leader'), ('reviewer', 'Reviewer'), ('handler', 'Handler'), ('unit_head', 'Head of unit'), ('assessor', 'Assessor'), ('auditor', 'Auditor'), ('security_admin', 'Security administrator'), ('admin', 'System administrator')], max_length=20, verbose_name='role')),
                ('starts', models.DateField(verbose_name='from')),
                ('ends', models.DateField(blank=True, null=True, verbose_name='until (excluded)')),
                ('area', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='grids.area', verbose_name='area')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('unit', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='personnel.unit', verbose_name='unit')),
            ],
            options={
                'verbose_name': 'post',
                'verbose_name_plural': 'posts',
                'ordering': ('-starts', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='PostEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='recorded at')),
                ('actor_name', models.CharField(blank=True, max_length=80, verbose_name="actor's name")),
                ('actor_role', models.CharField(blank=True, max_length=40, verbose_name="actor's role")),
                ('area_name', models.CharField(blank=True, max_length=120, verbose_name='area')),
                ('before', models.CharField(blank=True, max_length=40, verbose_name='before')),
                ('after', models.CharField(blank=True, max_length=40, verbose_name='after')),
                ('data', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='data')),
                ('sequence', models.PositiveIntegerField(verbose_name='sequence')),
                ('previous_hash', models.CharField(blank=True, max_length=64)),
                ('hash', models.CharField(max_length=64)),
                ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor')),
                ('post', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='personnel.post', verbose_name='post')),
            ],
            options={
                'verbose_name': 'event of a post',
                'verbose_name_plural': 'events of posts',
                'ordering': ('post', 'sequence', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('post', 'sequence'), name='post_event_sequence')],
            },
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(('ends', None), ('ends__gte', models.F('starts')), _connector='OR'), name='unit_ends_after_starts', violation_error_message='A unit cannot end before it starts.'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(condition=models.Q(('area__isnull', False)), fields=['area', 'role'], name='post_area_role'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(condition=models.Q(('unit__isnull', False)), fields=['unit', 'role'], name='post_unit_role'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('area__isnull', False), ('unit', None)), models.Q(('area', None), ('unit__isnull', False)), _connector='OR'), name='post_area_or_unit', violation_error_message='A post is held either on an area or in a unit.'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.CheckConstraint(condition=models.Q(('ends', None), ('ends__gte', models.F('starts')), _connector='OR'), name='post_ends_after_starts', violation_error_message='A post cannot end before it starts.'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.UniqueConstraint(condition=models.Q(('area__isnull', False), ('ends', None)), fields=('person', 'role', 'area'), name='post_held_once_on_area', violation_error_message='This person already holds this post.'),
        ),
        migrations.AddConstraint(
            model_name='post',
            constraint=models.UniqueConstraint(condition=models.Q(('ends', None), ('unit__isnull', False)), fields=('person', 'role', 'unit'), name='post_held_once_in_unit', violation_error_message='This person already holds this post.'),
        ),
    ]
