"""Every address of the site; each app's own file says what lies beneath."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from medai.common.api import unknown_route

api = [
    path("", include("accounts.api.urls")),
    path("", include("doctors.api.urls")),
    path("", include("bookings.api.urls")),
    path("", include("messaging.api.urls")),
    path("", include("medai.administration.api")),
]

urlpatterns = [
    path("", include("medai.common.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("doctors.urls")),
    path("", include("bookings.urls")),
    path("", include("messaging.urls")),
    path("api/v1/", include((api, "v1"))),
    re_path(r"^api/(?P<path>[\s\S]*)$", unknown_route),
    path("admin/", admin.site.urls),
]

handler400 = "medai.common.views.bad_request"
handler403 = "medai.common.views.permission_denied"
handler404 = "medai.common.views.page_not_found"
handler500 = "medai.common.views.server_error"

if settings.DEBUG:
    urlpatterns.append(path("", include("medai.local.urls")))
