"""Public reads that a client may keep: an ETag, and 304 while nothing changed."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response


class ConditionalGetMixin:
    """For endpoints whose answer is the same for everybody. `max_age`: seconds without asking again."""

    max_age = 0

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]  # a mixin
        if request.method in ("GET", "HEAD") and response.status_code == 200:
            patch_vary_headers(response, ["Accept-Language", "Accept", "Cookie"])
            patch_cache_control(response, public=True, max_age=self.max_age, must_revalidate=True)
            response.add_post_render_callback(lambda rendered: _conditional(request._request, rendered))
        return response


def _conditional(request: HttpRequest, response: Response) -> HttpResponse:
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
