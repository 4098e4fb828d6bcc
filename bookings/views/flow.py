"""From a chosen time to a booking: reserve, fill in, confirm, done."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from accounts.guards import role_required
from accounts.models import Role
from bookings import errors, policies, services
from bookings.forms import DetailsForm, policies_of
from bookings.models import Booking
from bookings.picker import PickerSlot, read_moment, viewer_zone
from bookings.services import moves
from bookings.services.holds import HOLD_LIFETIME
from bookings.transitions import Status
from bookings.views.choose import start_url
from doctors.models import Doctor, VisitType
from medai.common.database import database_now
from medai.common.errors import DomainError
from medai.common.identity import Kind, current_identity


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.PATIENT)
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Reserve a time. The link only asks; the form, which a script sends at once, does it."""
    doctor = get_object_or_404(Doctor.objects.public(), slug=slug)
    values = request.POST if request.method == "POST" else request.GET
    visit_type = VisitType.objects.filter(doctor=doctor, pk__in=[_uuid(values.get("visit_type"))]).first()
    starts_at = read_moment(values.get("start"))
    if visit_type is None or starts_at is None:
        return redirect("bookings:choose", slug=slug)
    wish = {"visit_type": visit_type, "visit_mode": values.get("visit_mode", ""), "starts_at": starts_at}
    if request.method == "POST":
        return _reserve(request, doctor, visit_type, starts_at, values.get("visit_mode", ""))
    return render(request, "bookings/start.html", {"doctor": doctor, "zone": viewer_zone(doctor), **wish})


def _reserve(
    request: HttpRequest, doctor: Doctor, visit_type: VisitType, starts_at: datetime, visit_mode: str
) -> HttpResponse:
    identity = current_identity()
    if identity is None or not identity.patient_ids:
        return redirect("accounts:people")
    wish = {"visit_type_id": visit_type.pk, "visit_mode": visit_mode, "starts_at": starts_at}
    try:
        booking = _hold_for_one_of(identity.patient_ids, doctor_id=doctor.pk, **wish)
    except (errors.PatientBusy, errors.SlotError) as error:
        return refused(request, error, doctor, visit_type, visit_mode)
    return _go(request, reverse("bookings:details", args=[booking.pk]))


def _hold_for_one_of(patient_ids: Sequence[UUID], **wish: Any) -> Booking:
    """A hold for the first of them who can come; the next page asks for whom it is.

    So whoever is at another visit then, or is not seen by the doctor, can still book for somebody else.
    """
    first, *others = patient_ids
    try:
        return services.hold(patient_id=first, **wish)
    except (errors.PatientBusy, errors.NotAcceptingNewPatients):
        for patient_id in others:
            with suppress(errors.PatientBusy, errors.NotAcceptingNewPatients):
                return services.hold(patient_id=patient_id, **wish)
        raise


def _go(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else HttpResponseRedirect(url)  # type: ignore[attr-defined]


def refused(
    request: HttpRequest, error: DomainError, doctor: Doctor, visit_type: VisitType, visit_mode: str
) -> HttpResponse:
    """The page that says why a time cannot be had, with the nearest ones that can."""
    slots = [
        PickerSlot(start, start_url(doctor, start, visit_type.pk, visit_mode))
        for start in getattr(error, "alternatives", [])
    ]
    context = {"doctor": doctor, "error": error, "slots": slots, "zone": viewer_zone(doctor)}
    return render(request, "bookings/refused.html", context, status=error.status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.PATIENT)
def details(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Who and why, while the time is held; then confirm."""
    booking = own_booking(booking_id)
    if booking.status in (Status.CONFIRMED, Status.PENDING_CONFIRMATION):
        return redirect("bookings:done", booking_id=booking.pk)
    if booking.status != Status.HELD or _seconds_left(booking) <= 0:
        return _run_out(request, booking)
    form = DetailsForm(request.POST or None, booking=booking)
    if request.method == "POST" and form.is_valid():
        answer = _confirm(request, booking, form)
        if answer is not None:
            return answer
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "bookings/details.html", _details_context(booking, form), status=status)


def _confirm(request: HttpRequest, booking: Booking, form: DetailsForm) -> HttpResponse | None:
    """Confirm and go on; None if the form has to be shown again, with what was wrong."""
    try:
        services.describe(booking_id=booking.pk, **form.arguments)
        services.confirm(booking_id=booking.pk)
    except errors.SlotError as error:
        return refused(request, error, booking.doctor, booking.visit_type, booking.visit_mode)
    except errors.PaymentRequired:
        return _go(request, reverse("payments:checkout", args=[booking.pk]))
    except DomainError as error:
        field = {"insurance": "insurance_provider"}.get(error.field or "", error.field)
        form.add_error(field if field in form.fields else None, str(error))
        return None
    return _go(request, reverse("bookings:done", args=[booking.pk]))


def _run_out(request: HttpRequest, booking: Booking) -> HttpResponse:
    from bookings.availability import alternatives

    nearest = alternatives(
        booking.doctor, booking.visit_type, booking.visit_mode, booking.starts_at, now=database_now()
    )
    error = errors.HoldExpired(alternatives=nearest)
    return refused(request, error, booking.doctor, booking.visit_type, booking.visit_mode)


def _seconds_left(booking: Booking) -> int:
    """What is left of a hold by the database's clock, which alone decides whether it can be confirmed."""
    return int((booking.hold_expires_at - database_now()).total_seconds()) if booking.hold_expires_at else 0


def _details_context(booking: Booking, form: DetailsForm) -> dict[str, object]:
    identity = current_identity()
    return {
        "booking": booking,
        "form": form,
        "zone": viewer_zone(booking.doctor),
        "seconds_left": _seconds_left(booking),
        "hold_seconds": int(HOLD_LIFETIME.total_seconds()),
        "policies": policies_of(identity.patient_ids if identity else ()),
        "is_late": timezone.now() > booking.free_cancellation_until,
        "needs_doctor": booking.doctor.confirmation_mode == "by_hand",
    }


@require_safe
@never_cache
@role_required(Role.PATIENT)
def done(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    booking = own_booking(booking_id)
    if booking.status not in (Status.CONFIRMED, Status.PENDING_CONFIRMATION):
        return redirect("bookings:booking", booking_id=booking.pk)
    now = timezone.now()
    context = {
        "booking": booking,
        "zone": viewer_zone(booking.doctor),
        "terms": policies.cancellation_terms(booking, kind=Kind.PATIENT, now=now),
        "may_reschedule": policies.may_reschedule(booking, kind=Kind.PATIENT, now=now),
    }
    return render(request, "bookings/done.html", context)


@require_POST
@role_required(Role.PATIENT)
def leave(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Give a held time back and choose another one."""
    booking = own_booking(booking_id)
    if booking.status == Status.HELD:
        services.cancel(booking_id=booking.pk)
    return redirect("bookings:choose", slug=booking.doctor.slug)


def own_booking(booking_id: UUID) -> Booking:
    booking = moves.in_reach(moves.acting()).for_listing().filter(pk=booking_id).first()
    if booking is None:
        raise errors.BookingNotFound
    return booking


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
