"""Addresses of the doctors' pages."""

from django.contrib.sitemaps import views as sitemaps
from django.urls import path

from doctors.views import directory, onboarding, practice, profiles, schedule, seo

app_name = "doctors"

urlpatterns = [
    path("doctors/", directory.directory, name="directory"),
    path("doctors/suggest/", directory.suggestions, name="suggest"),
    path("doctors/landing/openings/", directory.landing_openings, name="landing-openings"),
    path("doctors/landing/specialties/", directory.landing_specialties, name="landing-specialties"),
    path("doctors/photos/<uuid:doctor_id>/<str:name>", profiles.photo, name="photo"),
    path("doctors/<slug:slug>/", profiles.profile, name="profile"),
    path("robots.txt", seo.robots, name="robots"),
    path(
        "sitemap.xml",
        sitemaps.index,
        {"sitemaps": seo.SITEMAPS, "sitemap_url_name": "doctors:sitemap-section"},
        name="sitemap",
    ),
    path("sitemap-<section>.xml", sitemaps.sitemap, {"sitemaps": seo.SITEMAPS}, name="sitemap-section"),
    path("doctor/onboarding/", onboarding.start, name="onboarding"),
    path("doctor/onboarding/<slug:name>/", onboarding.step, name="onboarding-step"),
    path("doctor/schedule/", schedule.weekly_hours, name="schedule"),
    path("doctor/schedule/exceptions/", schedule.exception_list, name="exceptions"),
    path("doctor/schedule/exceptions/<uuid:exception_id>/", schedule.exception_detail, name="exception"),
    path(
        "doctor/schedule/exceptions/<uuid:exception_id>/remove/",
        schedule.exception_remove,
        name="exception-remove",
    ),
    path("doctor/schedule/rules/", schedule.rules, name="rules"),
    path("doctor/practice/", practice.profile, name="practice"),
    path("doctor/practice/photo/", practice.change_photo, name="practice-photo"),
    path("doctor/practice/offices/", practice.office_list, name="offices"),
    path("doctor/practice/offices/<uuid:office_id>/", practice.office_detail, name="office"),
    path("doctor/practice/offices/<uuid:office_id>/close/", practice.office_close, name="office-close"),
    path("doctor/practice/visits/", practice.visit_type_list, name="visit-types"),
    path("doctor/practice/visits/<uuid:visit_type_id>/", practice.visit_type_detail, name="visit-type"),
    path(
        "doctor/practice/visits/<uuid:visit_type_id>/withdraw/",
        practice.visit_type_withdraw,
        name="visit-type-withdraw",
    ),
    path("doctor/practice/documents/", practice.document_list, name="documents"),
    path(
        "doctor/practice/documents/<uuid:credential_id>/remove/",
        practice.document_remove,
        name="document-remove",
    ),
]
