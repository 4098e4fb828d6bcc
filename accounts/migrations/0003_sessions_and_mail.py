import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

import medai.common.encryption
from medai.common.identity import Kind
from medai.common.row_security import OWN_USER, SIGNED_IN, ProtectTable, Rule


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_sign_in_tables'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='session_epoch',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.CreateModel(
            name='ApiSession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('family_digest', models.CharField(editable=False, max_length=64)),
                ('refresh_digest', models.CharField(editable=False, max_length=64)),
                ('user_agent', models.CharField(blank=True, max_length=200, verbose_name='device')),
                ('ip_address', models.GenericIPAddressField(blank=True, null=True, verbose_name='IP address')),
                ('last_used_at', models.DateTimeField(verbose_name='last used')),
                ('expires_at', models.DateTimeField(verbose_name='expires')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('impersonation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='api_sessions', to='accounts.impersonationsession')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_sessions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'API session',
                'verbose_name_plural': 'API sessions',
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['user'], name='api_session_live')],
            },
        ),
        ProtectTable(
            'accounts_apisession',
            [
                Rule((Kind.SIGN_IN, Kind.SYSTEM), 'select insert update delete'),
                Rule(SIGNED_IN, 'select update', OWN_USER),
            ],
        ),
        migrations.CreateModel(
            name='SignInMail',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('recipient', medai.common.encryption.EncryptedTextField()),
                ('subject', medai.common.encryption.EncryptedTextField()),
                ('text', medai.common.encryption.EncryptedTextField()),
                ('html', medai.common.encryption.EncryptedTextField(blank=True)),
            ],
            options={
                'verbose_name': 'sign-in mail',
                'verbose_name_plural': 'sign-in mails',
            },
        ),
        ProtectTable('accounts_signinmail', [Rule(Kind.SYSTEM, 'select insert update delete')]),
    ]
