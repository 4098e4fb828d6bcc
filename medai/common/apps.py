from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "medai.common"
    label = "common"
    verbose_name = _("Platform")

    def ready(self) -> None:
        from medai.common import checks  # noqa: F401  # importing registers the system checks

        # Outbox handlers, realtime topics and served files announce themselves when their modules load.
        autodiscover_modules("handlers", "topics", "served_files")
