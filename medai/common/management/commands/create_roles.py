"""manage.py create_roles: the PostgreSQL roles and the database, or their SQL for whoever may create them."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from medai.common import cluster
from medai.common.roles import cluster_roles_sql


class Command(BaseCommand):
    help = "Create the PostgreSQL roles and the database as DATABASE_SUPERUSER_URL, or print the SQL."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--print", action="store_true", dest="only_print", help="only print the SQL")

    def handle(self, *args: Any, only_print: bool, **options: Any) -> None:
        database = settings.DATABASES["default"]
        if only_print:
            statements = [*cluster_roles_sql(None, None), cluster.create_database_sql(database["NAME"])]
            self.stdout.write("-- Run once for each cluster, as a superuser; safe to repeat except the last.")
            self.stdout.write(
                "-- Then give medai_owner and medai_app their passwords: \\password medai_owner"
            )
            for statement in statements:
                self.stdout.write(f"{statement.as_string()};")
            return
        owner = settings.DATABASE_OWNER
        if owner is None:
            raise CommandError("DATABASE_OWNER_URL is not set; its password is given to medai_owner.")
        if not settings.DATABASE_SUPERUSER_URL:
            raise CommandError("DATABASE_SUPERUSER_URL is not set; roles are created under its login.")
        made = cluster.prepare(
            settings.DATABASE_SUPERUSER_URL,
            database=database["NAME"],
            owner_password=owner["PASSWORD"],
            app_password=database["PASSWORD"],
        )
        outcome = "was made" if made else "exists"
        self.stdout.write(f"The roles are complete; the database {database['NAME']} {outcome}.")
