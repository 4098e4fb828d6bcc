"""The way from an account to a verified profile, in steps that can be left and taken up again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.guards import role_required, user_of
from accounts.identity import identity_for
from accounts.models import Profile, Role
from doctors.access import own_doctor_or_none
from doctors.forms import CredentialForm, OfficeForm, VisitTypeForm
from doctors.forms.refusals import posted
from doctors.forms.schedule import notice
from doctors.models import Doctor, Office, VisitType
from doctors.models.doctors import CredentialStatus
from doctors.services import onboarding
from doctors.services.onboarding import STEPS
from doctors.services.visit_types import ALWAYS
from doctors.views import practice
from doctors.views import schedule as schedule_views
from doctors.views.portal import is_partial
from medai.common.errors import DomainError
from medai.common.identity import acting_as


@require_safe
@never_cache
@role_required(Role.DOCTOR)
def start(request: HttpRequest) -> HttpResponse:
    """Where the doctor left off; the state of the review once everything was sent."""
    doctor = own_doctor_or_none()
    if doctor is None:
        return redirect("doctors:onboarding-step", "profile")
    if is_sent(doctor):
        return _status_page(request, doctor)
    if doctor.credential_status == CredentialStatus.REJECTED:
        return _status_page(request, doctor)
    return redirect("doctors:onboarding-step", onboarding.progress(doctor).next)


def is_sent(doctor: Doctor) -> bool:
    return doctor.submitted_at is not None and doctor.credential_status != CredentialStatus.REJECTED


def _status_page(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    progress = onboarding.progress(doctor)
    context = {"doctor": doctor, "missing": [STEPS[step] for step in progress.missing], "next": progress.next}
    return render(request, "doctors/onboarding_status.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.DOCTOR)
def step(request: HttpRequest, name: str) -> HttpResponse:
    if name not in STEPS:
        raise Http404
    doctor = own_doctor_or_none()
    if doctor is None:
        return _begin(request) if name == "profile" else redirect("doctors:onboarding-step", "profile")
    if is_sent(doctor):
        return redirect("doctors:onboarding")
    return _STEPS[name](request, doctor)


def _begin(request: HttpRequest) -> HttpResponse:
    """The first page, before there is a practice: sending it makes one of the account's names."""
    user = user_of(request)
    if request.method != "POST":
        person = Profile.objects.filter(user=user).first()
        blank = Doctor(
            first_name=person.first_name if person else "",
            last_name=person.last_name if person else "",
            languages=[user.language],
        )
        return _profile_page(request, blank, practice.ProfileEditor(blank, posted(request)))
    try:
        doctor = onboarding.create_doctor(
            user=user,
            first_name=request.POST.get("first_name", ""),
            last_name=request.POST.get("last_name", ""),
            title=request.POST.get("title", "")[:16],
        )
    except DomainError:
        # Names are missing: the form says so itself.
        blank = Doctor(languages=[user.language])
        editor = practice.ProfileEditor(blank, posted(request))
        editor.form.is_valid()
        return _profile_page(request, blank, editor)
    # The identity of this request was entered before there was a calendar to keep.
    with acting_as(identity_for(user)):
        return _profile(request, doctor)


def _shown(
    request: HttpRequest, doctor: Doctor, name: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    names = list(STEPS)
    saved = doctor.pk is not None and not doctor._state.adding
    done = onboarding.progress(doctor).done if saved else frozenset()
    place = names.index(name)
    context = context | {
        "doctor": doctor,
        "step": name,
        "steps": [
            {
                "label": STEPS[each],
                "url": reverse("doctors:onboarding-step", args=[each]) if saved else "",
                "is_done": each in done,
                "is_current": each == name,
            }
            for each in names
        ],
        "previous_url": reverse("doctors:onboarding-step", args=[names[place - 1]]) if place else "",
    }
    return render(request, f"doctors/onboarding_{name}.html", context, status=status)


def _onward(doctor: Doctor, name: str) -> HttpResponse:
    onboarding.pass_step(doctor_id=doctor.pk, step=name)
    names = list(STEPS)
    return redirect("doctors:onboarding-step", names[names.index(name) + 1])


def _profile(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    editor = practice.ProfileEditor(doctor, posted(request))
    if request.method == "POST" and editor.save():
        return _onward(doctor, "profile")
    return _profile_page(request, doctor, editor)


def _profile_page(request: HttpRequest, doctor: Doctor, editor: practice.ProfileEditor) -> HttpResponse:
    return _shown(request, doctor, "profile", {"editor": editor}, editor.status)


def _credentials(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    form = CredentialForm()
    if request.method == "POST":
        if "continue" in request.POST:
            return _onward(doctor, "credentials")
        form = CredentialForm(request.POST, request.FILES)
        if practice.upload_document(doctor, form):
            messages.success(request, _("The document is uploaded."))
            return redirect("doctors:onboarding-step", "credentials")
    documents = practice.documents_context(request, doctor)
    if not form.is_bound and documents["missing"]:
        kinds = dict(form.fields["document_type"].choices)  # type: ignore[attr-defined]  # a choice field
        form.initial["document_type"] = next(
            kind for kind, label in kinds.items() if label in documents["missing"]
        )
    context = {**documents, "form": form}
    return _shown(request, doctor, "credentials", context, 422 if form.is_bound else 200)


def _hours(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    office_form = OfficeForm()
    context, status = schedule_views.hours_context(doctor, schedule_views.saved_form(doctor)), 200
    if request.method == "POST" and "address" in request.POST:
        office_form = OfficeForm(request.POST)
        if practice.add_office(doctor, office_form):
            messages.success(request, _("The office is saved."))
            return redirect("doctors:onboarding-step", "hours")
        status = 422
    elif request.method == "POST":
        onward = reverse("doctors:onboarding-step", args=["fees"])
        response = schedule_views.save_hours(request, doctor, after=onward)
        if isinstance(response, HttpResponse):
            onboarding.pass_step(doctor_id=doctor.pk, step="hours")
            return response
        context, status = response
        if is_partial(request):
            return render(request, "doctors/_hours_form.html", {**context, "in_wizard": True}, status=status)
    context |= {
        "office_form": office_form,
        "in_wizard": True,
        "all_offices": Office.objects.filter(doctor=doctor, is_active=True),
    }
    return _shown(request, doctor, "hours", context, status)


def _fees(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    listed = VisitType.objects.filter(doctor=doctor, is_active=True, kind__in=ALWAYS)
    data = posted(request)
    forms = [(each, VisitTypeForm(data, visit_type=each, prefix=each.kind)) for each in listed]
    if data is not None:
        saved = [practice.save_visit_type(visit_type, form) for visit_type, form in forms]
        if all(saved):
            return _onward(doctor, "fees")
    context = {
        "forms": forms,
        "notice": notice(doctor.minimum_notice_minutes).replace(" ", "\N{NO-BREAK SPACE}"),
    }
    return _shown(request, doctor, "fees", context, 422 if data is not None else 200)


def _review(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    missing = [{"step": name, "label": STEPS[name]} for name in onboarding.progress(doctor).missing]
    full = Doctor.objects.for_profile().get(pk=doctor.pk)
    if request.method != "POST":
        return _shown(request, full, "review", {"missing": missing})
    try:
        onboarding.submit(doctor_id=doctor.pk)
    except DomainError as error:
        return _shown(request, full, "review", {"missing": missing, "refusal": error}, error.status)
    messages.success(request, _("Sent. We will tell you as soon as we have looked at it."))
    return redirect("doctors:onboarding")


_STEPS = {
    "profile": _profile,
    "credentials": _credentials,
    "hours": _hours,
    "fees": _fees,
    "review": _review,
}
