from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from allauth.account.signals import email_confirmed

        from accounts import adapters, menus

        email_confirmed.connect(adapters.email_confirmed, dispatch_uid="accounts.email_confirmed")
        menus.register()
