"""Patients: those met at a desk are recorded here; nobody is ever deleted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.admin.base import ByRole
from accounts.models import Guardianship, Patient, PatientInsurance
from accounts.services.people import e164
from medai.common.errors import DomainError


class PatientForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    class Meta:
        model = Patient
        fields = [
            "first_name",
            "last_name",
            "email",
            "phone",
            "language",
            "time_zone",
            "date_of_birth",
            "sex",
            "address",
            "city",
            "emergency_contact_name",
            "emergency_contact_phone",
        ]

    def _phone(self, name: str) -> str:
        try:
            return e164(self.cleaned_data[name], field=name)
        except DomainError as error:
            raise forms.ValidationError(str(error), code=error.code) from None

    def clean_phone(self) -> str:
        return self._phone("phone")

    def clean_emergency_contact_phone(self) -> str:
        return self._phone("emergency_contact_phone")


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    can_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_add_permission


class GuardianshipInline(ReadOnlyInline):
    model = Guardianship
    verbose_name_plural = _("Accounts in charge")
    fields = ["user", "relationship", "created_at"]


class InsuranceInline(ReadOnlyInline):
    model = PatientInsurance
    verbose_name_plural = _("Policies")
    fields = ["provider", "policy_number"]


@admin.register(Patient)
class PatientAdmin(ByRole):
    adding = True
    form = PatientForm
    list_display = ["name", "email", "phone", "city", "date_of_birth", "created_at"]
    list_filter = ["language", ("created_at", admin.DateFieldListFilter)]
    search_fields = ["first_name", "last_name", "email", "phone"]
    search_help_text = _("Name, email or phone")
    ordering = ["-created_at"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [GuardianshipInline, InsuranceInline]

    @admin.display(description=_("Name"))
    def name(self, patient: Patient) -> str:
        return patient.full_name

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Policies are shown to those whom the database lets see them."""
        return self.inlines if self.has_change_permission(request, obj) else [GuardianshipInline]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(deleted_at=None)

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        """Which fields changed goes to the log; what they hold does not."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            audit.record("updated_patient" if change else "created_patient", obj, fields=form.changed_data)
