"""The doctor's portal: today, the calendar, visits."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.guards import role_required
from accounts.models import Role
from bookings import agenda, errors, policies, services
from bookings.forms import BlockForm, CancelForm, MoveForm, errors_of
from bookings.kpis import doctor_kpis
from bookings.models import Booking
from bookings.services import moves
from bookings.transitions import Status
from doctors.models import Doctor
from doctors.services import exceptions
from medai.common import localtime
from medai.common.components.month import Month, month
from medai.common.errors import DomainError
from medai.common.identity import Kind, current_identity
from medai.common.years import read_date

PAGE = 25
MOST_DAYS = 62
VIEWS = {"day": 1, "week": 7}
SIX_WEEKS = 42
SHOWS = {
    "upcoming": (Status.PENDING_CONFIRMATION, Status.CONFIRMED),
    "to_confirm": (Status.PENDING_CONFIRMATION,),
    "past": (Status.COMPLETED, Status.NO_SHOW, Status.CONFIRMED),
    "cancelled": (Status.CANCELLED_BY_PATIENT, Status.CANCELLED_BY_DOCTOR, Status.CANCELLED_BY_ADMIN),
}


def own_doctor() -> Doctor | None:
    """The doctor whose calendar the signed-in person keeps; None before the practice is set up."""
    identity = current_identity()
    return Doctor.objects.filter(pk__in=identity.doctor_ids if identity else ()).first()


def _own_booking(booking_id: UUID) -> Booking:
    found = moves.in_reach(moves.acting()).booked().for_listing().filter(pk=booking_id).first()
    if found is None:
        raise errors.BookingNotFound
    return found


def _set_up_first() -> HttpResponse:
    return redirect("doctors:onboarding")


@require_safe
@never_cache
@role_required(Role.DOCTOR)
def today(request: HttpRequest) -> HttpResponse:
    doctor = own_doctor()
    if doctor is None:
        return _set_up_first()
    now = timezone.now()
    here = now.astimezone(ZoneInfo(doctor.time_zone))
    day = agenda.load_agenda(doctor, here.date(), 1)
    seen = [booking for booking in day.bookings if booking.status in (Status.COMPLETED, Status.NO_SHOW)]
    context = {
        "doctor": doctor,
        "now": now,
        "kpis": doctor_kpis(doctor, now=now),
        "grid": agenda.grid(day, now=now),
        "visits": [booking for booking in day.bookings if booking.status != Status.HELD],
        "seen": len(seen),
        "to_confirm": _listed(doctor).filter(status=Status.PENDING_CONFIRMATION).order_by("starts_at")[:8],
        "to_record": _listed(doctor)
        .filter(status=Status.CONFIRMED, ends_at__lt=now)
        .order_by("-starts_at")[:8],
        "block_form": BlockForm(initial={"date": here.date()}),
    }
    template = "bookings/today.html#content" if request.htmx else "bookings/today.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _listed(doctor: Doctor):  # type: ignore[no-untyped-def]  # a queryset
    return Booking.objects.filter(doctor=doctor).booked().for_listing()


@require_safe
@never_cache
@role_required(Role.DOCTOR)
def calendar(request: HttpRequest) -> HttpResponse:
    """Day, week or month. With a script visits can be dragged; until it has loaded, the page's own days are shown."""
    doctor = own_doctor()
    if doctor is None:
        return _set_up_first()
    now = timezone.now()
    here = now.astimezone(ZoneInfo(doctor.time_zone)).date()
    view = request.GET.get("view", "week")
    view = view if view in (*VIEWS, "month") else "week"
    chosen = _date(request.GET.get("date")) or here
    first, until = _shown(view, chosen)
    # A month is shown in whole weeks, always six, so that the page is as long for each.
    since = first - timedelta(days=first.weekday()) if view == "month" else first
    days = SIX_WEEKS if view == "month" else (until - first).days
    shown = agenda.load_agenda(doctor, since, days)
    context = {
        "doctor": doctor,
        "view": view,
        "chosen": chosen,
        "now": now.astimezone(shown.zone).replace(tzinfo=None),
        "first": first,
        "last": until - timedelta(days=1),
        "previous": _shown(view, first - timedelta(days=1))[0],
        "next": until,
        "grid": agenda.grid(shown, now=now) if view != "month" else None,
        "days": agenda.month_days(shown, month=first.month, now=now) if view == "month" else None,
        "weekdays": localtime.weekdays("abbreviated"),
        "month": _small_month(doctor, view, chosen, here) if view != "month" else None,
        "block_form": BlockForm(initial={"date": first}),
        "visits": [
            booking
            for booking in shown.bookings
            if booking.status != Status.HELD
            and first <= booking.starts_at.astimezone(shown.zone).date() < until
        ],
    }
    return render(request, "bookings/doctor_calendar.html", context)


def _small_month(doctor: Doctor, view: str, chosen: date, today: date) -> Month:
    """The month of a day, with a dot on the days of visits; each day leads to the view of it."""
    address = reverse("bookings:doctor-calendar")

    def link(day: date) -> str:
        return f"{address}?view={view}&date={day}"

    return month(
        chosen.year,
        chosen.month,
        link=link,
        free=agenda.visit_days(doctor, chosen),
        today=today,
        selected=chosen,
        month_link=link,
        only_free=False,
    )


def _shown(view: str, day: date) -> tuple[date, date]:
    """The first day of the view that a day is in, and the first one after it."""
    if view == "month":
        first = day.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1)
    if view == "week":
        day -= timedelta(days=day.weekday())
    return day, day + timedelta(days=VIEWS[view])


@require_safe
@never_cache
@role_required(Role.DOCTOR)
def events(request: HttpRequest) -> HttpResponse:
    """What the calendar shows between two dates, as its script reads it."""
    doctor = own_doctor()
    first, end = _date(request.GET.get("start")), _date(request.GET.get("end"))
    if doctor is None or first is None or end is None or not 0 < (end - first).days <= MOST_DAYS:
        raise Http404
    return JsonResponse(
        agenda.calendar_events(agenda.load_agenda(doctor, first, (end - first).days)), safe=False
    )


@require_POST
@role_required(Role.DOCTOR)
def move(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Put a visit at another time of the doctor's clock; the script's drag and the page's form alike."""
    booking = _own_booking(booking_id)
    form = MoveForm(request.POST, zone=ZoneInfo(booking.doctor.time_zone))
    is_script = request.headers.get("Accept", "").startswith("application/json")
    if not form.is_valid():
        return _moved(request, booking, is_script, errors_of(form), 422)
    try:
        services.reschedule(booking_id=booking.pk, starts_at=form.cleaned_data["starts_at"])
    except DomainError as error:
        return _moved(request, booking, is_script, str(error), error.status)
    return _moved(request, booking, is_script, "", 200)


def _moved(
    request: HttpRequest, booking: Booking, is_script: bool, refusal: str, status: int
) -> HttpResponse:
    if is_script:
        return JsonResponse({"message": refusal or _("Moved. The patient is told.")}, status=status)
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, _("Moved. The patient is told."))
    return redirect("bookings:doctor-booking", booking_id=booking.pk)


@require_POST
@role_required(Role.DOCTOR)
def block(request: HttpRequest) -> HttpResponse:
    """Take time out of the calendar; bookings already made stay where they are."""
    doctor = own_doctor()
    form = BlockForm(request.POST)
    is_script = request.headers.get("Accept", "").startswith("application/json")
    if doctor is None:
        raise Http404
    refusal = ""
    if form.is_valid():
        try:
            exceptions.add_exception(doctor_id=doctor.pk, kind="blocked", **form.arguments)
        except DomainError as error:
            refusal = str(error)
    else:
        refusal = errors_of(form)
    if is_script:
        return JsonResponse({"message": refusal or _("Blocked.")}, status=422 if refusal else 200)
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, _("Blocked. Nobody can book that time."))
    return redirect(f"{reverse('bookings:doctor-calendar')}?date={form.data.get('date', '')}")


@require_POST
@role_required(Role.DOCTOR)
def unblock(request: HttpRequest, exception_id: UUID) -> HttpResponse:
    exceptions.remove_exception(exception_id=exception_id)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"message": _("Open for booking again.")})
    messages.success(request, _("Open for booking again."))
    return redirect("bookings:doctor-calendar")


@require_safe
@never_cache
@role_required(Role.DOCTOR)
def bookings(request: HttpRequest) -> HttpResponse:
    doctor = own_doctor()
    if doctor is None:
        return _set_up_first()
    show = request.GET.get("show", "upcoming")
    show = show if show in SHOWS else "upcoming"
    listed = _listed(doctor).filter(status__in=SHOWS[show])
    now = timezone.now()
    if show == "upcoming":
        listed = listed.filter(ends_at__gt=now).order_by("starts_at")
    elif show == "past":
        listed = listed.filter(ends_at__lte=now).order_by("-starts_at")
    else:
        listed = listed.order_by("starts_at" if show == "to_confirm" else "-starts_at")
    # A NUL is no character to PostgreSQL.
    words = request.GET.get("q", "").replace("\x00", " ").strip()
    for word in words.split()[:5]:
        listed = listed.filter(patient__first_name__icontains=word) | listed.filter(
            patient__last_name__icontains=word
        )
    context = {
        "doctor": doctor,
        "page_obj": Paginator(listed, PAGE).get_page(request.GET.get("page")),
        "show": show,
        "words": words,
        "waiting": _listed(doctor).filter(status=Status.PENDING_CONFIRMATION).count(),
    }
    template = "bookings/doctor_bookings.html#content" if request.htmx else "bookings/doctor_bookings.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_safe
@never_cache
@role_required(Role.DOCTOR)
def booking(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    one = _own_booking(booking_id)
    return render(request, "bookings/doctor_booking.html", _booking_context(one))


def _booking_context(one: Booking) -> dict[str, object]:
    now = timezone.now()
    zone = ZoneInfo(one.doctor.time_zone)
    history = (
        Booking.objects.filter(doctor=one.doctor, patient=one.patient)
        .booked()
        .exclude(pk=one.pk)
        .select_related("visit_type")
        .order_by("-starts_at")[:10]
    )
    return {
        "booking": one,
        "zone": zone,
        "transitions": one.transitions.order_by("created_at"),
        "history": history,
        "may_confirm": one.status == Status.PENDING_CONFIRMATION and one.starts_at > now,
        "may_record": one.status == Status.CONFIRMED and one.starts_at <= now,
        "may_cancel": policies.may_cancel(one, now=now),
        "may_reschedule": policies.may_reschedule(one, kind=Kind.DOCTOR, now=now),
        "cancel_form": CancelForm(),
        "move_form": MoveForm(
            zone=zone,
            initial={
                "date": one.starts_at.astimezone(zone).date(),
                "time": one.starts_at.astimezone(zone).time(),
            },
        ),
        "age": _age(one.patient.date_of_birth, now.astimezone(zone).date()),
    }


def _age(born: date | None, day: date) -> int | None:
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@require_POST
@role_required(Role.DOCTOR)
def act(request: HttpRequest, booking_id: UUID, verb: str) -> HttpResponse:
    """Confirm, complete or mark as not attended, from any page; back to where it was asked."""
    one = _own_booking(booking_id)
    verbs = {
        "confirm": (services.confirm, _("Confirmed. The patient is told.")),
        "complete": (services.complete, _("Recorded as completed.")),
        "no-show": (services.mark_no_show, _("Recorded as not attended.")),
    }
    service, message = verbs[verb]
    try:
        service(booking_id=one.pk)
        messages.success(request, message)
    except DomainError as error:
        messages.error(request, str(error))
    back = request.POST.get("back", "")
    return redirect(
        back if back.startswith("/doctor/") else reverse("bookings:doctor-booking", args=[one.pk])
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.DOCTOR)
def cancel(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    one = _own_booking(booking_id)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.cancel(booking_id=one.pk, reason=form.cleaned_data["reason"])
        messages.success(request, _("Cancelled. The patient is told and offered other times."))
        return redirect("bookings:doctor-booking", booking_id=one.pk)
    context = {**_booking_context(one), "form": form}
    return render(request, "bookings/doctor_cancel.html", context, status=422 if form.errors else 200)


def _date(text: str | None) -> date | None:
    try:
        return read_date((text or "")[:10])
    except ValueError:
        return None
