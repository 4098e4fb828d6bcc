"""Messaging's entries in the menus."""

from django.utils.translation import gettext_lazy as _

from medai.common import navigation
from medai.common.navigation import Entry

navigation.register("account", Entry(_("Notifications"), "bell", "messaging:settings", order=50))
navigation.register("person", Entry(_("Notifications"), "bell", "messaging:notices", order=40))
