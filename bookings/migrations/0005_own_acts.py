from django.db import migrations, models

OF_A_VISIBLE_BOOKING = "EXISTS (SELECT 1 FROM bookings_booking AS b WHERE b.id = booking_id)"
# What somebody did counts against their limits, also for people whom they care for no more.
OWN_ACT = "actor_kind = 'patient' AND actor_id = (SELECT app.actor_id())"


def alter(condition):
    return f"ALTER POLICY patient_select ON bookings_bookingtransition USING ({condition})"


class Migration(migrations.Migration):
    dependencies = [("bookings", "0004_left_holds")]
    operations = [
        migrations.AddIndex(
            model_name="bookingtransition",
            index=models.Index(
                condition=models.Q(("actor_kind", "patient")),
                fields=["actor_id", "created_at"],
                name="transition_by_patient",
            ),
        ),
        migrations.RunSQL(alter(f"({OWN_ACT}) OR {OF_A_VISIBLE_BOOKING}"), alter(OF_A_VISIBLE_BOOKING)),
    ]
