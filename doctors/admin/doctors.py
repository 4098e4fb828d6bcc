"""Doctors in the staff's console: looked up, set up, corrected, shown or taken off."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ByRole
from doctors.forms.refusals import posted, refuse
from doctors.models import Doctor, DoctorSpecialty, Office, Specialty, VisitMode, VisitType
from doctors.services import profiles, verification
from medai.common.errors import DomainError
from medai.common.money import format_money

CHANGEABLE = (
    "title",
    "first_name",
    "last_name",
    "license_number",
    "experience_years",
    "bio_es",
    "bio_en",
    "is_accepting_new_patients",
)


class DoctorForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """What staff correct; also what the doctor may not change after the verification."""

    specialty = forms.ModelChoiceField(label=_("Specialty"), queryset=Specialty.objects.active())
    others = forms.ModelMultipleChoiceField(
        label=_("Further specialties"),
        queryset=Specialty.objects.active(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Doctor
        fields = CHANGEABLE
        # The doctor's own form says "about you".
        labels = {"bio_es": _("About the doctor, in Spanish"), "bio_en": _("About the doctor, in English")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        links = DoctorSpecialty.objects.filter(doctor=self.instance).order_by("-is_primary", "created_at")
        chosen = [link.specialty_id for link in links]
        in_order = Specialty.objects.active().order_by(f"name_{(get_language() or 'es')[:2]}")
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = in_order
        self.initial.setdefault("specialty", chosen[0] if chosen else None)
        self.initial.setdefault("others", chosen[1:])

    def chosen(self) -> list[Any]:
        first, others = self.cleaned_data["specialty"], self.cleaned_data["others"]
        return list(dict.fromkeys([first.pk, *(each.pk for each in others)]))


class NewDoctorForm(forms.Form):
    email = forms.EmailField(
        label=_("Email"), help_text=_("Of a doctor's account; it is made if there is none.")
    )
    title = forms.CharField(label=_("Title"), max_length=16, required=False, initial="Dr.")
    first_name = forms.CharField(label=_("First name"), max_length=80)
    last_name = forms.CharField(label=_("Last name"), max_length=80)


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]  # generic only in the stubs
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class OfficeInline(ReadOnlyInline):
    model = Office
    fields = ["name", "address", "neighborhood", "city", "phone", "is_active"]


class VisitTypeInline(ReadOnlyInline):
    model = VisitType
    fields = ["name", "duration", "fee", "how", "is_active"]
    readonly_fields = ("name", "duration", "fee", "how")

    @admin.display(description=_("Name"))
    def name(self, visit_type: VisitType) -> str:
        return visit_type.name

    @admin.display(description=_("Duration"))
    def duration(self, visit_type: VisitType) -> str:
        minutes = visit_type.duration_minutes
        return ngettext("%(minutes)s minute", "%(minutes)s minutes", minutes) % {"minutes": minutes}

    @admin.display(description=_("Modes"))
    def how(self, visit_type: VisitType) -> str:
        return ", ".join(str(VisitMode(mode).label) for mode in visit_type.modes)

    @admin.display(description=_("Fee"))
    def fee(self, visit_type: VisitType) -> str:
        return format_money(visit_type.fee_minor, visit_type.currency)


@admin.register(Doctor)
class DoctorAdmin(ByRole):
    form = DoctorForm
    adding = True
    list_display = [
        "display_name",
        "email",
        "specialty_names",
        "credential_status",
        "is_approved",
        "is_active",
        "rating_average",
        "created_at",
    ]
    list_display_links = ["display_name"]
    list_filter = [
        "credential_status",
        "is_approved",
        "is_active",
        ("is_public", admin.BooleanFieldListFilter),
        "specialties",
    ]
    search_fields = ["first_name", "last_name", "license_number", "user__email"]
    search_help_text = _("Name, email or license number")
    ordering = ["-created_at"]
    list_per_page = 50
    show_full_result_count = False
    inlines = [OfficeInline, VisitTypeInline]
    actions = ["approve_selected", "withdraw_selected", "deactivate_selected", "reactivate_selected"]
    change_form_template = "doctors/admin/doctor.html"
    readonly_fields = [
        "email",
        "slug",
        "credential_status",
        "is_approved",
        "is_active",
        "public",
        "specialty_names",
        "submitted_at",
        "first_published_at",
        "rating_average",
        "rating_count",
        "schedule_version",
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "email",
                    "title",
                    "first_name",
                    "last_name",
                    "license_number",
                    "specialty",
                    "others",
                ]
            },
        ),
        (
            _("Standing"),
            {
                "fields": [
                    "credential_status",
                    "is_approved",
                    "is_active",
                    "public",
                    "submitted_at",
                    "first_published_at",
                ]
            },
        ),
        (
            _("Profile"),
            {"fields": ["slug", "experience_years", "bio_es", "bio_en", "is_accepting_new_patients"]},
        ),
        (
            _("Figures"),
            {"fields": ["rating_average", "rating_count", "schedule_version"], "classes": ["collapse"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Doctor]:
        return Doctor.objects.select_related("user").prefetch_related("doctor_specialties__specialty")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Doctor], search_term: str
    ) -> tuple[QuerySet[Doctor], bool]:
        for word in search_term.split()[:6]:
            queryset = queryset.filter(
                Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(license_number__icontains=word)
                | Q(user__email__icontains=word)
            )
        return queryset, False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fieldsets
        (title, options), *others = self.fieldsets
        fields = [name for name in options["fields"] if name not in ("specialty", "others")]
        return [(title, {"fields": [*fields, "specialty_names"]}), *others]

    @admin.display(description=pgettext_lazy("field", "public"), boolean=True)
    def public(self, doctor: Doctor) -> bool:
        return doctor.is_public

    @admin.display(description=_("Name"), ordering="last_name")
    def display_name(self, doctor: Doctor) -> str:
        return doctor.display_name

    @admin.display(description=_("Email"))
    def email(self, doctor: Doctor) -> str:
        return doctor.user.email or "–"

    @admin.display(description=_("Specialties"))
    def specialty_names(self, doctor: Doctor) -> str:
        return ", ".join(link.specialty.name for link in doctor.doctor_specialties.all())

    # --- Writing, through the services --------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            return super().add_view(request, form_url, extra_context)
        form = NewDoctorForm(posted(request))
        if form.is_valid():
            try:
                doctor = verification.create_by_staff(**form.cleaned_data)
            except DomainError as error:
                refuse(form, error)
            else:
                self.message_user(
                    request, _("The profile is made. The doctor signs in by code and completes it.")
                )
                return redirect("admin:doctors_doctor_change", doctor.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Set up a doctor"),
            "submit": _("Set up a doctor"),
            "form": form,
        }
        return render(request, "doctors/admin/form.html", context, status=422 if form.is_bound else 200)

    def save_model(self, request: HttpRequest, obj: Doctor, form: Any, change: bool) -> None:
        changes = {name: form.cleaned_data[name] for name in CHANGEABLE if name in form.changed_data}
        profiles.update_profile(doctor_id=obj.pk, specialties=form.chosen(), **changes)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is left to write: the service has done it, and the inlines are read only."""
        for formset in formsets:
            formset.save(commit=False)

    # --- Several at once ----------------------------------------------------------------------------------

    @admin.action(description=_("Show the selected doctors to the public"), permissions=["change"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Doctor]) -> None:
        self._each(request, queryset, lambda pk: verification.set_approval(doctor_id=pk, is_approved=True))

    @admin.action(description=_("Hide the selected doctors from the public"), permissions=["change"])
    def withdraw_selected(self, request: HttpRequest, queryset: QuerySet[Doctor]) -> None:
        self._each(request, queryset, lambda pk: verification.set_approval(doctor_id=pk, is_approved=False))

    @admin.action(description=_("Take the selected doctors off the platform"), permissions=["change"])
    def deactivate_selected(self, request: HttpRequest, queryset: QuerySet[Doctor]) -> None:
        self._each(request, queryset, lambda pk: verification.deactivate(doctor_id=pk))

    @admin.action(description=_("Bring the selected doctors back"), permissions=["change"])
    def reactivate_selected(self, request: HttpRequest, queryset: QuerySet[Doctor]) -> None:
        self._each(request, queryset, lambda pk: verification.reactivate(doctor_id=pk))

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Doctor], service: Callable[[Any], Doctor]
    ) -> None:
        done, refused = 0, []
        for doctor in queryset:
            try:
                service(doctor.pk)
                done += 1
            except DomainError as error:
                refused.append(f"{doctor.display_name}: {error}")
        if done:
            text = ngettext("%(number)s doctor changed.", "%(number)s doctors changed.", done)
            self.message_user(request, text % {"number": done}, messages.SUCCESS)
        if refused:
            self.message_user(request, " ".join(refused), messages.WARNING)
