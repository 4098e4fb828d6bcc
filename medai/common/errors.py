"""Expected failures: each has a stable code, an HTTP status and a message in the person's language.

The API turns them into its error envelope, the portal into a page or an htmx swap; services only raise them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with what was sent; `field` is a path such as `items.0.name`.

    `alternatives` are what would have been right instead, where there is such a list.
    """

    field: str | None
    code: str
    message: str | Promise
    alternatives: tuple[Any, ...] = ()


class DomainError(Exception):
    """An expected refusal. Subclasses set `code`, `status` and `message`.

    `message` may hold `%(name)s` placeholders that keyword arguments fill. `retry_after` (seconds) is sent as
    the `Retry-After` header where a later attempt makes sense. `title` heads a page that shows nothing else.
    """

    code: str = "refused"
    status: int = 400
    title: str | Promise = ""
    message: str | Promise = _("This is not possible.")
    retry_after: int | None = None

    def __init__(self, *, field: str | None = None, **params: Any) -> None:
        super().__init__()
        self.field = field
        self.params = params
        self.retry_after = params.get("retry_after", self.retry_after)

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.params if self.params else text

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.field, self.params))

    @property
    def errors(self) -> list[FieldError]:
        """What the error envelope lists."""
        return [FieldError(self.field, self.code, str(self))]


def _rebuild(cls: type[DomainError], field: str | None, params: dict[str, Any]) -> DomainError:
    return cls(field=field, **params)


class InvalidInput(DomainError):
    """Several fields are wrong at once: `InvalidInput(errors=[FieldError("ends_at", "before_start", …)])`."""

    code = "invalid"
    status = 400
    message = _("Some of what was sent is not right. Please check the marked fields.")

    def __init__(self, *, errors: Iterable[FieldError] = (), field: str | None = None, **params: Any) -> None:
        super().__init__(field=field, **params)
        self._errors = list(errors)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.field, {"errors": self._errors, **self.params}))

    @property
    def errors(self) -> list[FieldError]:
        return self._errors or super().errors


class SignInRequired(DomainError):
    code = "not_authenticated"
    status = 401
    message = _("Please sign in first.")


class PermissionRefused(DomainError):
    code = "permission_denied"
    status = 403
    message = _("You are not allowed to do this.")


class NotFound(DomainError):
    code = "not_found"
    status = 404
    message = _("This does not exist, or you may not see it.")


class StaleVersion(DomainError):
    """Someone else changed the thing since it was read; the caller must read it again first."""

    code = "stale_version"
    status = 409
    message = _("This was changed in the meantime. Please look at the current version and try again.")


class IdempotencyKeyReused(DomainError):
    code = "idempotency_key_reused"
    status = 422
    message = _("This was already sent with other contents. Please reload and send it again.")


class TooManyRequests(DomainError):
    code = "throttled"
    status = 429
    message = _("Too many requests. Please wait a moment and try again.")
    retry_after = 60


class Busy(DomainError):
    """A lock could not be had in time; nothing was changed and the same request may be sent again."""

    code = "busy"
    status = 503
    message = _("Many people are using this right now. Please try again in a moment.")
    retry_after = 2


class ServiceUnavailable(DomainError):
    """Something this needs (a scanner, a provider) does not answer."""

    code = "service_unavailable"
    status = 503
    message = _("This service is not available right now. Please try again later.")
    retry_after = 30
