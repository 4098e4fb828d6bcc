from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("common", "0003_outbox_by_handler")]
    operations = [
        migrations.AlterModelOptions(
            "outboxevent",
            {
                "ordering": ["sequence"],
                "verbose_name": "background event",
                "verbose_name_plural": "background events",
            },
        ),
    ]
