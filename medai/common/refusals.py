"""Expected refusals that no view has answered itself, as a clear page or, for htmx, a toast."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from medai.common import views
from medai.common.database import is_lost
from medai.common.errors import DomainError, ServiceUnavailable, SignInRequired
from medai.common.requests import Middleware
from medai.common.valkey import AWAY

logger = logging.getLogger(__name__)


class RefusalMiddleware(Middleware):
    @contextmanager
    def around(self, request: HttpRequest) -> Iterator[list[HttpResponseBase]]:
        yield []

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if is_lost(exception):
            logger.error("The database does not answer: %s", type(exception.__cause__ or exception).__name__)
            return views.unavailable(request)
        if isinstance(exception, AWAY):
            logger.error("Valkey does not answer: %s", type(exception).__name__)
            exception = ServiceUnavailable()
        if isinstance(exception, Http404):
            # As everywhere else, also where DEBUG would show developers a page of their own.
            return views.page_not_found(request, exception)
        if not isinstance(exception, DomainError):
            return None
        if isinstance(exception, SignInRequired) and request.method == "GET":
            return redirect_to_login(request.get_full_path())
        response = views.error(request, exception.status, title=str(exception.title), message=str(exception))
        if exception.retry_after:
            response["Retry-After"] = str(exception.retry_after)
        return response
