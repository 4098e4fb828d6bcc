"""The base class of the JSON endpoints, and the answers they give."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from medai.common.errors import NotFound


def answer(
    data: Any = None,
    *,
    message: str | Promise = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A successful answer; the envelope goes around it when it is rendered."""
    response = Response(data, status=status, headers=headers)
    response.message = message  # type: ignore[attr-defined]  # read by the renderer
    return response


class ApiView(APIView):
    """A JSON endpoint: envelope, errors, limits and sign-in come from the settings of REST framework.

    `rate_scope` names an entry of RATE_LIMITS that holds for this endpoint beside the general ones.
    """

    rate_scope: str | None = None


@extend_schema(exclude=True)
class _UnknownRoute(ApiView):
    permission_classes = [AllowAny]
    authentication_classes: list[type] = []
    throttle_classes: list[type] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound


@csrf_exempt  # or a POST to nowhere would get the page about cookies
def unknown_route(request: HttpRequest, path: str = "") -> Any:
    """The last route under /api/: an address that does not exist gets the envelope too."""
    return _UnknownRoute.as_view()(request)
