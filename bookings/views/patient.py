"""The patient's portal: home, bookings, one booking, moving and cancelling it, calendar feed."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.guards import role_required, user_of
from accounts.models import Role
from bookings import errors, policies, services
from bookings.calendars import feeds
from bookings.calendars.ics import booking_ics
from bookings.forms import CancelForm
from bookings.models import Booking, CalendarFeed
from bookings.models.bookings import BookingQuerySet
from bookings.picker import build_picker, read_choice, read_moment, viewer_zone
from bookings.services import moves
from bookings.views.flow import own_booking
from medai.common.errors import DomainError
from medai.common.identity import Kind, current_identity

SHOWN_ON_HOME = 5
PAGE = 20


@require_safe
@never_cache
@role_required(Role.PATIENT)
def home(request: HttpRequest) -> HttpResponse:
    upcoming = list(_own().upcoming().for_listing()[: SHOWN_ON_HOME + 1])
    seen: dict[UUID, Booking] = {}
    for booking in _own().booked().for_listing().order_by("-starts_at")[:50]:
        seen.setdefault(booking.doctor_id, booking)
    context = {
        "next": upcoming[0] if upcoming else None,
        "later": upcoming[1:],
        "held": _own().on_hold().for_listing().first(),
        "doctors": list(seen.values())[:4],
        "today": timezone.now(),
        "topics": _topics(),
        "first_name": getattr(getattr(user_of(request), "profile", None), "first_name", ""),
    }
    template = "bookings/patient_home.html#content" if request.htmx else "bookings/patient_home.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_safe
@never_cache
@role_required(Role.PATIENT)
def bookings(request: HttpRequest) -> HttpResponse:
    showing = "past" if request.GET.get("show") == "past" else "upcoming"
    listed = _own().past() if showing == "past" else _own().upcoming()
    page = Paginator(listed.for_listing(), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "showing": showing, "topics": _topics()}
    template = "bookings/patient_bookings.html#content" if request.htmx else "bookings/patient_bookings.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_safe
@never_cache
@role_required(Role.PATIENT)
def booking(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    one = own_booking(booking_id)
    template = "bookings/patient_booking.html#content" if request.htmx else "bookings/patient_booking.html"  # type: ignore[attr-defined]
    return render(request, template, booking_context(one))


def booking_context(one: Booking) -> dict[str, object]:
    """What a page about one booking shows to its patient."""
    now = timezone.now()
    return {
        "booking": one,
        "zone": viewer_zone(one.doctor),
        "terms": policies.cancellation_terms(one, kind=Kind.PATIENT, now=now),
        "may_cancel": policies.may_cancel(one, now=now),
        "may_reschedule": policies.may_reschedule(one, kind=Kind.PATIENT, now=now),
        "transitions": one.transitions.order_by("created_at"),
        "cancel_form": CancelForm(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.PATIENT)
def cancel(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Ask once more, saying what it costs; then cancel."""
    one = own_booking(booking_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.cancel(booking_id=one.pk, reason=form.cleaned_data["reason"])
        messages.success(request, _("Your visit is cancelled. The time is free for somebody else."))
        return redirect("bookings:booking", booking_id=one.pk)
    context = {**booking_context(one), "form": form}
    return render(request, "bookings/cancel.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.PATIENT)
def reschedule(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Choose another time for a booking and move it there in one step."""
    one = own_booking(booking_id)
    now = timezone.now()
    if not policies.may_reschedule(one, kind=Kind.PATIENT, now=now):
        raise errors.TooLateToChange
    error: DomainError | None = None
    if request.method == "POST":
        error = move_to(one, request.POST.get("start", ""))
        if error is None:
            messages.success(request, _("Your visit has been moved."))
            return redirect("bookings:booking", booking_id=one.pk)
    context = {**reschedule_context(request, one), "error": error}
    return render(request, "bookings/reschedule.html", context, status=error.status if error else 200)


def move_to(one: Booking, start: str) -> DomainError | None:
    """Move the booking; the refusal if it cannot be."""
    moment = read_moment(start)
    if moment is None:
        return errors.SlotNotOffered()
    try:
        services.reschedule(booking_id=one.pk, starts_at=moment)
    except (errors.SlotError, errors.PatientBusy) as error:
        return error
    return None


def reschedule_context(request: HttpRequest, one: Booking) -> dict[str, object]:
    zone = viewer_zone(one.doctor)
    wanted = {**request.GET.dict(), "visit_type": str(one.visit_type_id), "visit_mode": one.visit_mode}
    wanted.setdefault("from", one.starts_at.astimezone(zone).date().isoformat())
    visit_types = [one.visit_as_booked]
    choice = read_choice(one.doctor, visit_types, wanted, zone)
    picker = build_picker(
        one.doctor,
        visit_types,
        choice,
        zone,
        link=lambda start, chosen: "",
        month_url=lambda query: f"{request.path}?{query}",
        moving=one,
    )
    return {"booking": one, "zone": zone, "picker": picker, "doctor": one.doctor}


@require_safe
@never_cache
@role_required(Role.PATIENT)
def calendar_entry(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The booking as a file for the person's calendar."""
    one = own_booking(booking_id)
    return calendar_response(booking_ics(one, audience="patient"), one.reference)


def calendar_response(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


@require_safe
@never_cache
@role_required(Role.PATIENT, Role.DOCTOR)
def feed_settings(request: HttpRequest) -> HttpResponse:
    feed = CalendarFeed.objects.filter(user=request.user.pk, revoked_at=None).first()
    return render(request, "bookings/feed.html", {"feed": feed})


@require_POST
@role_required(Role.PATIENT, Role.DOCTOR)
def make_feed(request: HttpRequest) -> HttpResponse:
    """A new private address; it is shown this once."""
    feed, secret = feeds.create_feed(user=request.user)  # type: ignore[arg-type]  # the guard let a user in
    url = request.build_absolute_uri(reverse("bookings:feed", args=[secret]))
    return render(request, "bookings/feed.html", {"feed": feed, "feed_url": url})


@require_POST
@role_required(Role.PATIENT, Role.DOCTOR)
def revoke_feed(request: HttpRequest) -> HttpResponse:
    feeds.revoke_feed(user=request.user)  # type: ignore[arg-type]  # the guard let a user in
    messages.success(request, _("The calendar address no longer works."))
    return redirect("bookings:feed-settings")


def _own() -> BookingQuerySet:
    return moves.in_reach(moves.acting())


def _topics() -> str:
    identity = current_identity()
    return " ".join(f"patient-bookings:{patient}" for patient in (identity.patient_ids if identity else ()))
