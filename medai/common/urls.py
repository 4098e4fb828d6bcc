from django.urls import path

from medai.common import views
from medai.common.api.challenge import ChallengeView
from medai.common.api.docs import DocsView, SchemaView
from medai.common.files.views import FileView

urlpatterns = [
    path("", views.home, name="home"),
    path("help/", views.help_page, name="help"),
    path("privacy/", views.privacy, name="privacy"),
    path("terms/", views.terms, name="terms"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("language/", views.set_language, name="set-language"),
    path("theme/", views.set_theme, name="set-theme"),
    path("offline/", views.offline, name="offline"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("service-worker.js", views.service_worker, name="service-worker"),
    path("files/<str:token>", FileView.as_view(), name="file"),
    path("api/v1/public/challenge/", ChallengeView.as_view(), name="public-challenge"),
    path("api/schema/", SchemaView.as_view(), name="api_schema"),
    path("api/docs/", DocsView.as_view(), name="api_docs"),
]
