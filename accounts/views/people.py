"""Settings: the people an account cares for, and their insurance."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms.settings import ClaimForm, DependentForm, PolicyForm, refuse
from accounts.guards import role_required, user_of
from accounts.models import Guardianship, PatientInsurance, Role
from accounts.models.patients import Relationship
from accounts.services import claims, insurance, people
from medai.common.errors import DomainError

READ_OR_POST = ["GET", "HEAD", "POST"]


def _guardianships(request: HttpRequest) -> Any:
    """Those the person cares for, themselves first."""
    rows = Guardianship.objects.filter(user=user_of(request), patient__deleted_at=None).select_related(
        "patient"
    )
    return sorted(rows, key=lambda row: (row.relationship != Relationship.SELF, row.created_at))


def _dependent(request: HttpRequest, patient_id: UUID) -> Guardianship:
    for row in _guardianships(request):
        if row.patient_id == patient_id and row.relationship != Relationship.SELF:
            return row
    raise Http404


def _list(request: HttpRequest, claim_form: ClaimForm | None = None, status: int = 200) -> HttpResponse:
    context = {
        "guardianships": _guardianships(request),
        "claimable": claims.claimable_by(user_of(request)),
        "relationships": Relationship.choices,
        "claim_form": claim_form,
    }
    return render(request, "accounts/people.html", context, status=status)


@require_safe
@role_required(Role.PATIENT)
def people_list(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_http_methods(READ_OR_POST)
@role_required(Role.PATIENT)
def add_person(request: HttpRequest) -> HttpResponse:
    form = DependentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            patient = people.add_dependent(user=user_of(request), **form.cleaned_data).patient
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(
                request, _("%(name)s is added. You can book for them now.") % {"name": patient.first_name}
            )
            return redirect("accounts:people")
    return render(request, "accounts/person_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(READ_OR_POST)
@role_required(Role.PATIENT)
def person(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    row = _dependent(request, patient_id)
    initial = {name: getattr(row.patient, name) for name in people.OF_A_DEPENDENT}
    initial["relationship"] = row.relationship
    form = DependentForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            people.update_dependent(user=user_of(request), patient_id=patient_id, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("accounts:people")
    context = {"form": form, "patient": row.patient}
    return render(request, "accounts/person_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(READ_OR_POST)
@role_required(Role.PATIENT)
def remove_person(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    row = _dependent(request, patient_id)
    if request.method != "POST":
        return render(request, "accounts/person_remove.html", {"patient": row.patient})
    people.remove_dependent(user=user_of(request), patient_id=patient_id)
    messages.success(request, _("%(name)s is no longer in your list.") % {"name": row.patient.first_name})
    return redirect("accounts:people")


@require_POST
@role_required(Role.PATIENT)
def claim_person(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    form = ClaimForm(request.POST)
    if form.is_valid():
        try:
            claims.claim(
                user=user_of(request), patient_id=patient_id, relationship=form.cleaned_data["relationship"]
            )
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The record is in your list now, with its visits."))
            return redirect("accounts:people")
    return _list(request, claim_form=form, status=422)


# --- Insurance --------------------------------------------------------------------------------------------


def _patient_choices(request: HttpRequest) -> list[tuple[str, str]]:
    return [(str(row.patient_id), row.patient.full_name) for row in _guardianships(request)]


def _policies() -> Any:
    own = insurance.in_reach().select_related("provider", "patient")
    return own.order_by("patient__created_at", "provider__name")


@require_safe
@role_required(Role.PATIENT)
def insurance_list(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/insurance.html", {"policies": _policies()})


@require_http_methods(READ_OR_POST)
@role_required(Role.PATIENT)
def add_policy(request: HttpRequest) -> HttpResponse:
    form = PolicyForm(request.POST if request.method == "POST" else None, patients=_patient_choices(request))
    if form.is_valid():
        try:
            insurance.add(
                patient_id=UUID(form.cleaned_data["patient"]),
                provider_id=form.cleaned_data["provider"].pk,
                policy_number=form.cleaned_data["policy_number"],
            )
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The policy is saved."))
            return redirect("accounts:insurance")
    return render(request, "accounts/policy_form.html", {"form": form}, status=422 if form.is_bound else 200)


def _policy(policy_id: UUID) -> PatientInsurance:
    policy = _policies().filter(pk=policy_id).first()
    if policy is None:
        raise Http404
    return policy


@require_http_methods(READ_OR_POST)
@role_required(Role.PATIENT)
def policy(request: HttpRequest, policy_id: UUID) -> HttpResponse:
    row = _policy(policy_id)
    initial = {
        "patient": str(row.patient_id),
        "provider": row.provider_id,
        "policy_number": row.policy_number,
    }
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        patients=[(str(row.patient_id), row.patient.full_name)],
    )
    if form.is_valid():
        try:
            insurance.change(
                policy_id=policy_id,
                provider_id=form.cleaned_data["provider"].pk,
                policy_number=form.cleaned_data["policy_number"],
            )
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("The policy is saved."))
            return redirect("accounts:insurance")
    context = {"form": form, "policy": row}
    return render(request, "accounts/policy_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(READ_OR_POST)
@role_required(Role.PATIENT)
def remove_policy(request: HttpRequest, policy_id: UUID) -> HttpResponse:
    row = _policy(policy_id)
    if request.method != "POST":
        return render(request, "accounts/policy_remove.html", {"policy": row})
    insurance.remove(policy_id=policy_id)
    messages.success(request, _("The policy is removed."))
    return redirect("accounts:insurance")
