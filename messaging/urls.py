"""Addresses of the notification centre."""

from django.urls import path

from messaging import views

app_name = "messaging"

urlpatterns = [
    path("notifications/", views.notice_list, name="notices"),
    path("notifications/bell/", views.bell, name="bell"),
    path("notifications/read/", views.read_all, name="read-all"),
    path("notifications/<uuid:notice_id>/", views.open_notice, name="open"),
    path("notifications/<uuid:notice_id>/read/", views.read_notice, name="read"),
    path("settings/notifications/", views.settings, name="settings"),
]
