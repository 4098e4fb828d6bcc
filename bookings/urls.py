"""Addresses of booking pages."""

from django.urls import URLPattern

app_name = "bookings"
urlpatterns: list[URLPattern] = []
