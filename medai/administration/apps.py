from django.contrib.admin.apps import AdminConfig

from medai.administration.labels import name_fields


class AdministrationConfig(AdminConfig):
    default_site = "medai.administration.site.AdministrationSite"

    def ready(self) -> None:
        super().ready()
        # The kernel, whose table it is, knows no staff and no audit log.
        from medai.administration import outbox  # noqa: F401  # importing registers the page

        name_fields()
