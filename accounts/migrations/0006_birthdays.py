import accounts.models.patients
from django.db import migrations, models

# What held on the day it was written holds on every later one, so a check may ask for today. Somewhere on earth it is
# tomorrow already.
CHECK = """
ALTER TABLE accounts_patient ADD CONSTRAINT patient_birthday_is_possible
  CHECK (date_of_birth BETWEEN '1850-01-01' AND CURRENT_DATE + 1)
"""
NO_CHECK = "ALTER TABLE accounts_patient DROP CONSTRAINT patient_birthday_is_possible"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_guard_accounts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='patient',
            name='date_of_birth',
            field=models.DateField(blank=True, null=True, validators=[accounts.models.patients.require_birthday], verbose_name='date of birth'),
        ),
        migrations.RunSQL(CHECK, NO_CHECK),
    ]
