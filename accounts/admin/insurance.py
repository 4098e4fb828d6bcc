"""Insurers: one that policies refer to is switched off, not deleted."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.admin.base import ByRole
from accounts.models import InsuranceProvider


@admin.register(InsuranceProvider)
class InsuranceProviderAdmin(ByRole):
    adding = True
    list_display = ["name", "is_active", "created_at"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    search_help_text = _("Name")
    fields = ["name", "is_active"]

    def save_model(self, request: HttpRequest, obj: InsuranceProvider, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            action = "updated_insurance_provider" if change else "created_insurance_provider"
            audit.record(action, obj, is_active=obj.is_active)
