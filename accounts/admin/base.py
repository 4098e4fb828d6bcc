"""What the admin pages of accounts share."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Role


class ByRole(admin.ModelAdmin):  # type: ignore[type-arg]  # generic only in the stubs
    """Read by all staff, written by those of `writers`, deleted by nobody."""

    writers: frozenset[str] = frozenset({Role.ADMIN})
    adding = False
    # Each count would be a query over the whole table.
    show_facets = admin.ShowFacets.NEVER

    def has_module_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "is_staff", False)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return getattr(request.user, "role", "") in self.writers

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.adding and self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
