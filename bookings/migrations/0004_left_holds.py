from django.db import migrations

# A doctor sees who the patient is once a booking was made; a hold that was left never was one.
WITHOUT = "b.status NOT IN ('held', 'expired')"
LEFT = "(b.status LIKE 'cancelled%' AND b.cancelled_at IS NULL)"


def alter(condition):
    return f"""
ALTER POLICY doctor_select ON accounts_patient USING (EXISTS (
  SELECT 1 FROM bookings_booking AS b WHERE b.patient_id = accounts_patient.id
  AND b.doctor_id = ANY ((SELECT app.doctor_ids())::uuid[]) AND {condition}));
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0003_busy_times")]
    operations = [migrations.RunSQL(alter(f"{WITHOUT} AND NOT {LEFT}"), alter(WITHOUT))]
