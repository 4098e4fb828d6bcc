from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("common", "0002_outbox_idempotency")]
    operations = [
        migrations.RemoveField("outboxevent", "published_at"),
        migrations.RemoveIndex("outboxevent", "outboxevent_pending"),
        migrations.AddIndex(
            "outboxevent",
            models.Index(
                fields=["handler", "available_at", "sequence"],
                name="outboxevent_due",
                condition=Q(done_at=None, failed_at=None),
            ),
        ),
    ]
