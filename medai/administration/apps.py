from django.contrib.admin.apps import AdminConfig

from medai.administration.labels import name_fields


class AdministrationConfig(AdminConfig):
    default_site = "medai.administration.site.AdministrationSite"

    def ready(self) -> None:
        super().ready()
        name_fields()
