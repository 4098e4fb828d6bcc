"""The addresses of a local run: the product's, and the mailbox."""

from django.urls import include, path

from medai.urls import urlpatterns as product

urlpatterns = [*product, path("", include("medai.local.urls"))]
