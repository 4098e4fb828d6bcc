"""Times are shown in the clock of whoever looks at them."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import Profile

UNSEEN = ("/api/", "/static/", *settings.SIGN_IN_PATHS)


class TimeZoneMiddleware:
    """Make the signed-in person's zone the current one; visitors get each doctor's, which pages choose."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = _zone_of(request)
        if zone is None:
            return self.get_response(request)
        with timezone.override(zone):
            return self.get_response(request)


def _zone_of(request: HttpRequest) -> ZoneInfo | None:
    if request.path.startswith(UNSEEN) or not request.user.is_authenticated:
        return None
    try:
        # The page's menu shows the person's name from the same, now cached, row.
        return ZoneInfo(request.user.profile.time_zone)
    except (Profile.DoesNotExist, ZoneInfoNotFoundError, ValueError):
        return None
