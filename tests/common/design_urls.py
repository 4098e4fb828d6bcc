"""The shared pages alone, so that their tests need no other app's addresses."""

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path

from medai.common import views
from medai.common.api.challenge import ChallengeView


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("as if something failed")


def kept(request: HttpRequest) -> HttpResponse:
    """A page that asks to stay readable offline, as a coming visit does."""
    page = Template(
        '{% extends "base_public.html" %}{% block main %}<h1 data-offline>Kept</h1>{% endblock %}'
    )
    return HttpResponse(page.render(RequestContext(request)))


urlpatterns = [
    path("", views.home, name="home"),
    path("help/", views.help_page, name="help"),
    path("privacy/", views.privacy, name="privacy"),
    path("terms/", views.terms, name="terms"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("language/", views.set_language, name="set-language"),
    path("theme/", views.set_theme, name="set-theme"),
    path("api/v1/public/challenge/", ChallengeView.as_view(), name="public-challenge"),
    path("offline/", views.offline, name="offline"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("service-worker.js", views.service_worker, name="service-worker"),
    path("broken/", broken),
    path("kept/", kept),
    path("slow-down/", lambda request: views.too_many_requests(request, retry_after=150)),
    path("refused/", lambda request: views.permission_denied(request)),
    path("unreadable/", lambda request: views.bad_request(request)),
]

handler400 = "medai.common.views.bad_request"
handler403 = "medai.common.views.permission_denied"
handler404 = "medai.common.views.page_not_found"
handler500 = "medai.common.views.server_error"
