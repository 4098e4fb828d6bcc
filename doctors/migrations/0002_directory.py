import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import uuid
from django.db import migrations, models

from medai.common.identity import Kind
from medai.common.row_security import ProtectTable, Rule

EVERYBODY_ELSE = [kind for kind in Kind if kind != Kind.SYSTEM]
EVERYTHING = Rule(Kind.SYSTEM, "select insert update delete")

# Nothing in these tables is private: they hold what the public pages show.
ROW_SECURITY = [
    ProtectTable("doctors_directoryentry", [Rule(EVERYBODY_ELSE, "select"), EVERYTHING]),
    ProtectTable("doctors_directoryplace", [Rule(EVERYBODY_ELSE, "select"), EVERYTHING]),
    ProtectTable(
        "doctors_searchterm",
        # Staff write them through the trigger on specialties.
        [Rule(EVERYBODY_ELSE, "select"), Rule(Kind.ADMIN, "insert delete"), EVERYTHING],
    ),
]

WORDS = """
CREATE FUNCTION app.words(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  AS $$ SELECT btrim(regexp_replace(app.plain(translate(value, '''’`´', '')), '[^a-z0-9]+', ' ', 'g')) $$;
COMMENT ON FUNCTION app.words(text) IS
  'The words of a text in lower case without accents, one space between them; as doctors.words.plain() in Python.';
"""

MIRROR_AVAILABILITY = """
CREATE FUNCTION app.mirror_availability() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free_at timestamptz;
  row doctors_doctoravailability;
BEGIN
  IF TG_OP = 'DELETE' THEN row := OLD; ELSE row := NEW; free_at := NEW.next_free_at; END IF;
  IF row.visit_mode = 'video' THEN
    UPDATE doctors_directoryentry SET next_free_video_at = free_at
      WHERE doctor_id = row.doctor_id AND next_free_video_at IS DISTINCT FROM free_at;
  ELSE
    UPDATE doctors_directoryentry SET next_free_in_person_at = free_at
      WHERE doctor_id = row.doctor_id AND next_free_in_person_at IS DISTINCT FROM free_at;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER mirrored AFTER INSERT OR DELETE ON doctors_doctoravailability
  FOR EACH ROW EXECUTE FUNCTION app.mirror_availability();
CREATE TRIGGER mirrored_update AFTER UPDATE ON doctors_doctoravailability
  FOR EACH ROW WHEN (OLD.next_free_at IS DISTINCT FROM NEW.next_free_at)
  EXECUTE FUNCTION app.mirror_availability();
"""

SPECIALTY_TERMS = """
CREATE FUNCTION app.index_specialty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM doctors_searchterm WHERE kind = 'specialty' AND target = OLD.slug;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.is_active THEN
    INSERT INTO doctors_searchterm (id, created_at, updated_at, kind, term, target, label)
    SELECT gen_random_uuid(), now(), now(), 'specialty', term, NEW.slug, ''
    FROM (SELECT DISTINCT left(app.words(word), 120) AS term FROM unnest(
      ARRAY[NEW.name_es, NEW.name_en, NEW.practitioners_es, NEW.practitioners_en]::text[]
      || NEW.synonyms_es::text[] || NEW.synonyms_en::text[]) AS word) AS terms
    WHERE term <> '';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER indexed AFTER INSERT OR UPDATE OR DELETE ON doctors_specialty
  FOR EACH ROW EXECUTE FUNCTION app.index_specialty();
"""

# The thresholds are the function's own: the search forgives more than pg_trgm does by default.
TERMS_ALIKE = """
CREATE FUNCTION app.terms_alike(spans text[])
  RETURNS TABLE (span text, kind text, term text, target text) LANGUAGE sql STABLE
  SET pg_trgm.similarity_threshold = 0.25 SET pg_trgm.word_similarity_threshold = 0.7
  AS $$ SELECT s.span, t.kind, t.term, t.target FROM unnest(spans) AS s(span)
    JOIN doctors_searchterm t ON t.term % s.span OR s.span <% t.term $$;
"""

# Row policies do not limit columns: these do.
VERIFICATION = """
CREATE FUNCTION app.guard_verification() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.user_id <> OLD.user_id OR NEW.slug <> OLD.slug
    OR NEW.is_approved <> OLD.is_approved OR NEW.is_active <> OLD.is_active
    OR NEW.verification_notes <> OLD.verification_notes
    OR NEW.first_published_at IS DISTINCT FROM OLD.first_published_at
    OR NEW.rating_average IS DISTINCT FROM OLD.rating_average OR NEW.rating_count <> OLD.rating_count
    OR (NEW.credential_status <> OLD.credential_status AND NEW.credential_status <> 'pending_review')
  THEN
    RAISE EXCEPTION 'only staff may change this of a doctor'
      USING ERRCODE = 'MD010', CONSTRAINT = 'doctor_is_verified_by_staff';
  END IF;
  IF OLD.credential_status = 'verified' AND (NEW.first_name <> OLD.first_name
    OR NEW.last_name <> OLD.last_name OR NEW.license_number <> OLD.license_number)
  THEN
    RAISE EXCEPTION 'what was verified may not change'
      USING ERRCODE = 'MD011', CONSTRAINT = 'doctor_keeps_what_was_verified';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER verification BEFORE UPDATE ON doctors_doctor
  FOR EACH ROW WHEN (app.kind() = 'doctor') EXECUTE FUNCTION app.guard_verification();

CREATE FUNCTION app.guard_verified_specialties() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM doctors_doctor WHERE credential_status = 'verified'
    AND id = CASE WHEN TG_OP = 'DELETE' THEN OLD.doctor_id ELSE NEW.doctor_id END)
  THEN
    RAISE EXCEPTION 'what was verified may not change'
      USING ERRCODE = 'MD011', CONSTRAINT = 'doctor_keeps_what_was_verified';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER verification BEFORE INSERT OR UPDATE OR DELETE ON doctors_doctorspecialty
  FOR EACH ROW WHEN (app.kind() = 'doctor') EXECUTE FUNCTION app.guard_verified_specialties();
"""

UNDO = """
DROP FUNCTION app.guard_verified_specialties() CASCADE;
DROP FUNCTION app.guard_verification() CASCADE;
DROP FUNCTION app.terms_alike(text[]);
DROP FUNCTION app.index_specialty() CASCADE;
DROP FUNCTION app.mirror_availability() CASCADE;
DROP FUNCTION app.words(text);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('doctors', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchTerm',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(choices=[('specialty', 'Specialty'), ('city', 'City'), ('name', 'Name')], max_length=12)),
                ('term', models.CharField(max_length=120)),
                ('target', models.CharField(max_length=120)),
                ('label', models.CharField(blank=True, max_length=120)),
            ],
            options={
                'verbose_name': 'search term',
                'verbose_name_plural': 'search terms',
                'indexes': [django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(models.F('term'), name='gin_trgm_ops'), name='search_term_alike'), models.Index(django.contrib.postgres.indexes.OpClass(models.F('term'), name='text_pattern_ops'), name='search_term_begins'), models.Index(fields=['kind', 'target'], name='search_term_target')],
                'constraints': [models.UniqueConstraint(fields=('term', 'kind', 'target'), name='search_term_is_unique')],
            },
        ),
        migrations.CreateModel(
            name='DirectoryEntry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('slug', models.CharField(max_length=120)),
                ('name', models.CharField(max_length=180)),
                ('photo', models.CharField(blank=True, max_length=200)),
                ('specialty_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), size=None)),
                ('modes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None)),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('fee_minor', models.BigIntegerField(null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('fee_group', models.PositiveSmallIntegerField(help_text="0 in the platform's own currency, 1 in others")),
                ('rating_average', models.DecimalField(decimal_places=2, max_digits=3, null=True)),
                ('rating_count', models.PositiveIntegerField()),
                ('rating_score', models.FloatField(help_text='the average, drawn to the middle while reviews are few', null=True)),
                ('is_accepting_new_patients', models.BooleanField()),
                ('time_zone', models.CharField(max_length=64)),
                ('horizon_days', models.PositiveSmallIntegerField()),
                ('next_free_in_person_at', models.DateTimeField(null=True)),
                ('next_free_video_at', models.DateTimeField(null=True)),
                ('next_free_at', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Least('next_free_in_person_at', 'next_free_video_at'), output_field=models.DateTimeField(null=True))),
                ('doctor', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='directory_entry', to='doctors.doctor')),
            ],
            options={
                'verbose_name': 'directory entry',
                'verbose_name_plural': 'directory entries',
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['tags'], name='directory_tags'), models.Index(models.OrderBy(models.F('next_free_at'), nulls_last=True), models.F('id'), name='directory_soonest'), models.Index(models.OrderBy(models.F('next_free_in_person_at'), nulls_last=True), models.F('id'), name='directory_soonest_in_person'), models.Index(models.OrderBy(models.F('next_free_video_at'), nulls_last=True), models.F('id'), name='directory_soonest_video'), models.Index(models.F('fee_group'), models.OrderBy(models.F('fee_minor'), nulls_last=True), models.F('id'), name='directory_cheapest'), models.Index(models.OrderBy(models.F('rating_score'), descending=True, nulls_last=True), models.F('id'), name='directory_best_rated')],
            },
        ),
        migrations.CreateModel(
            name='DirectoryPlace',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('latitude', models.FloatField()),
                ('longitude', models.FloatField()),
                ('doctor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='doctors.doctor')),
            ],
            options={
                'verbose_name': 'directory place',
                'verbose_name_plural': 'directory places',
                'indexes': [models.Index(fields=['latitude', 'longitude'], name='directory_place_position')],
            },
        ),
        *ROW_SECURITY,
        migrations.RunSQL(WORDS + MIRROR_AVAILABILITY + SPECIALTY_TERMS + TERMS_ALIKE + VERIFICATION, UNDO),
    ]
