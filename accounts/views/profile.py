"""Settings: the person."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms.settings import PhotoForm, ProfileForm, RecordForm, refuse
from accounts.guards import role_required, user_of
from accounts.models import Patient, Profile, Role
from accounts.models.patients import Relationship
from accounts.services import people
from medai.common import language
from medai.common.errors import DomainError

RECORD_FIELDS = tuple(RecordForm.base_fields)


def _initial_profile(request: HttpRequest) -> dict[str, Any]:
    profile = Profile.objects.filter(user=user_of(request)).first() or Profile(user=user_of(request))
    names = ("first_name", "last_name", "phone", "time_zone")
    return {name: getattr(profile, name) for name in names} | {"language": user_of(request).language}


def _own_record(request: HttpRequest) -> Patient | None:
    if user_of(request).role != Role.PATIENT:
        return None
    own = Patient.objects.cared_for_by(user_of(request))
    return own.filter(guardianships__relationship=Relationship.SELF).first()


def _page(
    request: HttpRequest,
    *,
    profile_form: ProfileForm | None = None,
    photo_form: PhotoForm | None = None,
    record_form: RecordForm | None = None,
) -> HttpResponse:
    record = _own_record(request)
    if record is not None and record_form is None:
        record_form = RecordForm(initial={name: getattr(record, name) for name in RECORD_FIELDS})
    forms = (profile_form, photo_form, record_form)
    refused = any(form is not None and form.is_bound for form in forms)
    context = {
        "profile_form": profile_form or ProfileForm(initial=_initial_profile(request)),
        "photo_form": photo_form or PhotoForm(),
        "record_form": record_form,
    }
    return render(request, "accounts/profile.html", context, status=422 if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required()
def profile(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    form = ProfileForm(request.POST, initial=_initial_profile(request))
    if form.is_valid():
        try:
            people.update_profile(user=user_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            response = redirect("accounts:profile")
            language.remember(response, form.cleaned_data["language"])
            messages.success(request, _("Your profile is saved."))
            return response
    return _page(request, profile_form=form)


@require_POST
@role_required()
def change_photo(request: HttpRequest) -> HttpResponse:
    if "remove" in request.POST:
        people.remove_avatar(user=user_of(request))
        messages.success(request, _("Your photo is removed."))
        return redirect("accounts:profile")
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            people.set_avatar(user=user_of(request), upload=form.cleaned_data["avatar"])
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your photo is saved."))
            return redirect("accounts:profile")
    return _page(request, photo_form=form)


@require_POST
@role_required(Role.PATIENT)
def record(request: HttpRequest) -> HttpResponse:
    form = RecordForm(request.POST)
    if form.is_valid():
        try:
            people.update_own_record(user=user_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your details are saved."))
            return redirect("accounts:profile")
    return _page(request, record_form=form)


@require_safe
@role_required()
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept and why, in a few words; the legal text is a page of its own."""
    return render(request, "accounts/privacy.html")
