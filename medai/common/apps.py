from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


def _grant_open_tables(sender: AppConfig, using: str, **kwargs: Any) -> None:
    from medai.common.row_security import grant_open_tables

    with connections[using].cursor() as cursor:
        grant_open_tables(cursor)


class CommonConfig(AppConfig):
    name = "medai.common"
    label = "common"
    verbose_name = _("Platform")

    def ready(self) -> None:
        post_migrate.connect(_grant_open_tables, sender=self, dispatch_uid="grant_open_tables")
        # Before anything else loads REST framework's views, whose defaults stand in this package.
        from medai.common import (
            api,  # noqa: F401
            checks,  # noqa: F401  # importing registers the system checks
        )

        # Outbox handlers, realtime topics, served files and menu entries announce themselves when their
        # modules load.
        autodiscover_modules("handlers", "sockets", "files", "navigation")
