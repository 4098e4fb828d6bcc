from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class AdministrationSite(AdminSite):
    site_header = _("MedAI administration")
    site_title = _("MedAI administration")
    index_title = _("Dashboard")
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and getattr(request.user, "is_staff", False)
