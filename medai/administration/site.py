"""MedAI's instance of Django's admin: staff only, with the platform's figures on its first page."""

import functools
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from medai.common.identity import Kind, current_identity

STAFF_KINDS = (Kind.ADMIN, Kind.SUPER_ADMIN)


class AdministrationSite(AdminSite):
    site_header = _("MedAI administration")
    site_title = _("MedAI administration")
    index_title = _("Dashboard")
    index_template = "admin/dashboard.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff who act as themselves: an impersonated session has no place here."""
        identity = current_identity()
        return bool(
            request.user.is_active
            and getattr(request.user, "is_staff", False)
            and identity is not None
            and identity.kind in STAFF_KINDS
            and not identity.is_impersonated
        )

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The one sign-in page of the site, with its second factor; there is no other door for staff."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            return redirect("home")
        target = request.GET.get("next") or reverse("admin:index")
        return redirect(f"{reverse('account_login')}?{urlencode({'next': target})}")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from medai.administration.views import metrics_csv

        own = [path("metrics.csv", self.admin_view(metrics_csv), name="metrics-csv")]
        # Nothing here has a page of its own on the site to be sent to.
        return [*own, *(each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site")]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django's, where what no browser sends is a bad request: a NUL, which is no character to PostgreSQL, rows
        ticked by what is no key, or a year beyond the calendar.
        """
        inner = super().admin_view(view, cacheable)

        @functools.wraps(inner)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if any("\x00" in value for values in request.GET.lists() for value in values[1]):
                raise BadRequest
            try:
                return inner(request, *args, **kwargs)
            except (ValidationError, OverflowError) as error:
                raise BadRequest from error

        return checked

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The one place where anybody changes a password, which also tells the person of it by mail."""
        return redirect("account_change_password")

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from medai.administration.views import chosen_metrics, dashboard_context

        context = dashboard_context(chosen_metrics(request))
        return super().index(request, {**context, **(extra_context or {})})
