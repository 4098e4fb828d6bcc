from django.db import migrations

# Of a function in SQL the planner reads the text anew in each statement whose policy calls it, to put it in its place:
# a fifth of what reading one row by its key takes. One in PL/pgSQL is called, once, and stays compiled.
NAMES = {"user_id": "uuid", "patient_ids": "uuid[]", "doctor_ids": "uuid[]"}
CALLED = """
CREATE OR REPLACE FUNCTION app.{name}() RETURNS {type} LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN nullif(current_setting('app.{name}', true), '')::{type};
END $$
"""
INLINED = """
CREATE OR REPLACE FUNCTION app.{name}() RETURNS {type} LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.{name}', true), '')::{type} $$
"""


def of_each(template):
    return [template.format(name=name, type=type) for name, type in NAMES.items()]


class Migration(migrations.Migration):
    dependencies = [("common", "0004_name_outbox_events")]
    operations = [migrations.RunSQL(of_each(CALLED), of_each(INLINED))]
