from django.apps import AppConfig
from django.conf import settings


class DemoConfig(AppConfig):
    name = "medai.demo"
    label = "demo"
    verbose_name = "Demo"

    def ready(self) -> None:
        if settings.DEBUG:
            from medai.demo.sign_ins import register

            register()
