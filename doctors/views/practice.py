"""The practice: public profile, offices, visits and fees, documents."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doctors import photos
from doctors.forms import (
    CredentialForm,
    OfficeForm,
    PhotoForm,
    ProfileForm,
    QualificationFormSet,
    VisitTypeForm,
    qualifications_of,
)
from doctors.forms.refusals import posted, refuse
from doctors.models import Credential, Doctor, Office, VisitType
from doctors.models.credentials import CredentialReview, DocumentType
from doctors.models.doctors import CredentialStatus
from doctors.services import credentials, offices, profiles, visit_types
from doctors.services.onboarding import REQUIRED_DOCUMENTS
from doctors.views.portal import practice_page, practice_tabs
from medai.common.errors import DomainError
from medai.common.files import signed_link

OFFICE_NAMES = {"latitude": "position", "longitude": "position"}
TONES = {
    CredentialReview.ACCEPTED: "ok",
    CredentialReview.PENDING: "warn",
    CredentialReview.REJECTED: "danger",
}


# --- Profile ---


class ProfileEditor:
    """The profile's form and its degrees, which are saved together or not at all."""

    def __init__(self, doctor: Doctor, data: QueryDict | None = None) -> None:
        self.doctor = doctor
        self.is_adding = bool(data and "add_degree" in data)
        initial = {"initial": doctor.qualifications, "prefix": "degrees"}
        if self.is_adding and data is not None:
            # One more row, everything typed kept.
            data = data.copy()
            data["degrees-TOTAL_FORMS"] = str(min(_count(data.get("degrees-TOTAL_FORMS")) + 1, 20))
        self.form = ProfileForm(data, doctor=doctor)
        self.degrees = QualificationFormSet(data, **initial)

    def save(self) -> bool:
        """Whether everything was right, and is saved now."""
        if self.is_adding or not (self.form.is_valid() & self.degrees.is_valid()):
            return False
        try:
            profiles.update_profile(
                doctor_id=self.doctor.pk,
                qualifications=qualifications_of(self.degrees),
                **self.form.changes,
            )
        except DomainError as error:
            refuse(self.form, error, {"specialties": "specialty", "qualifications": ""})
            return False
        return True

    @property
    def status(self) -> int:
        return 422 if self.form.is_bound and not self.is_adding else 200


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else 0


@require_http_methods(["GET", "HEAD", "POST"])
@practice_page
def profile(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    editor = ProfileEditor(doctor, posted(request))
    if request.method == "POST" and editor.save():
        messages.success(request, _("Your profile is saved."))
        return redirect("doctors:practice")
    return _profile_page(request, doctor, editor)


def _profile_page(
    request: HttpRequest, doctor: Doctor, editor: ProfileEditor, photo_form: PhotoForm | None = None
) -> HttpResponse:
    context = {
        "doctor": doctor,
        "editor": editor,
        "photo": photos.photo_url(doctor.pk, doctor.photo.name),
        "photo_form": photo_form or PhotoForm(),
        "tabs": practice_tabs("practice"),
    }
    status = 422 if photo_form is not None else editor.status
    return render(request, "doctors/practice.html", context, status=status)


@require_POST
@practice_page
def change_photo(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    if "remove" in request.POST:
        profiles.remove_photo(doctor_id=doctor.pk)
        messages.success(request, _("Your photo is removed."))
        return redirect("doctors:practice")
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            profiles.set_photo(doctor_id=doctor.pk, upload=form.cleaned_data["photo"])
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your photo is saved."))
            return redirect("doctors:practice")
    return _profile_page(request, doctor, ProfileEditor(doctor), form)


# --- Offices ---


@require_http_methods(["GET", "HEAD", "POST"])
@practice_page
def office_list(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    """The offices, and a form for another one."""
    form = OfficeForm(posted(request))
    if request.method == "POST" and add_office(doctor, form):
        messages.success(request, _("The office is saved."))
        return redirect("doctors:offices")
    context = {
        "doctor": doctor,
        "offices": Office.objects.filter(doctor=doctor, is_active=True),
        "form": form,
        "tabs": practice_tabs("offices"),
    }
    return render(request, "doctors/offices.html", context, status=422 if form.is_bound else 200)


def add_office(doctor: Doctor, form: OfficeForm) -> bool:
    if not form.is_valid():
        return False
    try:
        offices.add_office(doctor_id=doctor.pk, **form.details)
    except DomainError as error:
        refuse(form, error, OFFICE_NAMES)
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@practice_page
def office_detail(request: HttpRequest, doctor: Doctor, office_id: UUID) -> HttpResponse:
    office = get_object_or_404(Office, pk=office_id, doctor=doctor, is_active=True)
    form = OfficeForm(posted(request), initial=OfficeForm.initial_of(office))
    if request.method == "POST" and form.is_valid():
        try:
            offices.update_office(office_id=office.pk, **form.details)
        except DomainError as error:
            refuse(form, error, OFFICE_NAMES)
        else:
            messages.success(request, _("The office is saved."))
            return redirect("doctors:offices")
    context = {"doctor": doctor, "office": office, "form": form}
    return render(request, "doctors/office.html", context, status=422 if form.is_bound else 200)


@require_POST
@practice_page
def office_close(request: HttpRequest, doctor: Doctor, office_id: UUID) -> HttpResponse:
    office = get_object_or_404(Office, pk=office_id, doctor=doctor, is_active=True)
    try:
        offices.close_office(office_id=office.pk)
    except DomainError as error:
        context = {"doctor": doctor, "office": office, "refusal": error}
        context["form"] = OfficeForm(initial=OfficeForm.initial_of(office))
        return render(request, "doctors/office.html", context, status=error.status)
    messages.success(request, _("The office is closed. Visits booked there stay."))
    return redirect("doctors:offices")


# --- Visits and fees ---


@require_http_methods(["GET", "HEAD", "POST"])
@practice_page
def visit_type_list(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    """The visits, and a form for one of the doctor's own."""
    offered = VisitType.objects.filter(doctor=doctor, is_active=True)
    form = VisitTypeForm(posted(request), currency=next((one.currency for one in offered), ""))
    if request.method == "POST" and form.is_valid():
        try:
            visit_types.add_visit_type(doctor_id=doctor.pk, **form.details)
        except DomainError as error:
            refuse(form, error, {"fee_minor": "fee"})
        else:
            messages.success(request, _("The visit is saved."))
            return redirect("doctors:visit-types")
    context = {
        "doctor": doctor,
        "visit_types": offered,
        "form": form,
        "tabs": practice_tabs("visit-types"),
    }
    return render(request, "doctors/visit_types.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@practice_page
def visit_type_detail(request: HttpRequest, doctor: Doctor, visit_type_id: UUID) -> HttpResponse:
    visit_type = get_object_or_404(VisitType, pk=visit_type_id, doctor=doctor, is_active=True)
    form = VisitTypeForm(posted(request), visit_type=visit_type)
    if request.method == "POST" and save_visit_type(visit_type, form):
        messages.success(request, _("The visit is saved."))
        return redirect("doctors:visit-types")
    context = {"doctor": doctor, "visit_type": visit_type, "form": form}
    return render(request, "doctors/visit_type.html", context, status=422 if form.is_bound else 200)


def save_visit_type(visit_type: VisitType, form: VisitTypeForm) -> bool:
    if not form.is_valid():
        return False
    try:
        visit_types.update_visit_type(visit_type_id=visit_type.pk, **form.details)
    except DomainError as error:
        refuse(form, error, {"fee_minor": "fee"})
        return False
    return True


@require_POST
@practice_page
def visit_type_withdraw(request: HttpRequest, doctor: Doctor, visit_type_id: UUID) -> HttpResponse:
    visit_type = get_object_or_404(VisitType, pk=visit_type_id, doctor=doctor, is_active=True)
    visit_types.withdraw_visit_type(visit_type_id=visit_type.pk)
    messages.success(request, _("The visit is no longer offered. Those already booked stay."))
    return redirect("doctors:visit-types")


# --- Documents ---


@require_http_methods(["GET", "HEAD", "POST"])
@practice_page
def document_list(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    form = CredentialForm(posted(request), request.FILES or None)
    if request.method == "POST" and upload_document(doctor, form):
        messages.success(request, _("The document is uploaded."))
        return redirect("doctors:documents")
    context = {
        **documents_context(request, doctor),
        "form": form,
        "tabs": practice_tabs("documents"),
    }
    return render(request, "doctors/documents.html", context, status=422 if form.is_bound else 200)


def upload_document(doctor: Doctor, form: CredentialForm) -> bool:
    if not form.is_valid():
        return False
    try:
        credentials.upload_credential(
            doctor_id=doctor.pk,
            document_type=form.cleaned_data["document_type"],
            upload=form.cleaned_data["file"],
        )
    except DomainError as error:
        refuse(form, error)
        return False
    return True


def documents_context(request: HttpRequest, doctor: Doctor) -> dict[str, Any]:
    listed = list(Credential.objects.filter(doctor=doctor))
    good = {one.document_type for one in listed if one.status != CredentialReview.REJECTED}
    needed = () if doctor.credential_status == CredentialStatus.VERIFIED else REQUIRED_DOCUMENTS
    return {
        "doctor": doctor,
        "documents": [
            {
                "credential": one,
                "url": signed_link(one, "file", request.user, inline=True),
                "tone": TONES[CredentialReview(one.status)],
                "may_remove": one.status == CredentialReview.PENDING,
            }
            for one in listed
        ],
        "missing": [DocumentType(kind).label for kind in needed if kind not in good],
    }


@require_POST
@practice_page
def document_remove(request: HttpRequest, doctor: Doctor, credential_id: UUID) -> HttpResponse:
    credential = get_object_or_404(Credential, pk=credential_id, doctor=doctor)
    credentials.remove_credential(credential_id=credential.pk)
    messages.success(request, _("The document is removed."))
    back = "doctors:onboarding-step" if request.POST.get("next") == "onboarding" else "doctors:documents"
    return redirect(back, "credentials") if back == "doctors:onboarding-step" else redirect(back)
