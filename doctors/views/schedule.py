"""The schedule editor: weekly hours with a live preview, exceptions, booking rules."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doctors import schedules
from doctors.errors import StaleSchedule
from doctors.forms import ExceptionForm, RulesForm
from doctors.forms.refusals import posted, refuse
from doctors.models import Doctor, Office, ScheduleException, WeeklyHours
from doctors.models.schedules import RangeMode
from doctors.schedules import ParsedHours, TypedRange
from doctors.services import exceptions
from doctors.services import schedules as services
from doctors.views.portal import is_partial, practice_page, schedule_tabs
from medai.common import localtime
from medai.common.errors import DomainError
from medai.common.navigation import address

EXCEPTION_NAMES = {"start": "start_minute", "end": "end_minute"}
FIRST_RANGE = {"from": "08:00", "to": "12:00"}
LATER_RANGE = {"from": "14:00", "to": "18:00"}
WEEKDAYS = (1, 2, 3, 4, 5)


# --- Weekly hours ---


@require_http_methods(["GET", "HEAD", "POST"])
@practice_page
def weekly_hours(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    if request.method == "POST":
        response = save_hours(request, doctor, after=reverse("doctors:schedule"))
        if isinstance(response, HttpResponse):
            return response
        context, status = response
    else:
        context, status = hours_context(doctor, saved_form(doctor)), 200
    if is_partial(request):
        return render(request, "doctors/_hours_form.html", context, status=status)
    context["tabs"] = schedule_tabs(doctor, "schedule")
    return render(request, "doctors/schedule.html", context, status=status)


def save_hours(
    request: HttpRequest, doctor: Doctor, *, after: str
) -> HttpResponse | tuple[dict[str, Any], int]:
    """Answer a press of any of the form's buttons: where to go next, or what to show again and its status."""
    parsed = schedules.parse_weekly_hours(request.POST)
    version = _version(request)
    if _edit(request, parsed):
        return hours_context(doctor, parsed, version=version), 200
    _require_ranges(parsed)
    if not parsed.is_valid:
        return hours_context(doctor, parsed, version=version), 422
    try:
        services.replace_weekly_hours(doctor_id=doctor.pk, version=version, hours=parsed.rows)
    except StaleSchedule as error:
        saved = WeeklyHours.objects.filter(doctor=doctor)
        context = hours_context(doctor, parsed, version=error.params["current_version"])
        context["stale"] = error
        context["differences"] = schedules.differences(parsed.rows, saved)
        return context, 409
    except DomainError as error:
        _show(parsed, error)
        return hours_context(doctor, parsed, version=version), 422
    messages.success(request, _("Your hours are saved. Visits already booked stay where they are."))
    if is_partial(request):
        response = HttpResponse()
        response["HX-Redirect"] = after
        return response
    return redirect(after)


def saved_form(doctor: Doctor) -> ParsedHours:
    return schedules.form_of(list(WeeklyHours.objects.filter(doctor=doctor)))


def hours_context(doctor: Doctor, parsed: ParsedHours, *, version: int | None = None) -> dict[str, Any]:
    offices = list(Office.objects.filter(doctor=doctor, is_active=True))
    usual = {"", *(str(office.pk) for office in offices[:1])}
    for ranges in parsed.days.values():
        for each in ranges:
            each.is_elsewhere = each.values.get("office", "") not in usual
    return {
        "doctor": doctor,
        "parsed": parsed,
        "version": version or doctor.schedule_version,
        "days": [
            {
                "number": day,
                "name": schedules.day_name(day),
                "is_on": day in parsed.active_days,
                # What a day shows as soon as it is switched on, with a script or without.
                "ranges": parsed.days[day] or [_new_range(day, 0, FIRST_RANGE)],
                "may_copy": day == WEEKDAYS[0],
            }
            for day in schedules.WEEK
        ],
        "modes": [("both", _("In person or video")), ("in_person", _("In person")), ("video", _("Video"))],
        "place": localtime.city(doctor.time_zone),
        "offices": offices if len(offices) > 1 else [],
        "preview_url": address("bookings:schedule-preview"),
    }


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    # Without a readable version nobody knows what the person had before them: any saved state is newer.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _edit(request: HttpRequest, parsed: ParsedHours) -> bool:
    """Do what a button of the form asks for that is no saving: add, remove or copy ranges."""
    if request.POST.get("add", "") in map(str, schedules.WEEK):
        _add_range(parsed, int(request.POST["add"]))
    elif "remove" in request.POST:
        _remove_range(parsed, f"day-{request.POST['remove']}")
    elif "copy" in request.POST:
        _copy_monday(parsed)
    else:
        return False
    return True


def _remove_range(parsed: ParsedHours, path: str) -> None:
    for day, ranges in parsed.days.items():
        kept = [each for each in ranges if each.path != path]
        if ranges and not kept:
            parsed.active_days.discard(day)
        parsed.days[day] = kept


def _copy_monday(parsed: ParsedHours) -> None:
    monday, *others = WEEKDAYS
    for day in others:
        parsed.days[day] = [TypedRange(day, each.number, dict(each.values)) for each in parsed.days[monday]]
        parsed.active_days.add(day)


def _add_range(parsed: ParsedHours, day: int) -> None:
    """One more; of a day that was closed, the hours that it had."""
    ranges = parsed.days[day]
    is_closed = day not in parsed.active_days
    if len(ranges) < schedules.MOST_RANGES and not (is_closed and ranges):
        number = max((each.number for each in ranges), default=-1) + 1
        ranges.append(_new_range(day, number, LATER_RANGE if ranges else FIRST_RANGE))
    parsed.active_days.add(day)


def _new_range(day: int, number: int, values: dict[str, str]) -> TypedRange:
    return TypedRange(day, number, {**values, "mode": RangeMode.BOTH.value})


def _require_ranges(parsed: ParsedHours) -> None:
    """A day that is switched on needs hours."""
    for day in sorted(parsed.active_days):
        if not any(each.values.get("from") or each.values.get("to") for each in parsed.days[day]):
            parsed.days[day] = []
            _add_range(parsed, day)
            parsed.add_error(
                parsed.days[day][0], "from", "required", _("Say from when to when, or switch the day off.")
            )


def _show(parsed: ParsedHours, error: DomainError) -> None:
    """Put a refusal of the service at the range it names."""
    typed = [
        each
        for day in schedules.WEEK
        if day in parsed.active_days
        for each in parsed.days[day]
        if each.values.get("from") or each.values.get("to")
    ]
    for entry in error.errors:
        parts = (entry.field or "").split(".")
        place = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
        part = "office" if parts[-1] == "office" else "from"
        if place < len(typed):
            parsed.add_error(typed[place], part, entry.code, str(entry.message))


# --- Exceptions ---


@require_http_methods(["GET", "HEAD", "POST"])
@practice_page
def exception_list(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    form = ExceptionForm(posted(request), doctor=doctor)
    if request.method == "POST" and form.is_valid():
        try:
            rows = exceptions.add_exception(doctor_id=doctor.pk, **form.details)
        except DomainError as error:
            refuse(form, error, EXCEPTION_NAMES)
        else:
            messages.success(
                request,
                _("Saved. Visits already booked stay; cancel or move them in the calendar if need be.")
                if rows[0].kind == "blocked"
                else _("Saved."),
            )
            return redirect("doctors:exceptions")
    context = {
        **hours_context(doctor, saved_form(doctor)),
        "form": form,
        "exceptions": exceptions.upcoming(doctor),
        "tabs": schedule_tabs(doctor, "exceptions"),
    }
    return render(request, "doctors/exceptions.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@practice_page
def exception_detail(request: HttpRequest, doctor: Doctor, exception_id: UUID) -> HttpResponse:
    exception = get_object_or_404(ScheduleException, pk=exception_id, doctor=doctor)
    form = ExceptionForm(posted(request), doctor=doctor, exception=exception)
    if request.method == "POST" and form.is_valid():
        try:
            exceptions.change_exception(exception_id=exception.pk, **form.details)
        except DomainError as error:
            refuse(form, error, EXCEPTION_NAMES)
        else:
            messages.success(request, _("Saved."))
            return redirect("doctors:exceptions")
    context = {"doctor": doctor, "exception": exception, "form": form}
    return render(request, "doctors/exception.html", context, status=422 if form.is_bound else 200)


@require_POST
@practice_page
def exception_remove(request: HttpRequest, doctor: Doctor, exception_id: UUID) -> HttpResponse:
    exception = get_object_or_404(ScheduleException, pk=exception_id, doctor=doctor)
    exceptions.remove_exception(exception_id=exception.pk)
    messages.success(request, _("Removed. Your usual hours hold again on that day."))
    return redirect("doctors:exceptions")


# --- Rules ---


@require_http_methods(["GET", "HEAD", "POST"])
@practice_page
def rules(request: HttpRequest, doctor: Doctor) -> HttpResponse:
    form = RulesForm(posted(request), doctor=doctor)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            changes = dict(form.cleaned_data)
            try:
                services.update_rules(doctor_id=doctor.pk, version=changes.pop("version"), **changes)
            except StaleSchedule as error:
                form = _with_version(form, error.params["current_version"])
                refuse(form, error)
                status = 409
            except DomainError as error:
                refuse(form, error)
            else:
                messages.success(request, _("Your rules are saved. They hold for new bookings."))
                return redirect("doctors:rules")
    context = {
        **hours_context(doctor, saved_form(doctor)),
        "form": form,
        "tabs": schedule_tabs(doctor, "rules"),
    }
    return render(request, "doctors/rules.html", context, status=status)


def _with_version(form: RulesForm, version: int) -> RulesForm:
    """What was typed, to be sent again knowing of the newer schedule."""
    data: Any = dict(form.data.items())
    data["version"] = str(version)
    form.data = data
    return form
