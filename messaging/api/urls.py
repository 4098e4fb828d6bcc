"""Addresses of messaging's part of the JSON API, under /api/v1/."""

from django.urls import path

from messaging.api import views

urlpatterns = [
    path("notifications/", views.NoticesView.as_view(), name="notifications"),
    path("notifications/read/", views.ReadAllView.as_view(), name="notifications-read-all"),
    path("notifications/<uuid:notice_id>/read/", views.ReadNoticeView.as_view(), name="notification-read"),
    path(
        "patient/notifications/settings/",
        views.PreferencesView.as_view(),
        name="patient-notification-settings",
    ),
]
