from django.db import migrations, models

STATUSES = [
    ("due", "Scheduled"),
    ("sending", "Sending"),
    ("sent", "Sent"),
    ("failed", "Failed"),
    ("unknown", "Unknown"),
    ("dropped", "No longer needed"),
]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_notification_indexes")]
    operations = [
        migrations.AlterField(
            model_name="notification",
            name="status",
            field=models.CharField(choices=STATUSES, default="due", max_length=12, verbose_name="status"),
        ),
    ]
