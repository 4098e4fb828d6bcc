import bookings.models.bookings
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import uuid
from django.conf import settings
from django.db import migrations, models


from bookings.transitions import trigger_sql
from medai.common.identity import Kind
from medai.common.row_security import OWN_DOCTORS, OWN_PATIENTS, OWN_USER, ProtectTable, Rule

EVERYTHING = Rule(Kind.SYSTEM, "select insert update delete")

# The subqueries obey the policies of bookings_booking: whoever may see the booking may see these rows.
OF_A_VISIBLE_BOOKING = "EXISTS (SELECT 1 FROM bookings_booking AS b WHERE b.id = booking_id)"
RUN_OUT = "hold_expires_at < clock_timestamp()"
ONLOOKERS = (Kind.ANONYMOUS, Kind.SIGN_IN, Kind.PHARMACIST, Kind.SUPER_ADMIN)

ROW_SECURITY = [
    ProtectTable(
        "bookings_booking",
        [
            Rule(Kind.PATIENT, "select insert update", OWN_PATIENTS),
            Rule(Kind.DOCTOR, "select update", OWN_DOCTORS),
            Rule(Kind.ADMIN, "select insert update"),
            Rule(Kind.SUPER_ADMIN, "select"),
            EVERYTHING,
        ],
    ),
    ProtectTable(
        "bookings_bookingtransition",
        [
            Rule((Kind.PATIENT, Kind.DOCTOR, Kind.ADMIN), "select insert", OF_A_VISIBLE_BOOKING),
            Rule(Kind.SUPER_ADMIN, "select"),
            Rule(Kind.SYSTEM, "select insert"),
        ],
    ),
    ProtectTable(
        "bookings_busyperiod",
        [
            # A doctor's rows show times to everybody, a patient's rows only to those concerned.
            Rule(ONLOOKERS, "select", "doctor_id IS NOT NULL"),
            Rule(Kind.PATIENT, "select", f"doctor_id IS NOT NULL OR {OWN_PATIENTS}"),
            Rule(Kind.DOCTOR, "select", f"doctor_id IS NOT NULL OR {OF_A_VISIBLE_BOOKING}"),
            Rule((Kind.PATIENT, Kind.DOCTOR), "insert update", OF_A_VISIBLE_BOOKING),
            Rule((Kind.PATIENT, Kind.DOCTOR), "delete", f"{RUN_OUT} OR {OF_A_VISIBLE_BOOKING}"),
            Rule(Kind.ADMIN, "select insert update delete"),
            EVERYTHING,
        ],
    ),
    ProtectTable(
        "bookings_calendarfeed",
        [Rule((Kind.PATIENT, Kind.DOCTOR), "select insert update", OWN_USER), EVERYTHING],
    ),
]

# A doctor sees who the patient is once a booking was made, not while a stranger is still choosing.
DOCTORS_SEE_THEIR_PATIENTS = """
GRANT SELECT ON accounts_patient TO medai_doctor;
CREATE POLICY doctor_select ON accounts_patient FOR SELECT TO medai_doctor USING (EXISTS (
  SELECT 1 FROM bookings_booking AS b WHERE b.patient_id = accounts_patient.id
  AND b.doctor_id = ANY ((SELECT app.doctor_ids())::uuid[]) AND b.status NOT IN ('held', 'expired')));
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_sign_in_tables'),
        ('doctors', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Booking',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reference', models.CharField(default=bookings.models.bookings.new_reference, editable=False, max_length=12, unique=True, verbose_name='reference')),
                ('visit_mode', models.CharField(choices=[('in_person', 'In person'), ('video', 'Video')], max_length=12, verbose_name='mode')),
                ('starts_at', models.DateTimeField(verbose_name='starts')),
                ('duration_minutes', models.PositiveSmallIntegerField(verbose_name='duration')),
                ('ends_at', models.DateTimeField(editable=False, verbose_name='ends')),
                ('status', models.CharField(choices=[('held', 'Reserving'), ('pending_confirmation', 'To be confirmed'), ('confirmed', 'Confirmed'), ('completed', 'Completed'), ('no_show', 'Did not attend'), ('cancelled_by_patient', 'Cancelled by the patient'), ('cancelled_by_doctor', 'Cancelled by the doctor'), ('cancelled_by_admin', 'Cancelled by MedAI'), ('expired', 'Expired')], default='held', max_length=24, verbose_name='status')),
                ('channel', models.CharField(choices=[('app', 'Web or app'), ('whatsapp', 'WhatsApp'), ('phone', 'Phone'), ('admin_manual', 'By staff')], default='app', max_length=16, verbose_name='channel')),
                ('hold_expires_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('confirm_by', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='to be confirmed by')),
                ('policy_number', models.CharField(blank=True, max_length=64, verbose_name='policy number')),
                ('price_minor', models.PositiveBigIntegerField(verbose_name='price')),
                ('discount_minor', models.PositiveBigIntegerField(default=0, verbose_name='discount')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('payment_method', models.CharField(choices=[('free', 'Free of charge'), ('at_clinic', 'Pay at the clinic'), ('online', 'Pay online')], default='at_clinic', max_length=12, verbose_name='payment')),
                ('free_cancellation_hours', models.PositiveSmallIntegerField()),
                ('late_fee_percent', models.PositiveSmallIntegerField()),
                ('patient_notes', models.TextField(blank=True, verbose_name='reason for the visit')),
                ('intake_completed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('meeting_link', models.URLField(blank=True, verbose_name='video link')),
                ('cancellation_reason', models.CharField(blank=True, max_length=300, verbose_name='reason for cancelling')),
                ('cancelled_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='cancelled')),
                ('revision', models.PositiveIntegerField(default=0, editable=False)),
                ('cancelled_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('doctor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='doctors.doctor', verbose_name='doctor')),
                ('insurance_provider', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.insuranceprovider', verbose_name='insurer')),
                ('office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='doctors.office', verbose_name='office')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='accounts.patient', verbose_name='patient')),
                ('specialty', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='doctors.specialty', verbose_name='specialty')),
                ('visit_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='doctors.visittype', verbose_name='visit type')),
            ],
            options={
                'verbose_name': 'booking',
                'verbose_name_plural': 'bookings',
            },
        ),
        migrations.CreateModel(
            name='BookingTransition',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('from_status', models.CharField(blank=True, choices=[('held', 'Reserving'), ('pending_confirmation', 'To be confirmed'), ('confirmed', 'Confirmed'), ('completed', 'Completed'), ('no_show', 'Did not attend'), ('cancelled_by_patient', 'Cancelled by the patient'), ('cancelled_by_doctor', 'Cancelled by the doctor'), ('cancelled_by_admin', 'Cancelled by MedAI'), ('expired', 'Expired')], max_length=24)),
                ('to_status', models.CharField(choices=[('held', 'Reserving'), ('pending_confirmation', 'To be confirmed'), ('confirmed', 'Confirmed'), ('completed', 'Completed'), ('no_show', 'Did not attend'), ('cancelled_by_patient', 'Cancelled by the patient'), ('cancelled_by_doctor', 'Cancelled by the doctor'), ('cancelled_by_admin', 'Cancelled by MedAI'), ('expired', 'Expired')], max_length=24)),
                ('actor_kind', models.CharField(max_length=16)),
                ('actor_id', models.UUIDField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('starts_at', models.DateTimeField()),
                ('booking', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transitions', to='bookings.booking')),
            ],
            options={
                'verbose_name': 'booking transition',
                'verbose_name_plural': 'booking transitions',
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='BusyPeriod',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('person', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('doctor_id', 'patient_id'), output_field=models.UUIDField())),
                ('period', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('hold_expires_at', models.DateTimeField(null=True)),
                ('booking', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='busy_periods', to='bookings.booking')),
                ('doctor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='busy_periods', to='doctors.doctor')),
                ('patient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='busy_periods', to='accounts.patient')),
            ],
            options={
                'verbose_name': 'busy period',
                'verbose_name_plural': 'busy periods',
            },
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('secret_digest', models.CharField(max_length=64, unique=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_read_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feeds', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'calendar feed',
                'verbose_name_plural': 'calendar feeds',
            },
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(fields=['patient', 'starts_at'], name='booking_of_patient'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(fields=['doctor', 'starts_at'], name='booking_of_doctor'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(fields=['doctor', 'patient'], name='booking_of_pair'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(condition=models.Q(('status', 'held')), fields=['hold_expires_at'], name='booking_expiring'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(condition=models.Q(('status', 'pending_confirmation')), fields=['confirm_by'], name='booking_awaiting_doctor'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(fields=['created_at'], name='booking_created'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(fields=['starts_at'], name='booking_starts'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__lt', models.F('ends_at'))), name='booking_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(('discount_minor__lte', models.F('price_minor'))), name='booking_discount_within_price'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='booking_currency_is_iso_4217'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(('late_fee_percent__lte', 100)), name='booking_late_fee_is_a_percentage'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('hold_expires_at__isnull', False), ('status', 'held')), models.Q(models.Q(('status', 'held'), _negated=True), ('hold_expires_at__isnull', True)), _connector='OR'), name='booking_expires_only_while_held'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'pending_confirmation'), _negated=True), ('confirm_by__isnull', False), _connector='OR'), name='booking_pending_has_a_deadline'),
        ),
        migrations.AddConstraint(
            model_name='booking',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('visit_mode', 'in_person'), _negated=True), ('office__isnull', False), _connector='OR'), name='booking_in_person_has_an_office'),
        ),
        migrations.AddIndex(
            model_name='bookingtransition',
            index=models.Index(fields=['booking', 'created_at'], name='transition_of_booking'),
        ),
        migrations.AddIndex(
            model_name='busyperiod',
            index=models.Index(condition=models.Q(('hold_expires_at__isnull', False)), fields=['hold_expires_at'], name='busy_period_expiring'),
        ),
        migrations.AddConstraint(
            model_name='busyperiod',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('period', '&&')], name='busy_period_no_overlap'),
        ),
        migrations.AddConstraint(
            model_name='busyperiod',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('doctor__isnull', True), ('patient__isnull', False)), models.Q(('doctor__isnull', False), ('patient__isnull', True)), _connector='OR'), name='busy_period_is_of_one_person'),
        ),
        migrations.AddConstraint(
            model_name='busyperiod',
            constraint=models.CheckConstraint(condition=models.Q(('period__isempty', False), ('period__lower_inf', False), ('period__upper_inf', False)), name='busy_period_is_bounded'),
        ),
        migrations.AddConstraint(
            model_name='calendarfeed',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('user',), name='calendar_feed_one_live'),
        ),
        *ROW_SECURITY,
        migrations.RunSQL(DOCTORS_SEE_THEIR_PATIENTS, "DROP POLICY doctor_select ON accounts_patient"),
        migrations.RunSQL(trigger_sql(), "DROP FUNCTION app.check_booking_transition CASCADE"),
    ]
