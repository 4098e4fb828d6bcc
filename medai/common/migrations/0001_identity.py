from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

from medai.common.roles import GROUPS, LOGIN

FUNCTIONS = f"""
CREATE SCHEMA IF NOT EXISTS app;
GRANT USAGE ON SCHEMA app TO {LOGIN}, {", ".join(GROUPS)};

CREATE FUNCTION app.kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(current_setting('app.kind', true), '') $$;
CREATE FUNCTION app.user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
CREATE FUNCTION app.actor_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT coalesce(nullif(current_setting('app.actor_id', true), '')::uuid, app.user_id()) $$;
CREATE FUNCTION app.patient_ids() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.patient_ids', true), '')::uuid[] $$;
CREATE FUNCTION app.doctor_ids() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.doctor_ids', true), '')::uuid[] $$;
CREATE FUNCTION app.plain(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, value)) $$;
CREATE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'MD003', CONSTRAINT = 'table_is_append_only';
END $$;
COMMENT ON FUNCTION app.plain(text) IS
  'Lower case without accents, declared immutable so that it can be indexed; unaccent itself is only stable.';
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(FUNCTIONS, "DROP SCHEMA app CASCADE"),
    ]
