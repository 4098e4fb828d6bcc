"""Pages behind the signed links of messages and behind calendar feeds: no sign-in, one booking each."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bookings import services
from bookings.calendars.feeds import read_feed
from bookings.calendars.ics import booking_ics
from bookings.forms import CancelForm
from bookings.links import acting_for, read_token
from bookings.models import Booking
from bookings.views.patient import booking_context, calendar_response, move_to, reschedule_context


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The booking of a message; its buttons post back here with what to do."""
    opened = read_token(token)
    with acting_for(opened):
        one = Booking.objects.for_listing().get(pk=opened.booking.pk)
        if request.method == "POST" and request.POST.get("do") == "cancel":
            return _cancel(request, one, token)
        if request.method == "POST" and request.POST.get("do") == "reschedule":
            return _reschedule(request, one, token)
        if request.GET.get("file") == "ics":
            return calendar_response(booking_ics(one, audience="patient"), one.reference)
        return _page(request, one, token, opened.purpose)


def _page(request: HttpRequest, one: Booking, token: str, purpose: str, **extra: Any) -> HttpResponse:
    context = {**booking_context(one), "token": token, "purpose": purpose, **extra}
    moving = "move" in request.GET or (purpose == "reschedule" and "keep" not in request.GET)
    if context["may_reschedule"] and moving:
        context |= reschedule_context(request, one)
    error = extra.get("error")
    response = render(request, "bookings/link.html", context, status=error.status if error else 200)
    # The address is a secret: no other site may learn it from a link that is followed. Our own has to: under
    # "no-referrer" a browser sends the page's forms with "Origin: null", which the check against forgery refuses.
    response["Referrer-Policy"] = "same-origin"
    return response


def _cancel(request: HttpRequest, one: Booking, token: str) -> HttpResponse:
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _page(request, one, token, "cancel", cancel_form=form)
    services.cancel(booking_id=one.pk, reason=form.cleaned_data["reason"])
    return redirect("bookings:link", token=token)


def _reschedule(request: HttpRequest, one: Booking, token: str) -> HttpResponse:
    error = move_to(one, request.POST.get("start", ""))
    if error is not None:
        return _page(request, one, token, "reschedule", error=error)
    return redirect("bookings:link", token=token)


@require_safe
@never_cache
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """A private calendar feed, as calendar apps read it."""
    response = HttpResponse(read_feed(secret=secret), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="medai.ics"'
    return response
