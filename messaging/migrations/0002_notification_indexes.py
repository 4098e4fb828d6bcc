from django.db import migrations, models

KINDS = [
    ("booking_confirmed", "Booking confirmed"),
    ("booking_pending", "Booking waiting for the doctor"),
    ("booking_rescheduled", "Booking moved"),
    ("booking_cancelled", "Booking cancelled"),
    ("reminder_24_hours", "Reminder one day before"),
    ("reminder_2_hours", "Reminder two hours before"),
    ("new_booking", "New booking for the doctor"),
    ("booking_to_confirm", "Booking for the doctor to confirm"),
    ("doctor_submitted", "Application received"),
    ("doctor_verified", "Verification passed"),
    ("doctor_rejected", "Verification not passed"),
]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="notification", name="notification_sending"),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("status", "sending")), fields=["due_at"], name="notification_in_flight"
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=24, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="inboxnotice", name="kind", field=models.CharField(choices=KINDS, max_length=24)
        ),
    ]
