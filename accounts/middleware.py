"""Who is asking, for every web request."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.identity import identity_for
from medai.common.identity import Identity, Kind, acting_as

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class IdentityMiddleware:
    """Enter the identity of the signed-in user for the rest of the request.

    A safe request reads in one transaction, which costs less than an identity for each lone statement and shows one
    state of the database. Other requests leave transactions to the services. Sign-in pages must look accounts up
    before anybody is known, so they run as `sign_in`, which sees accounts but no profile and nothing medical.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with _one_transaction(request):
            with acting_as(_identity_of(request)) as identity:
                request.identity = identity  # type: ignore[attr-defined]
                return self.get_response(request)


def _identity_of(request: HttpRequest) -> Identity:
    with acting_as(Identity(Kind.SIGN_IN)):
        user = request.user
        authenticated = user.is_authenticated
    if request.path.startswith(tuple(settings.SIGN_IN_PATHS)):
        return Identity(Kind.SIGN_IN, user_id=user.pk if authenticated else None)
    return identity_for(user, actor=getattr(request, "actor", None))


def _one_transaction(request: HttpRequest) -> AbstractContextManager[object]:
    if request.method in SAFE_METHODS and not request.path.startswith(tuple(settings.SIGN_IN_PATHS)):
        return transaction.atomic()
    return nullcontext()
