from django.db import migrations

from medai.common.identity import Kind
from medai.common.row_security import OWN_PATIENTS, Rule

# Notices are read together with the booking and the patient they may be about, by every role: who can have none gets
# no rows, not an error.
NO_ROWS = "false"
READABLE = [
    ("accounts_patient", Rule(Kind.PHARMACIST, "select", NO_ROWS)),
    ("bookings_booking", Rule(Kind.PHARMACIST, "select", NO_ROWS)),
]

# Time is taken for a booking one sees from the doctor and the patient of that booking, and from nobody else.
# A hold may be given to another patient of the same account before the booking itself is.
OF_THIS_BOOKING = """EXISTS (SELECT 1 FROM bookings_booking AS b WHERE b.id = booking_id
  AND (bookings_busyperiod.doctor_id IS NULL OR bookings_busyperiod.doctor_id = b.doctor_id){patient})"""
CHECKS = {
    "patient": f"(patient_id IS NULL OR {OWN_PATIENTS}) AND {OF_THIS_BOOKING.format(patient='')}",
    "doctor": OF_THIS_BOOKING.format(
        patient=" AND (bookings_busyperiod.patient_id IS NULL OR bookings_busyperiod.patient_id = b.patient_id)"
    ),
}
OF_A_VISIBLE_BOOKING = "EXISTS (SELECT 1 FROM bookings_booking AS b WHERE b.id = booking_id)"


def alter(check):
    return [
        f'ALTER POLICY "{kind}_{verb}" ON bookings_busyperiod WITH CHECK ({check(kind)})'
        for kind in CHECKS
        for verb in ("insert", "update")
    ]


def undo(table, rule):
    for statement in rule.statements(table):
        if statement.startswith("GRANT"):
            yield statement.replace("GRANT", "REVOKE", 1).replace(" TO ", " FROM ")
        else:
            yield f"DROP POLICY {statement.split()[2]} ON {table}"


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]
    operations = [
        migrations.RunSQL(
            [statement for table, rule in READABLE for statement in rule.statements(table)],
            [statement for table, rule in READABLE for statement in undo(table, rule)],
        ),
        migrations.RunSQL(alter(CHECKS.get), alter(lambda kind: OF_A_VISIBLE_BOOKING)),
    ]
