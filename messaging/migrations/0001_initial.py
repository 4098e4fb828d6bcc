import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


from medai.common.identity import Kind
from medai.common.row_security import OWN_USER, SIGNED_IN, STAFF, ProtectTable, Rule

PEOPLE = (Kind.PATIENT, Kind.DOCTOR, Kind.PHARMACIST)
EVERYTHING = Rule(Kind.SYSTEM, "select insert update delete")

ROW_SECURITY = [
    ProtectTable(
        "messaging_notification",
        [Rule(PEOPLE, "select", OWN_USER), Rule(STAFF, "select"), EVERYTHING],
    ),
    ProtectTable("messaging_inboxnotice", [Rule(SIGNED_IN, "select update", OWN_USER), EVERYTHING]),
    ProtectTable(
        "messaging_notificationpreferences", [Rule(SIGNED_IN, "select insert update", OWN_USER), EVERYTHING]
    ),
]


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_sign_in_tables'),
        ('bookings', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('subject_id', models.UUIDField()),
                ('kind', models.CharField(choices=[('booking_confirmed', 'Booking confirmed'), ('booking_pending', 'Booking waiting for the doctor'), ('booking_rescheduled', 'Booking moved'), ('booking_cancelled', 'Booking cancelled'), ('reminder_24_hours', 'Reminder one day before'), ('reminder_2_hours', 'Reminder two hours before'), ('new_booking', 'New booking for the doctor'), ('booking_to_confirm', 'Booking for the doctor to confirm'), ('doctor_verified', 'Verification passed'), ('doctor_rejected', 'Verification not passed')], max_length=24, verbose_name='kind')),
                ('channel', models.CharField(choices=[('email', 'Email'), ('in_app', 'In MedAI'), ('whatsapp', 'WhatsApp'), ('sms', 'SMS')], max_length=12, verbose_name='channel')),
                ('recipient_id', models.UUIDField()),
                ('occasion', models.CharField(blank=True, max_length=64)),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('not_after', models.DateTimeField(blank=True, null=True)),
                ('status', models.CharField(choices=[('due', 'Due'), ('sending', 'Sending'), ('sent', 'Sent'), ('failed', 'Failed'), ('unknown', 'Unknown'), ('dropped', 'No longer needed')], default='due', max_length=12, verbose_name='status')),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='error')),
                ('provider_message_id', models.CharField(blank=True, max_length=255)),
                ('booking', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='bookings.booking')),
                ('patient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.patient')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'notification',
                'verbose_name_plural': 'notifications',
                'ordering': ['-due_at'],
            },
        ),
        migrations.CreateModel(
            name='InboxNotice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('booking_confirmed', 'Booking confirmed'), ('booking_pending', 'Booking waiting for the doctor'), ('booking_rescheduled', 'Booking moved'), ('booking_cancelled', 'Booking cancelled'), ('reminder_24_hours', 'Reminder one day before'), ('reminder_2_hours', 'Reminder two hours before'), ('new_booking', 'New booking for the doctor'), ('booking_to_confirm', 'Booking for the doctor to confirm'), ('doctor_verified', 'Verification passed'), ('doctor_rejected', 'Verification not passed')], max_length=24)),
                ('data', models.JSONField(default=dict)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('booking', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='bookings.booking')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='inbox_notices', to=settings.AUTH_USER_MODEL)),
                ('notification', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='inbox_notice', to='messaging.notification')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='NotificationPreferences',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('email', models.BooleanField(default=True, verbose_name='Email')),
                ('whatsapp', models.BooleanField(default=True, verbose_name='WhatsApp')),
                ('sms', models.BooleanField(default=False, verbose_name='SMS')),
                ('reminder_24_hours', models.BooleanField(default=True, verbose_name='Remind me one day before')),
                ('reminder_2_hours', models.BooleanField(default=True, verbose_name='Remind me two hours before')),
                ('quiet_from_minute', models.PositiveSmallIntegerField(default=1260, verbose_name='quiet from')),
                ('quiet_until_minute', models.PositiveSmallIntegerField(default=420, verbose_name='quiet until')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='notification_preferences', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'notification preferences',
                'verbose_name_plural': 'notification preferences',
            },
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('status', 'due')), fields=['due_at'], name='notification_due'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('status', 'sending')), fields=['claimed_at'], name='notification_sending'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['booking'], name='notification_of_booking'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('subject_id', 'kind', 'channel', 'recipient_id', 'occasion'), name='notification_never_two_of_a_kind'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.CheckConstraint(condition=models.Q(('user__isnull', False), ('patient__isnull', False), _connector='OR'), name='notification_has_a_recipient'),
        ),
        migrations.AddIndex(
            model_name='inboxnotice',
            index=models.Index(fields=['user', '-created_at'], name='notice_of_user'),
        ),
        migrations.AddIndex(
            model_name='inboxnotice',
            index=models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user'], name='notice_unread'),
        ),
        migrations.AddConstraint(
            model_name='notificationpreferences',
            constraint=models.CheckConstraint(condition=models.Q(('quiet_from_minute__lt', 1440), ('quiet_until_minute__lt', 1440)), name='preferences_quiet_hours_are_minutes'),
        ),
        *ROW_SECURITY,
    ]
