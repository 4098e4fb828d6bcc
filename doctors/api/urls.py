"""Addresses of the doctors' part of the JSON API, under /api/v1/."""

from django.urls import path

from doctors.api import doctor, public, staff

urlpatterns = [
    path("public/specialties/", public.SpecialtiesView.as_view(), name="public-specialties"),
    path("public/doctors/", public.DoctorsView.as_view(), name="public-doctors"),
    path("public/doctors/<slug:slug>/", public.DoctorView.as_view(), name="public-doctor"),
    path("doctor/profile/", doctor.ProfileView.as_view(), name="doctor-profile"),
    path("doctor/submission/", doctor.SubmissionView.as_view(), name="doctor-submission"),
    path("doctor/credentials/", doctor.CredentialsView.as_view(), name="doctor-credentials"),
    path("doctor/schedule/", doctor.ScheduleView.as_view(), name="doctor-schedule"),
    path("doctor/exceptions/", doctor.ExceptionsView.as_view(), name="doctor-exceptions"),
    path("doctor/exceptions/<uuid:exception_id>/", doctor.ExceptionView.as_view(), name="doctor-exception"),
    path("doctor/visit-types/", doctor.VisitTypesView.as_view(), name="doctor-visit-types"),
    path(
        "doctor/visit-types/<uuid:visit_type_id>/", doctor.VisitTypeView.as_view(), name="doctor-visit-type"
    ),
    path("doctor/offices/", doctor.OfficesView.as_view(), name="doctor-offices"),
    path("doctor/offices/<uuid:office_id>/", doctor.OfficeView.as_view(), name="doctor-office"),
    path("admin/doctors/", staff.DoctorsView.as_view(), name="admin-doctors"),
    path("admin/doctors/<uuid:doctor_id>/", staff.DoctorView.as_view(), name="admin-doctor"),
    path(
        "admin/doctors/<uuid:doctor_id>/approval/", staff.ApprovalView.as_view(), name="admin-doctor-approval"
    ),
    path(
        "admin/doctors/<uuid:doctor_id>/credentials/",
        staff.DoctorCredentialsView.as_view(),
        name="admin-doctor-credentials",
    ),
    path("admin/specialties/", staff.StaffSpecialtiesView.as_view(), name="admin-specialties"),
    path(
        "admin/specialties/<uuid:specialty_id>/", staff.StaffSpecialtyView.as_view(), name="admin-specialty"
    ),
]
