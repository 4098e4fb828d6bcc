"""The queue of doctors who wait for staff: their documents beside the decision."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.base import ByRole
from accounts.models import Role
from doctors.forms.refusals import posted, refuse
from doctors.models import Credential, Doctor, DoctorVerification
from doctors.models.doctors import CredentialStatus
from doctors.services import verification
from medai.common.errors import DomainError
from medai.common.files import signed_link


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (CredentialStatus.VERIFIED.value, _("Verify: the doctor becomes public")),
            (CredentialStatus.REJECTED.value, _("Send back with notes")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    notes = forms.CharField(
        label=_("Notes to the doctor"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The doctor reads them, by email and on their page. Needed to send back."),
    )


@admin.register(DoctorVerification)
class VerificationAdmin(ByRole):
    list_display = ["display_name", "license_number", "specialty", "documents", "submitted_at", "waits"]
    list_display_links = ["display_name"]
    search_fields = ["first_name", "last_name", "license_number", "user__email"]
    search_help_text = _("Name, email or license number")
    ordering = ["submitted_at"]
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        # Super admins manage people; verifying doctors is the admins' work, and documents are for them alone.
        return getattr(request.user, "role", "") == Role.ADMIN

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        if not self.has_module_permission(request):
            # Django looks for the row before it asks who may see it, and of documents the database tells nobody else.
            return DoctorVerification.objects.none()
        waiting = Doctor.objects.awaiting_verification().values("pk")
        return (
            DoctorVerification.objects.filter(pk__in=waiting)
            .annotate(document_count=Count("credentials"))
            .prefetch_related("doctor_specialties__specialty")
        )

    @admin.display(description=_("Name"), ordering="last_name")
    def display_name(self, doctor: DoctorVerification) -> str:
        return doctor.display_name

    @admin.display(description=_("Specialty"))
    def specialty(self, doctor: DoctorVerification) -> str:
        return ", ".join(link.specialty.name for link in doctor.doctor_specialties.all())

    @admin.display(description=_("Documents"), ordering="document_count")
    def documents(self, doctor: Any) -> int:
        return doctor.document_count

    @admin.display(description=_("Waiting"))
    def waits(self, doctor: DoctorVerification) -> str:
        days = (timezone.now() - (doctor.submitted_at or timezone.now())).days
        return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The doctor's statements and documents beside the decision; also for those decided on before."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        doctor = self._doctor(object_id)
        form = DecisionForm(posted(request), initial={"notes": doctor.verification_notes})
        if form.is_valid():
            try:
                verification.review(doctor_id=doctor.pk, **form.cleaned_data)
            except DomainError as error:
                refuse(form, error)
            else:
                self.message_user(
                    request, _("%(name)s was told.") % {"name": doctor.display_name}, messages.SUCCESS
                )
                return redirect("admin:doctors_doctorverification_changelist")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": doctor.display_name,
            "doctor": doctor,
            "form": form,
            "documents": [
                {"credential": one, "url": signed_link(one, "file", request.user, inline=True)}
                for one in Credential.objects.filter(doctor=doctor)
            ],
        }
        return render(
            request, "doctors/admin/verification.html", context, status=422 if form.is_bound else 200
        )

    def _doctor(self, object_id: str) -> Doctor:
        known = Doctor.objects.for_profile().select_related("user")
        try:
            doctor = known.filter(pk=object_id, submitted_at__isnull=False).first()
        except (ValueError, ValidationError):
            doctor = None
        if doctor is None:
            raise Http404
        return doctor
