"""Addresses of the doctors' pages."""

from django.contrib.sitemaps import views as sitemaps
from django.urls import path

from doctors.views import directory, profiles, seo

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
]
