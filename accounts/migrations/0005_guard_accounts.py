from django.db import migrations

# Row policies do not limit columns: whoever may write an account still gives nobody a role, and only staff open and
# close accounts, those of staff themselves only from above.
GUARD = """
CREATE FUNCTION app.guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.role IN ('admin', 'super_admin') AND app.kind() <> 'super_admin' THEN
      RAISE EXCEPTION 'a % is not made by %', NEW.role, app.kind()
        USING ERRCODE = 'MD012', CONSTRAINT = 'account_role_is_given_by_the_service';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.role <> OLD.role THEN
    RAISE EXCEPTION 'a role is not changed by %', app.kind()
      USING ERRCODE = 'MD012', CONSTRAINT = 'account_role_is_given_by_the_service';
  END IF;
  IF NEW.is_active <> OLD.is_active AND app.kind() <> 'super_admin'
    AND (app.kind() <> 'admin' OR OLD.role IN ('admin', 'super_admin'))
  THEN
    RAISE EXCEPTION 'an account is not opened or closed by %', app.kind()
      USING ERRCODE = 'MD013', CONSTRAINT = 'account_is_closed_by_staff';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guard_account BEFORE INSERT OR UPDATE OF role, is_active ON accounts_user
  FOR EACH ROW WHEN (app.kind() <> 'system') EXECUTE FUNCTION app.guard_account();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_api_session_auth_digest")]
    operations = [migrations.RunSQL(GUARD, "DROP FUNCTION app.guard_account() CASCADE")]
