import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


from medai.common.identity import Kind
from medai.common.row_security import EVERY_KIND, OWN_PATIENTS, OWN_USER, STAFF, AppendOnly, ProtectTable, Rule

PEOPLE = (Kind.PATIENT, Kind.DOCTOR, Kind.PHARMACIST)
OWN_ACCOUNT = "id = (SELECT app.user_id())"
EVERYTHING = Rule(Kind.SYSTEM, "select insert update delete")

ROW_SECURITY = [
    ProtectTable(
        "accounts_user",
        [
            Rule(Kind.SIGN_IN, "select insert update"),
            Rule(PEOPLE, "select update", OWN_ACCOUNT),
            Rule(STAFF, "select insert update"),
            EVERYTHING,
        ],
    ),
    ProtectTable(
        "accounts_profile",
        [Rule(PEOPLE, "select insert update", OWN_USER), Rule(STAFF, "select insert update"), EVERYTHING],
    ),
    ProtectTable(
        "accounts_patient",
        [
            Rule(Kind.PATIENT, "select update", "id = ANY ((SELECT app.patient_ids())::uuid[])"),
            Rule(Kind.ADMIN, "select insert update"),
            Rule(Kind.SUPER_ADMIN, "select"),
            EVERYTHING,
        ],
    ),
    ProtectTable(
        "accounts_guardianship",
        [Rule(Kind.PATIENT, "select", OWN_USER), Rule(STAFF, "select"), EVERYTHING],
    ),
    ProtectTable(
        "accounts_insuranceprovider",
        [
            Rule([kind for kind in EVERY_KIND if kind not in (Kind.ADMIN, Kind.SYSTEM)], "select"),
            Rule(Kind.ADMIN, "select insert update"),
            EVERYTHING,
        ],
    ),
    ProtectTable(
        "accounts_patientinsurance",
        [Rule(Kind.PATIENT, "select insert update delete", OWN_PATIENTS), Rule(Kind.ADMIN, "select"), EVERYTHING],
    ),
    ProtectTable("accounts_adminauditlog", [Rule(STAFF, "select"), Rule(Kind.SYSTEM, "select insert")]),
    ProtectTable("accounts_auditanchor", [Rule(STAFF, "select"), Rule(Kind.SYSTEM, "select insert")]),
    ProtectTable("accounts_impersonationsession", [Rule(STAFF, "select insert update"), EVERYTHING]),
]


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('common', '0001_identity'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditAnchor',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('anchored_on', models.DateField(unique=True)),
                ('sequence', models.BigIntegerField()),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'verbose_name': 'audit anchor',
                'verbose_name_plural': 'audit anchors',
            },
        ),
        migrations.CreateModel(
            name='Guardianship',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('relationship', models.CharField(choices=[('self', 'Myself'), ('child', 'My child'), ('parent', 'My father or mother'), ('other', 'Someone else I care for')], max_length=8, verbose_name='relationship')),
            ],
            options={
                'verbose_name': 'guardianship',
                'verbose_name_plural': 'guardianships',
            },
        ),
        migrations.CreateModel(
            name='ImpersonationSession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('reason', models.TextField(verbose_name='reason')),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'impersonation',
                'verbose_name_plural': 'impersonations',
            },
        ),
        migrations.CreateModel(
            name='InsuranceProvider',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'insurance provider',
                'verbose_name_plural': 'insurance providers',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Patient',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('first_name', models.CharField(max_length=80, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=80, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email')),
                ('phone', models.CharField(blank=True, max_length=16, verbose_name='phone')),
                ('language', models.CharField(choices=[('es', 'Spanish'), ('en', 'English')], default='es', max_length=2, verbose_name='language')),
                ('time_zone', models.CharField(default='America/Bogota', max_length=64, verbose_name='time zone')),
                ('date_of_birth', models.DateField(blank=True, null=True, verbose_name='date of birth')),
                ('sex', models.CharField(choices=[('female', 'Female'), ('male', 'Male'), ('other', 'Other'), ('unknown', 'Prefer not to say')], default='unknown', max_length=8, verbose_name='sex')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('city', models.CharField(blank=True, max_length=80, verbose_name='city')),
                ('emergency_contact_name', models.CharField(blank=True, max_length=160, verbose_name='emergency contact')),
                ('emergency_contact_phone', models.CharField(blank=True, max_length=16, verbose_name="emergency contact's phone")),
            ],
            options={
                'verbose_name': 'patient',
                'verbose_name_plural': 'patients',
            },
        ),
        migrations.CreateModel(
            name='PatientInsurance',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('policy_number', models.CharField(max_length=64, verbose_name='policy number')),
                ('details', models.JSONField(blank=True, default=dict, verbose_name='details')),
            ],
            options={
                'verbose_name': 'patient insurance',
                'verbose_name_plural': 'patient insurances',
            },
        ),
        migrations.CreateModel(
            name='Profile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('deleted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('first_name', models.CharField(blank=True, max_length=80, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=80, verbose_name='last name')),
                ('phone', models.CharField(blank=True, max_length=16, verbose_name='phone')),
                ('phone_verified_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('avatar', models.FileField(blank=True, upload_to='avatars/', verbose_name='photo')),
                ('time_zone', models.CharField(default='America/Bogota', max_length=64, verbose_name='time zone')),
            ],
            options={
                'verbose_name': 'profile',
                'verbose_name_plural': 'profiles',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(blank=True, max_length=254, null=True, unique=True, verbose_name='email')),
                ('role', models.CharField(choices=[('patient', 'Patient'), ('doctor', 'Doctor'), ('pharmacist', 'Pharmacist'), ('admin', 'Administrator'), ('super_admin', 'Super administrator')], default='patient', max_length=16, verbose_name='role')),
                ('language', models.CharField(choices=[('es', 'Spanish'), ('en', 'English')], default='es', max_length=2, verbose_name='language')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('onboarding_complete', models.BooleanField(default=False, verbose_name='onboarding complete')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'constraints': [models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='user_email_is_lower_case'), models.CheckConstraint(condition=models.Q(('role__in', ['patient', 'doctor', 'pharmacist', 'admin', 'super_admin'])), name='user_role_is_known')],
            },
        ),
        migrations.CreateModel(
            name='AdminAuditLog',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('sequence', models.BigIntegerField(editable=False, unique=True)),
                ('actor_id', models.UUIDField(db_index=True, null=True, verbose_name='who')),
                ('acting_as_id', models.UUIDField(blank=True, null=True, verbose_name='acting as')),
                ('action', models.CharField(db_index=True, max_length=64, verbose_name='action')),
                ('target_type', models.CharField(max_length=64, verbose_name='target')),
                ('target_id', models.CharField(max_length=64, verbose_name='target id')),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('ip_address', models.GenericIPAddressField(null=True, verbose_name='IP address')),
                ('occurred_at', models.DateTimeField(db_index=True, verbose_name='time')),
                ('previous_digest', models.CharField(max_length=64)),
                ('digest', models.CharField(max_length=64, unique=True)),
            ],
            options={
                'verbose_name': 'audit log entry',
                'verbose_name_plural': 'audit log',
                'ordering': ['-sequence'],
                'indexes': [models.Index(fields=['target_type', 'target_id'], name='audit_target')],
            },
        ),
        migrations.AddField(
            model_name='guardianship',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guardianships', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='impersonationsession',
            name='admin',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='impersonationsession',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['phone'], name='patient_phone'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(condition=models.Q(('email', ''), _negated=True), fields=['email'], name='patient_email'),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('phone', ''), ('phone__regex', '^\\+[1-9][0-9]{6,14}$'), _connector='OR'), name='patient_phone_is_e164'),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('sex__in', ['female', 'male', 'other', 'unknown'])), name='patient_sex_is_known'),
        ),
        migrations.AddField(
            model_name='guardianship',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guardianships', to='accounts.patient'),
        ),
        migrations.AddField(
            model_name='patientinsurance',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='insurances', to='accounts.patient'),
        ),
        migrations.AddField(
            model_name='patientinsurance',
            name='provider',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.insuranceprovider', verbose_name='insurer'),
        ),
        migrations.AddField(
            model_name='profile',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='profile', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='impersonationsession',
            constraint=models.CheckConstraint(condition=models.Q(('admin', models.F('user')), _negated=True), name='impersonation_is_of_someone_else'),
        ),
        migrations.AddConstraint(
            model_name='impersonationsession',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='impersonation_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='guardianship',
            constraint=models.UniqueConstraint(fields=('user', 'patient'), name='guardianship_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='guardianship',
            constraint=models.UniqueConstraint(condition=models.Q(('relationship', 'self')), fields=('user',), name='guardianship_one_self_for_each_user'),
        ),
        migrations.AddConstraint(
            model_name='guardianship',
            constraint=models.UniqueConstraint(condition=models.Q(('relationship', 'self')), fields=('patient',), name='guardianship_one_self_for_each_patient'),
        ),
        migrations.AddConstraint(
            model_name='guardianship',
            constraint=models.CheckConstraint(condition=models.Q(('relationship__in', ['self', 'child', 'parent', 'other'])), name='guardianship_relationship_is_known'),
        ),
        migrations.AddConstraint(
            model_name='patientinsurance',
            constraint=models.UniqueConstraint(fields=('patient', 'provider'), name='patient_insurance_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='profile',
            constraint=models.UniqueConstraint(condition=models.Q(('phone_verified_at__isnull', False)), fields=('phone',), name='profile_verified_phone_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='profile',
            constraint=models.CheckConstraint(condition=models.Q(('phone', ''), ('phone__regex', '^\\+[1-9][0-9]{6,14}$'), _connector='OR'), name='profile_phone_is_e164'),
        ),
        *ROW_SECURITY,
        AppendOnly("accounts_adminauditlog"),
        AppendOnly("accounts_auditanchor"),
    ]
