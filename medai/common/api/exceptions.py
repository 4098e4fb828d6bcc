"""The one place where failures become JSON."""

import logging
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.core.signals import got_request_exception
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.settings import api_settings

from medai.common.database import is_lost, sqlstate
from medai.common.errors import (
    DomainError,
    FieldError,
    InvalidInput,
    NotFound,
    PermissionRefused,
    ServiceUnavailable,
    SignInRequired,
    TooManyRequests,
)
from medai.common.requests import current_request_id
from medai.common.valkey import AWAY

logger = logging.getLogger(__name__)

INSUFFICIENT_PRIVILEGE = "42501"
# A restart of the database takes seconds.
OUTAGE = 5


class InternalError(DomainError):
    code = "internal_error"
    status = 500
    message = gettext_lazy(
        "Something went wrong on our side. If you ask for help, give this number: %(request_id)s"
    )


class MalformedRequest(DomainError):
    code = "malformed_request"
    status = 400
    message = gettext_lazy("The request could not be read.")


class RequestTooLarge(DomainError):
    code = "request_too_large"
    status = 413
    message = gettext_lazy("The request is too large.")


@dataclass
class Problem:
    status: int
    message: str
    errors: list[FieldError]
    headers: dict[str, str] = field(default_factory=dict)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Any exception as an error answer; an unexpected one is logged, and only its request id is told."""
    problem = _problem(error) or _unexpected(error, context)
    if isinstance(error, DatabaseError) and connection.in_atomic_block:
        # PostgreSQL has given up the transaction around this read; whoever opened it must not try to commit.
        transaction.set_rollback(True)
    errors = [_entry(entry) for entry in problem.errors]
    return Response(
        {"message": problem.message, "errors": errors}, status=problem.status, headers=problem.headers
    )


def _entry(error: FieldError) -> dict[str, Any]:
    entry = {"field": error.field, "code": error.code, "message": str(error.message)}
    return {**entry, "alternatives": list(error.alternatives)} if error.alternatives else entry


def _problem(error: Exception) -> Problem | None:
    if isinstance(error, DomainError):
        return _of_domain(error)
    if isinstance(error, drf.ValidationError):
        return _of_fields(_flatten(error.detail))
    if isinstance(error, ValidationError):
        return _of_fields(_flatten_django(error))
    if isinstance(error, drf.APIException):
        return _of_framework(error)
    for expected, refusal in _TRANSLATED.items():
        if isinstance(error, expected):
            return _of_domain(refusal())
    if isinstance(error, DatabaseError) and sqlstate(error) == INSUFFICIENT_PRIVILEGE:
        # Row-level security held where the code above it did not: safe, but somebody should look.
        logger.error("Row-level security refused a statement", exc_info=error)
        return _of_domain(PermissionRefused())
    if is_lost(error):
        logger.error("The database does not answer: %s", type(error.__cause__ or error).__name__)
        return _of_domain(ServiceUnavailable(retry_after=OUTAGE))
    if isinstance(error, AWAY):
        logger.error("Valkey does not answer: %s", type(error).__name__)
        return _of_domain(ServiceUnavailable())
    return None


_TRANSLATED: dict[type[Exception], type[DomainError]] = {
    Http404: NotFound,
    PermissionDenied: PermissionRefused,
    RequestDataTooBig: RequestTooLarge,
    SuspiciousOperation: MalformedRequest,
}


def _unexpected(error: Exception, context: Mapping[str, Any]) -> Problem:
    request = getattr(context.get("request"), "_request", None)
    view = context.get("view")
    logger.error("Unexpected error in %s", type(view).__name__, exc_info=error)
    got_request_exception.send(sender=type(view), request=request)
    return _of_domain(InternalError(request_id=current_request_id()))


def _of_domain(error: DomainError) -> Problem:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    if isinstance(error, SignInRequired):
        headers["WWW-Authenticate"] = "Bearer"
    return Problem(error.status, str(error), error.errors, headers)


def _of_fields(errors: Iterable[FieldError]) -> Problem:
    return _of_domain(InvalidInput(errors=errors))


def _of_framework(error: drf.APIException) -> Problem:
    if isinstance(error, drf.Throttled):
        return _of_domain(TooManyRequests(retry_after=math.ceil(getattr(error, "wait", None) or 60)))
    if isinstance(error, drf.NotFound):
        return _of_domain(NotFound())
    code = error.get_codes()
    code = code if isinstance(code, str) else error.default_code
    message = str(error.detail) if isinstance(error.detail, str) else _("This is not possible.")
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    return Problem(error.status_code, message, [FieldError(None, code, message)], headers)


def _flatten(detail: Any, path: tuple[str, ...] = ()) -> Iterator[FieldError]:
    """DRF's nested details as a flat list with paths such as `items.0.name`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            is_whole = name in (api_settings.NON_FIELD_ERRORS_KEY, NON_FIELD_ERRORS)
            yield from _flatten(inner, path if is_whole else (*path, str(name)))
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            is_leaf = isinstance(inner, str)
            yield from _flatten(inner, path if is_leaf else (*path, str(number)))
    else:
        yield FieldError(".".join(path) or None, getattr(detail, "code", None) or "invalid", str(detail))


def _flatten_django(error: ValidationError) -> Iterator[FieldError]:
    if not hasattr(error, "error_dict"):
        for inner in error.error_list:
            yield FieldError(None, inner.code or "invalid", " ".join(inner.messages))
        return
    for name, errors in error.error_dict.items():
        for inner in errors:
            path = None if name == NON_FIELD_ERRORS else name
            yield FieldError(path, inner.code or "invalid", " ".join(inner.messages))
