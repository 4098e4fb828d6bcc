from django.db import migrations

from medai.common.identity import Kind
from medai.common.row_security import OWN_USER, SIGNED_IN, ProtectTable, Rule

OWN_SOCIAL_ACCOUNT = "EXISTS (SELECT 1 FROM socialaccount_socialaccount AS a WHERE a.id = account_id)"
WHOLE = Rule((Kind.SIGN_IN, Kind.SYSTEM), "select insert update delete")


def table_of_accounts(name: str) -> ProtectTable:
    return ProtectTable(name, [WHOLE, Rule(SIGNED_IN, "select insert update delete", OWN_USER)])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
    ]
    operations = [
        table_of_accounts("account_emailaddress"),
        ProtectTable("account_emailconfirmation", [WHOLE]),
        table_of_accounts("mfa_authenticator"),
        table_of_accounts("usersessions_usersession"),
        table_of_accounts("socialaccount_socialaccount"),
        ProtectTable(
            "socialaccount_socialtoken",
            [WHOLE, Rule(SIGNED_IN, "select insert update delete", OWN_SOCIAL_ACCOUNT)],
        ),
    ]
