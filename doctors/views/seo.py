"""What search engines read: the sitemap and robots.txt."""

from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from doctors.directory import DirectoryQuery
from doctors.models import DirectoryEntry, SearchTerm, SearchTermKind, Specialty

# Pages that need an account, or hold nothing to be found by.
CLOSED = ("accounts", "admin", "api", "book", "calendar", "doctor", "files", "patient", "settings", "visit")


class PageSitemap(Sitemap):
    """The pages that are always there."""

    changefreq = "daily"

    def items(self) -> list[str]:
        return ["home", "doctors:directory", "help", "privacy", "terms"]

    def location(self, item: str) -> str:
        return reverse(item)


class SearchSitemap(Sitemap):
    """The directory by specialty and by city."""

    changefreq = "daily"

    def items(self) -> list[DirectoryQuery]:
        cities = SearchTerm.objects.filter(kind=SearchTermKind.CITY).order_by("label")
        return [
            *(
                DirectoryQuery(specialty=slug)
                for slug in Specialty.objects.active().values_list("slug", flat=True)
            ),
            *(DirectoryQuery(city=label) for label in cities.values_list("label", flat=True)),
        ]

    def location(self, item: DirectoryQuery) -> str:
        return f"{reverse('doctors:directory')}?{item.parameters()}"


class DoctorSitemap(Sitemap):
    """Every public doctor."""

    changefreq = "weekly"
    limit = 5000

    def items(self) -> Any:
        return DirectoryEntry.objects.only("slug", "updated_at").order_by("slug")

    def location(self, item: DirectoryEntry) -> str:
        return reverse("doctors:profile", args=[item.slug])

    def lastmod(self, item: DirectoryEntry) -> datetime:
        return item.updated_at


SITEMAPS = {"pages": PageSitemap, "searches": SearchSitemap, "doctors": DoctorSitemap}


@require_safe
@cache_control(max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    sitemap = request.build_absolute_uri(reverse("doctors:sitemap"))
    lines = ["User-agent: *", *(f"Disallow: /{path}/" for path in CLOSED), "", f"Sitemap: {sitemap}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
