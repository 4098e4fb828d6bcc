import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import doctors.models.schedules
import uuid
from django.conf import settings
from django.db import migrations, models


from medai.common.identity import Kind
from medai.common.row_security import EVERY_KIND, OWN_DOCTORS, ProtectTable, Rule

READERS = (Kind.ANONYMOUS, Kind.SIGN_IN, Kind.PHARMACIST, Kind.PATIENT, Kind.DOCTOR, Kind.SUPER_ADMIN)
EVERYTHING = Rule(Kind.SYSTEM, "select insert update delete")
OWN = "id = ANY ((SELECT app.doctor_ids())::uuid[])"

# The subquery itself obeys the policies of doctors_doctor: whoever may see the doctor may see these rows.
OF_A_VISIBLE_DOCTOR = "EXISTS (SELECT 1 FROM doctors_doctor AS d WHERE d.id = doctor_id)"


def practice_table(name: str) -> ProtectTable:
    return ProtectTable(
        name,
        [
            Rule(READERS, "select", OF_A_VISIBLE_DOCTOR),
            Rule(Kind.DOCTOR, "insert update delete", OWN_DOCTORS),
            Rule(Kind.ADMIN, "select insert update delete"),
            EVERYTHING,
        ],
    )


ROW_SECURITY = [
    ProtectTable(
        "doctors_specialty",
        [
            Rule([kind for kind in EVERY_KIND if kind not in (Kind.ADMIN, Kind.SYSTEM)], "select"),
            Rule(Kind.ADMIN, "select insert update"),
            EVERYTHING,
        ],
    ),
    ProtectTable(
        "doctors_doctor",
        [
            Rule((Kind.ANONYMOUS, Kind.SIGN_IN, Kind.PHARMACIST), "select", "is_public"),
            # Whoever visited a doctor may still see whom, also after the doctor left.
            Rule(Kind.PATIENT, "select", "first_published_at IS NOT NULL"),
            Rule(Kind.DOCTOR, "select", f"is_public OR {OWN}"),
            Rule(Kind.DOCTOR, "update", OWN),
            Rule(Kind.ADMIN, "select insert update"),
            Rule(Kind.SUPER_ADMIN, "select"),
            EVERYTHING,
        ],
    ),
    practice_table("doctors_office"),
    practice_table("doctors_visittype"),
    practice_table("doctors_doctorspecialty"),
    practice_table("doctors_doctor_accepted_insurers"),
    practice_table("doctors_weeklyhours"),
    practice_table("doctors_scheduleexception"),
    ProtectTable(
        "doctors_doctoravailability",
        [Rule([kind for kind in EVERY_KIND if kind != Kind.SYSTEM], "select"), EVERYTHING],
    ),
    ProtectTable(
        "doctors_credential",
        [
            Rule(Kind.DOCTOR, "select", OWN_DOCTORS),
            Rule(Kind.DOCTOR, "insert delete", f"{OWN_DOCTORS} AND status = 'pending'"),
            Rule(Kind.ADMIN, "select update"),
            EVERYTHING,
        ],
    ),
]


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Specialty',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(unique=True, verbose_name='slug')),
                ('name_es', models.CharField(max_length=80, unique=True, verbose_name='name in Spanish')),
                ('name_en', models.CharField(max_length=80, unique=True, verbose_name='name in English')),
                ('practitioners_es', models.CharField(max_length=80, verbose_name='practitioners in Spanish')),
                ('practitioners_en', models.CharField(max_length=80, verbose_name='practitioners in English')),
                ('description_es', models.TextField(blank=True, verbose_name='description in Spanish')),
                ('description_en', models.TextField(blank=True, verbose_name='description in English')),
                ('synonyms_es', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None, verbose_name='synonyms in Spanish')),
                ('synonyms_en', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list, size=None, verbose_name='synonyms in English')),
                ('icon', models.CharField(default='stethoscope', max_length=40, verbose_name='icon')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'specialty',
                'verbose_name_plural': 'specialties',
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='Doctor',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('slug', models.SlugField(max_length=120, unique=True, verbose_name='slug')),
                ('title', models.CharField(blank=True, default='Dr.', max_length=16, verbose_name='title')),
                ('first_name', models.CharField(max_length=80, verbose_name='first name')),
                ('last_name', models.CharField(max_length=80, verbose_name='last name')),
                ('photo', models.FileField(blank=True, upload_to='doctors/photos/', verbose_name='photo')),
                ('letterhead', models.FileField(blank=True, upload_to='doctors/letterheads/', verbose_name='letterhead')),
                ('bio_es', models.TextField(blank=True, verbose_name='about you, in Spanish')),
                ('bio_en', models.TextField(blank=True, verbose_name='about you, in English')),
                ('qualifications', models.JSONField(blank=True, default=list, verbose_name='qualifications')),
                ('experience_years', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(70)], verbose_name='years of experience')),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list, size=None, verbose_name='languages')),
                ('license_number', models.CharField(blank=True, max_length=40, verbose_name='license number')),
                ('credential_status', models.CharField(choices=[('pending_review', 'Pending review'), ('verified', 'Verified'), ('rejected', 'Rejected')], default='pending_review', max_length=16, verbose_name='verification')),
                ('verification_notes', models.TextField(blank=True, verbose_name='notes to the doctor')),
                ('is_approved', models.BooleanField(default=False, verbose_name='approved')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_accepting_new_patients', models.BooleanField(default=True, verbose_name='accepting new patients')),
                ('onboarding_step', models.CharField(default='profile', editable=False, max_length=16)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='submitted')),
                ('first_published_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('is_public', models.GeneratedField(db_persist=True, expression=models.Case(models.When(credential_status='verified', is_active=True, is_approved=True, then=models.Value(True)), default=models.Value(False)), output_field=models.BooleanField())),
                ('time_zone', models.CharField(default='America/Bogota', max_length=64, verbose_name='time zone')),
                ('slot_minutes', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(480)], verbose_name='slot length')),
                ('buffer_before_minutes', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(240)], verbose_name='break before')),
                ('buffer_after_minutes', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(240)], verbose_name='break after')),
                ('minimum_notice_minutes', models.PositiveIntegerField(default=120, validators=[django.core.validators.MaxValueValidator(86400)], verbose_name='minimum notice')),
                ('horizon_days', models.PositiveSmallIntegerField(default=60, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='how many days ahead')),
                ('maximum_per_day', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='maximum a day')),
                ('confirmation_mode', models.CharField(choices=[('automatic', 'Automatically'), ('by_hand', 'I confirm each one')], default='automatic', max_length=12, verbose_name='confirm bookings')),
                ('confirmation_deadline_hours', models.PositiveSmallIntegerField(default=24, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(168)], verbose_name='hours to confirm')),
                ('free_cancellation_hours', models.PositiveSmallIntegerField(default=24, validators=[django.core.validators.MaxValueValidator(720)], verbose_name='free cancellation until, hours before')),
                ('late_fee_percent', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='late fee, percent')),
                ('accepts_payment_at_clinic', models.BooleanField(default=True, verbose_name='patients may pay at the clinic')),
                ('schedule_version', models.PositiveIntegerField(default=1, editable=False)),
                ('rating_average', models.DecimalField(decimal_places=2, editable=False, max_digits=3, null=True, verbose_name='rating')),
                ('rating_count', models.PositiveIntegerField(default=0, editable=False, verbose_name='reviews')),
                ('accepted_insurers', models.ManyToManyField(blank=True, related_name='+', to='accounts.insuranceprovider', verbose_name='accepted insurers')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='doctor', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'doctor',
                'verbose_name_plural': 'doctors',
            },
        ),
        migrations.CreateModel(
            name='Office',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='name')),
                ('address', models.CharField(max_length=200, verbose_name='address')),
                ('neighborhood', models.CharField(blank=True, max_length=80, verbose_name='neighborhood')),
                ('city', models.CharField(max_length=80, verbose_name='city')),
                ('country', models.CharField(default='CO', max_length=2, verbose_name='country')),
                ('phone', models.CharField(blank=True, max_length=16, verbose_name='phone')),
                ('directions', models.CharField(blank=True, max_length=200, verbose_name='how to find it')),
                ('latitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, verbose_name='latitude')),
                ('longitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, verbose_name='longitude')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('doctor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offices', to='doctors.doctor')),
            ],
            options={
                'verbose_name': 'office',
                'verbose_name_plural': 'offices',
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='ScheduleException',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('date', models.DateField(verbose_name='date')),
                ('kind', models.CharField(choices=[('blocked', 'Not available'), ('custom_hours', 'Other hours instead'), ('extra_hours', 'Extra hours')], max_length=12, verbose_name='kind')),
                ('start_minute', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='from')),
                ('end_minute', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='to')),
                ('mode', models.CharField(choices=[('both', 'In person or video'), ('in_person', 'In person only'), ('video', 'Video only')], default='both', max_length=12, verbose_name='mode')),
                ('reason', models.CharField(blank=True, max_length=120, verbose_name='reason')),
                ('doctor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='schedule_exceptions', to='doctors.doctor')),
                ('office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='doctors.office', verbose_name='office')),
            ],
            options={
                'verbose_name': 'schedule exception',
                'verbose_name_plural': 'schedule exceptions',
                'ordering': ['date', 'start_minute'],
            },
        ),
        migrations.CreateModel(
            name='DoctorSpecialty',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('is_primary', models.BooleanField(default=False, verbose_name='primary')),
                ('doctor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='doctor_specialties', to='doctors.doctor')),
                ('specialty', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='doctor_specialties', to='doctors.specialty')),
            ],
            options={
                'verbose_name': "doctor's specialty",
                'verbose_name_plural': "doctor's specialties",
                'ordering': ['-is_primary', 'created_at'],
            },
        ),
        migrations.AddField(
            model_name='doctor',
            name='specialties',
            field=models.ManyToManyField(related_name='doctors', through='doctors.DoctorSpecialty', to='doctors.specialty'),
        ),
        migrations.CreateModel(
            name='VisitType',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('standard', 'First visit'), ('follow_up', 'Follow-up'), ('other', 'Other')], default='other', max_length=12, verbose_name='kind')),
                ('name_es', models.CharField(blank=True, max_length=80, verbose_name='name in Spanish')),
                ('name_en', models.CharField(blank=True, max_length=80, verbose_name='name in English')),
                ('duration_minutes', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(480)], verbose_name='duration')),
                ('fee_minor', models.PositiveBigIntegerField(default=0, verbose_name='fee')),
                ('currency', models.CharField(default='COP', max_length=3, verbose_name='currency')),
                ('modes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('in_person', 'In person'), ('video', 'Video')], max_length=12), default=list, size=None, verbose_name='modes')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('doctor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='visit_types', to='doctors.doctor')),
            ],
            options={
                'verbose_name': 'visit type',
                'verbose_name_plural': 'visit types',
                'ordering': ['created_at'],
            },
        ),
        migrations.CreateModel(
            name='WeeklyHours',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('day_of_week', models.PositiveSmallIntegerField(choices=[(0, 'Sunday'), (1, 'Monday'), (2, 'Tuesday'), (3, 'Wednesday'), (4, 'Thursday'), (5, 'Friday'), (6, 'Saturday')], verbose_name='day')),
                ('start_minute', models.PositiveSmallIntegerField(verbose_name='from')),
                ('end_minute', models.PositiveSmallIntegerField(verbose_name='to')),
                ('mode', models.CharField(choices=[('both', 'In person or video'), ('in_person', 'In person only'), ('video', 'Video only')], default='both', max_length=12, verbose_name='mode')),
                ('slot_minutes', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='slot length')),
                ('buffer_after_minutes', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='break after')),
                ('maximum', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='maximum')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('doctor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='weekly_hours', to='doctors.doctor')),
                ('office', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='doctors.office', verbose_name='office')),
            ],
            options={
                'verbose_name': 'weekly hours',
                'verbose_name_plural': 'weekly hours',
                'ordering': ['day_of_week', 'start_minute'],
            },
        ),
        migrations.CreateModel(
            name='Credential',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('document_type', models.CharField(choices=[('medical_degree', 'Medical degree'), ('medical_license', 'Medical licence'), ('specialty_certificate', 'Specialty certificate'), ('identity_document', 'Identity document')], max_length=24, verbose_name='document')),
                ('file', models.FileField(upload_to='credentials/', verbose_name='file')),
                ('original_name', models.CharField(max_length=160, verbose_name='file name')),
                ('content_type', models.CharField(max_length=40, verbose_name='content type')),
                ('size_bytes', models.PositiveIntegerField(verbose_name='size')),
                ('sha256', models.CharField(max_length=64)),
                ('status', models.CharField(choices=[('pending', 'Pending'), ('accepted', 'Accepted'), ('rejected', 'Rejected')], default='pending', max_length=12, verbose_name='status')),
                ('reviewed_at', models.DateTimeField(blank=True, null=True, verbose_name='reviewed')),
                ('notes', models.TextField(blank=True, verbose_name='notes')),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewer')),
                ('doctor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credentials', to='doctors.doctor')),
            ],
            options={
                'verbose_name': 'credential',
                'verbose_name_plural': 'credentials',
                'ordering': ['created_at'],
                'constraints': [models.UniqueConstraint(fields=('doctor', 'sha256'), name='credential_is_uploaded_once')],
            },
        ),
        migrations.CreateModel(
            name='DoctorAvailability',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('visit_mode', models.CharField(choices=[('in_person', 'In person'), ('video', 'Video')], max_length=12)),
                ('next_free_at', models.DateTimeField(null=True)),
                ('checked_at', models.DateTimeField()),
                ('doctor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='availabilities', to='doctors.doctor')),
            ],
            options={
                'indexes': [models.Index(models.F('visit_mode'), models.OrderBy(models.F('next_free_at'), nulls_last=True), name='availability_soonest')],
                'constraints': [models.UniqueConstraint(fields=('doctor', 'visit_mode'), name='doctor_availability_is_unique')],
            },
        ),
        migrations.AddConstraint(
            model_name='office',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__range', (-90, 90)), ('longitude__range', (-180, 180))), _connector='OR'), name='office_coordinates_are_whole'),
        ),
        migrations.AddIndex(
            model_name='scheduleexception',
            index=models.Index(fields=['doctor', 'date'], name='schedule_exception_by_date'),
        ),
        migrations.AddConstraint(
            model_name='scheduleexception',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_minute__isnull', True), ('kind', 'blocked'), ('start_minute__isnull', True)), models.Q(('end_minute__lte', 1440), ('kind__in', ['blocked', 'custom_hours', 'extra_hours']), ('start_minute__gte', 0), ('start_minute__lt', models.F('end_minute'))), _connector='OR'), name='schedule_exception_has_valid_hours'),
        ),
        migrations.AddConstraint(
            model_name='scheduleexception',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('doctor', '='), ('date', '='), ('kind', '='), (doctors.models.schedules.Int4Range('start_minute', 'end_minute'), '&&')], name='schedule_exception_hours_do_not_overlap'),
        ),
        migrations.AddConstraint(
            model_name='doctorspecialty',
            constraint=models.UniqueConstraint(fields=('doctor', 'specialty'), name='doctor_specialty_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='doctorspecialty',
            constraint=models.UniqueConstraint(condition=models.Q(('is_primary', True)), fields=('doctor',), name='doctor_has_one_primary_specialty'),
        ),
        migrations.AddConstraint(
            model_name='doctor',
            constraint=models.CheckConstraint(condition=models.Q(('credential_status__in', ['pending_review', 'verified', 'rejected'])), name='doctor_credential_status_is_known'),
        ),
        migrations.AddConstraint(
            model_name='doctor',
            constraint=models.CheckConstraint(condition=models.Q(('confirmation_mode__in', ['automatic', 'by_hand'])), name='doctor_confirmation_mode_is_known'),
        ),
        migrations.AddConstraint(
            model_name='doctor',
            constraint=models.CheckConstraint(condition=models.Q(('slot_minutes__range', (5, 480))), name='doctor_slot_length_is_sane'),
        ),
        migrations.AddConstraint(
            model_name='doctor',
            constraint=models.CheckConstraint(condition=models.Q(('late_fee_percent__lte', 100)), name='doctor_late_fee_is_a_percentage'),
        ),
        migrations.AddConstraint(
            model_name='doctor',
            constraint=models.CheckConstraint(condition=models.Q(('horizon_days__range', (1, 365))), name='doctor_horizon_is_sane'),
        ),
        migrations.AddConstraint(
            model_name='doctor',
            constraint=models.CheckConstraint(condition=models.Q(('maximum_per_day__isnull', True), ('maximum_per_day__gte', 1), _connector='OR'), name='doctor_maximum_is_positive'),
        ),
        migrations.AddConstraint(
            model_name='visittype',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'other'), _negated=True), fields=('doctor', 'kind'), name='visit_type_one_of_each_kind'),
        ),
        migrations.AddConstraint(
            model_name='visittype',
            constraint=models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='visit_type_currency_is_iso_4217'),
        ),
        migrations.AddConstraint(
            model_name='visittype',
            constraint=models.CheckConstraint(condition=models.Q(('duration_minutes__range', (5, 480))), name='visit_type_duration_is_sane'),
        ),
        migrations.AddConstraint(
            model_name='weeklyhours',
            constraint=models.CheckConstraint(condition=models.Q(('day_of_week__range', (0, 6))), name='weekly_hours_day_is_0_to_6'),
        ),
        migrations.AddConstraint(
            model_name='weeklyhours',
            constraint=models.CheckConstraint(condition=models.Q(('end_minute__lte', 1440), ('start_minute__gte', 0), ('start_minute__lt', models.F('end_minute'))), name='weekly_hours_end_after_start'),
        ),
        migrations.AddConstraint(
            model_name='weeklyhours',
            constraint=models.CheckConstraint(condition=models.Q(('slot_minutes__isnull', True), ('slot_minutes__range', (5, 480)), _connector='OR'), name='weekly_hours_slot_length_is_sane'),
        ),
        migrations.AddConstraint(
            model_name='weeklyhours',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_active', True)), expressions=[('doctor', '='), ('day_of_week', '='), (doctors.models.schedules.Int4Range('start_minute', 'end_minute'), '&&')], name='weekly_hours_do_not_overlap'),
        ),
        *ROW_SECURITY,
    ]
