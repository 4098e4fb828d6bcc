"""Bookings in the staff's console: looked up, cancelled, and made on a patient's behalf; never edited by hand."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget, AdminTimeWidget, AutocompleteSelect
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Patient, Role, User
from bookings import services
from bookings.models import Booking, BookingTransition, Channel
from doctors.models import Doctor, VisitMode, VisitType
from doctors.models.practice import VisitTypeKind
from medai.common import localtime
from medai.common.errors import DomainError
from medai.common.money import format_money
from medai.common.years import require_near


class Lookup(AutocompleteSelect):
    """Says what to look for while nothing is chosen: its box has no other name for those who cannot see it."""

    def __init__(self, field: str, placeholder: Any) -> None:
        super().__init__(Booking._meta.get_field(field), admin.site)
        self._placeholder = placeholder

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        return super().build_attrs(base_attrs, extra_attrs) | {"data-placeholder": self._placeholder}


class ManualBookingForm(forms.Form):
    """A booking on a patient's behalf; the time is the doctor's clock."""

    patient = forms.ModelChoiceField(
        label=_("Patient"),
        queryset=Patient.objects.all(),
        widget=Lookup("patient", _("Look for a patient")),
    )
    doctor = forms.ModelChoiceField(
        label=_("Doctor"),
        queryset=Doctor.objects.all(),
        widget=Lookup("doctor", _("Look for a doctor")),
    )
    kind = forms.ChoiceField(label=_("Kind of visit"), choices=VisitTypeKind.choices[:2])
    visit_mode = forms.ChoiceField(label=_("Mode"), choices=VisitMode.choices)
    date = forms.DateField(label=_("Date"), widget=AdminDateWidget, validators=[require_near])
    time = forms.TimeField(label=_("Time"), widget=AdminTimeWidget)
    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[(value, Channel(value).label) for value in (Channel.ADMIN_MANUAL, Channel.PHONE)],
    )
    patient_notes = forms.CharField(
        label=_("Reason for the visit"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def book(self) -> Booking:
        """Hold and confirm; a `DomainError` says what was in the way."""
        chosen = self.cleaned_data
        doctor: Doctor = chosen["doctor"]
        visit_type = VisitType.objects.filter(doctor=doctor, kind=chosen["kind"]).first()
        starts_at = datetime.combine(chosen["date"], chosen["time"], tzinfo=ZoneInfo(doctor.time_zone))
        return services.book_for_patient(
            channel=chosen["channel"],
            doctor_id=doctor.pk,
            patient_id=chosen["patient"].pk,
            visit_type_id=visit_type.pk if visit_type else doctor.pk,
            visit_mode=chosen["visit_mode"],
            starts_at=starts_at.astimezone(UTC),
            patient_notes=chosen["patient_notes"],
        )


class TransitionInline(admin.TabularInline):
    model = BookingTransition
    extra = 0
    can_delete = False
    verbose_name_plural = _("Changes")
    fields = ("created_at", "from_status", "to_status", "by", "reason", "starts_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[BookingTransition]:
        emails = User.objects.filter(pk=OuterRef("actor_id")).values("email")[:1]
        return super().get_queryset(request).annotate(actor_email=Subquery(emails))

    @admin.display(description=pgettext_lazy("field", "by"))
    def by(self, transition: Any) -> str:
        """In which part, and with whose account where there is one."""
        known = transition.actor_kind in Role.values
        part = str(Role(transition.actor_kind).label) if known else "MedAI"
        return ", ".join(filter(None, [part, transition.actor_email]))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Booking)
class BookingAdmin(admin.ModelAdmin):
    list_display = ["reference", "starts_at", "patient", "doctor", "status", "channel", "price"]
    list_filter = [
        "status",
        "channel",
        "visit_mode",
        "payment_method",
        ("starts_at", admin.DateFieldListFilter),
        ("created_at", admin.DateFieldListFilter),
        ("specialty", admin.RelatedOnlyFieldListFilter),
    ]
    search_fields = ["reference", "patient__first_name", "patient__last_name", "doctor__last_name"]
    search_help_text = _("Reference, patient or last name of the doctor")
    ordering = ["-starts_at"]
    date_hierarchy = "starts_at"
    list_select_related = ["patient", "doctor"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    inlines = [TransitionInline]
    actions = ["cancel_selected"]
    fieldsets = [
        (None, {"fields": ["reference", "status", "channel", "patient", "doctor", "specialty"]}),
        (
            _("Visit"),
            {"fields": ["starts_at", "ends_at", "visit_type", "visit_mode", "office", "meeting_link"]},
        ),
        (
            _("Payment"),
            {"fields": ["price", "payment_method", "free_cancellation_hours", "late_fee_percent"]},
        ),
        (
            _("Cancellation"),
            {"fields": ["cancelled_at", "cancelled_by", "cancellation_reason"], "classes": ["collapse"]},
        ),
        (_("Deadlines"), {"fields": ["hold_expires_at", "confirm_by", "created_at", "updated_at"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [str(name) for _title, options in self.fieldsets or [] for name in options["fields"]]

    @admin.display(description=_("Price"))
    def price(self, booking: Booking) -> str:
        return format_money(booking.total_minor, booking.currency)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return getattr(request.user, "role", "") in (Role.ADMIN, Role.SUPER_ADMIN)

    has_module_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "role", "") == Role.ADMIN

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Changing is cancelling, by the action; the form itself is read-only.
        return getattr(request.user, "role", "") == Role.ADMIN and obj is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Book on a patient's behalf."""
        self._require_add(request)
        form = ManualBookingForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                booking = form.book()
            except DomainError as error:
                _add_error(form, error)
            else:
                messages.success(
                    request, gettext("Booked: %(reference)s.") % {"reference": booking.reference}
                )
                return redirect("admin:bookings_booking_change", booking.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Book for a patient"),
            "form": form,
            "opts": self.opts,
            "media": self.media + form.media,
        }
        return render(
            request,
            "admin/bookings/manual.html",
            context,
            status=422 if form.errors and form.is_bound else 200,
        )

    def _require_add(self, request: HttpRequest) -> None:
        from django.core.exceptions import PermissionDenied

        if not self.has_add_permission(request):
            raise PermissionDenied

    @admin.action(
        description=_("Cancel the selected bookings and give back what was paid"), permissions=["change"]
    )
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Booking]) -> None:
        done, refused = 0, []
        for booking in queryset:
            try:
                services.cancel(booking_id=booking.pk)
                done += 1
            except DomainError as error:
                refused.append(f"{booking.reference}: {error}")
        self.message_user(request, gettext("Cancelled: %(number)d.") % {"number": done})
        if refused:
            self.message_user(request, " ".join(refused), messages.WARNING)


def _add_error(form: ManualBookingForm, error: DomainError) -> None:
    names = {"starts_at": "time", "visit_type": "kind", "visit_mode": "visit_mode", "patient": "patient"}
    form.add_error(names.get(error.field or ""), str(error))
    nearest = getattr(error, "alternatives", [])
    if nearest:
        zone = form.cleaned_data["doctor"].time_zone
        listed = "; ".join(localtime.short_date_time(start, zone) for start in nearest)
        form.add_error("time", gettext("Nearest free times: %(times)s") % {"times": listed})
