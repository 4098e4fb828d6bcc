"""Addresses of booking pages."""

from django.urls import path

from bookings.views import choose, doctor, flow, links, patient, preview

app_name = "bookings"

urlpatterns = [
    path("book/slots/", choose.card_slots, name="card-slots"),
    path("book/doctors/<uuid:doctor_id>/", choose.picker, name="picker"),
    path("book/holds/<uuid:booking_id>/", flow.details, name="details"),
    path("book/holds/<uuid:booking_id>/leave/", flow.leave, name="leave"),
    path("book/holds/<uuid:booking_id>/done/", flow.done, name="done"),
    path("book/<slug:slug>/", choose.choose, name="choose"),
    path("book/<slug:slug>/start/", flow.start, name="start"),
    path("visit/<str:token>/", links.link, name="link"),
    path("calendar/<str:secret>.ics", links.feed, name="feed"),
    path("settings/calendar/", patient.feed_settings, name="feed-settings"),
    path("settings/calendar/new/", patient.make_feed, name="feed-new"),
    path("settings/calendar/revoke/", patient.revoke_feed, name="feed-revoke"),
    path("patient/", patient.home, name="patient-home"),
    path("patient/bookings/", patient.bookings, name="patient-bookings"),
    path("patient/bookings/<uuid:booking_id>/", patient.booking, name="booking"),
    path("patient/bookings/<uuid:booking_id>/cancel/", patient.cancel, name="cancel"),
    path("patient/bookings/<uuid:booking_id>/reschedule/", patient.reschedule, name="reschedule"),
    path("patient/bookings/<uuid:booking_id>/calendar.ics", patient.calendar_entry, name="calendar-entry"),
    path("doctor/", doctor.today, name="today"),
    path("doctor/calendar/", doctor.calendar, name="doctor-calendar"),
    path("doctor/calendar/events/", doctor.events, name="doctor-events"),
    path("doctor/calendar/block/", doctor.block, name="doctor-block"),
    path("doctor/calendar/block/<uuid:exception_id>/remove/", doctor.unblock, name="doctor-unblock"),
    path("doctor/schedule/preview/", preview.schedule_preview, name="schedule-preview"),
    path("doctor/bookings/", doctor.bookings, name="doctor-bookings"),
    path("doctor/bookings/<uuid:booking_id>/", doctor.booking, name="doctor-booking"),
    path("doctor/bookings/<uuid:booking_id>/move/", doctor.move, name="doctor-move"),
    path("doctor/bookings/<uuid:booking_id>/cancel/", doctor.cancel, name="doctor-cancel"),
    path(
        "doctor/bookings/<uuid:booking_id>/confirm/", doctor.act, {"verb": "confirm"}, name="doctor-confirm"
    ),
    path(
        "doctor/bookings/<uuid:booking_id>/complete/",
        doctor.act,
        {"verb": "complete"},
        name="doctor-complete",
    ),
    path(
        "doctor/bookings/<uuid:booking_id>/no-show/", doctor.act, {"verb": "no-show"}, name="doctor-no-show"
    ),
]
