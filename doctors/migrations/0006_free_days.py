import django.contrib.postgres.fields
from django.db import migrations, models


MIRROR = """
CREATE OR REPLACE FUNCTION app.mirror_availability() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free_at timestamptz;
  days date[] := '{}';
  row doctors_doctoravailability;
BEGIN
  IF TG_OP = 'DELETE' THEN row := OLD; ELSE row := NEW; free_at := NEW.next_free_at; days := NEW.free_days; END IF;
  IF row.visit_mode = 'video' THEN
    UPDATE doctors_directoryentry SET next_free_video_at = free_at, free_days_video = days
      WHERE doctor_id = row.doctor_id
        AND (next_free_video_at, free_days_video) IS DISTINCT FROM (free_at, days);
  ELSE
    UPDATE doctors_directoryentry SET next_free_in_person_at = free_at, free_days_in_person = days
      WHERE doctor_id = row.doctor_id
        AND (next_free_in_person_at, free_days_in_person) IS DISTINCT FROM (free_at, days);
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER mirrored_update ON doctors_doctoravailability;
CREATE TRIGGER mirrored_update AFTER UPDATE ON doctors_doctoravailability
  FOR EACH ROW WHEN ((OLD.next_free_at, OLD.free_days) IS DISTINCT FROM (NEW.next_free_at, NEW.free_days))
  EXECUTE FUNCTION app.mirror_availability();
"""

UNDO = """
CREATE OR REPLACE FUNCTION app.mirror_availability() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP TRIGGER mirrored_update ON doctors_doctoravailability;
CREATE TRIGGER mirrored_update AFTER UPDATE ON doctors_doctoravailability
  FOR EACH ROW WHEN (OLD.next_free_at IS DISTINCT FROM NEW.next_free_at)
  EXECUTE FUNCTION app.mirror_availability();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('doctors', '0005_weekly_maximum_is_positive'),
    ]

    operations = [
        migrations.AddField(
            model_name='directoryentry',
            name='free_days_in_person',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), default=list, size=None),
        ),
        migrations.AddField(
            model_name='directoryentry',
            name='free_days_video',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), default=list, size=None),
        ),
        migrations.AddField(
            model_name='doctoravailability',
            name='free_days',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), default=list, size=None),
        ),
        migrations.RunSQL(MIRROR, UNDO),
    ]
