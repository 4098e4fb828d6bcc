"""Addresses of the bookings' part of the JSON API, under /api/v1/."""

from django.urls import path

from bookings.api import doctor, patient, public, staff

urlpatterns = [
    path("public/slots/", public.SlotsView.as_view(), name="public-slots"),
    path("patient/holds/", patient.PatientHoldsView.as_view(), name="patient-holds"),
    path("patient/bookings/", patient.PatientBookingsView.as_view(), name="patient-bookings"),
    path("patient/bookings/<uuid:booking_id>/", patient.PatientBookingView.as_view(), name="patient-booking"),
    path(
        "patient/bookings/<uuid:booking_id>/cancel/",
        patient.PatientCancelView.as_view(),
        name="patient-booking-cancel",
    ),
    path(
        "patient/bookings/<uuid:booking_id>/reschedule/",
        patient.PatientRescheduleView.as_view(),
        name="patient-booking-reschedule",
    ),
    path("doctor/dashboard-kpis/", doctor.DashboardKpisView.as_view(), name="doctor-dashboard-kpis"),
    path("doctor/bookings/", doctor.DoctorBookingsView.as_view(), name="doctor-bookings"),
    path("doctor/bookings/<uuid:booking_id>/", doctor.DoctorBookingView.as_view(), name="doctor-booking"),
    path(
        "doctor/bookings/<uuid:booking_id>/confirm/",
        doctor.DoctorConfirmView.as_view(),
        name="doctor-booking-confirm",
    ),
    path(
        "doctor/bookings/<uuid:booking_id>/complete/",
        doctor.DoctorCompleteView.as_view(),
        name="doctor-booking-complete",
    ),
    path(
        "doctor/bookings/<uuid:booking_id>/no-show/",
        doctor.DoctorNoShowView.as_view(),
        name="doctor-booking-no-show",
    ),
    path(
        "doctor/bookings/<uuid:booking_id>/cancel/",
        doctor.DoctorCancelView.as_view(),
        name="doctor-booking-cancel",
    ),
    path(
        "doctor/bookings/<uuid:booking_id>/reschedule/",
        doctor.DoctorRescheduleView.as_view(),
        name="doctor-booking-reschedule",
    ),
    path("admin/bookings/", staff.AdminBookingsView.as_view(), name="admin-bookings"),
    path("admin/bookings/<uuid:booking_id>/", staff.AdminBookingView.as_view(), name="admin-booking"),
    path(
        "admin/bookings/<uuid:booking_id>/cancel/",
        staff.AdminCancelView.as_view(),
        name="admin-booking-cancel",
    ),
]
