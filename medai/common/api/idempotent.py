"""`Idempotency-Key` on POSTs that create something."""

import functools
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from medai.common.errors import DomainError
from medai.common.idempotency import Answer, fingerprint, run_once, scope_of

HEADER = "Idempotency-Key"
# A refusal that was decided from the state of things is part of the answer. Anything else (bad input, nobody
# signed in, too many requests, our own failures) is forgotten, so that the corrected request may use the key.
KEPT_REFUSAL = 409


class IdempotentCreateMixin:
    """The first answer to a POST is kept for a day by its `Idempotency-Key`, and given to every repetition.

    The view's work, the key and the answer commit together. Repetitions carry `Idempotent-Replayed: true`; the
    same key with another body is refused with 422. Without the header the POST runs as ever.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]  # a mixin of APIView
        if request.method == "POST" and (key := request.headers.get(HEADER)) is not None:
            original = getattr(self, "post", None)
            if original is not None:
                self.__dict__["post"] = functools.partial(self._post_once, original, key)

    def _post_once(
        self, original: Callable[..., Response], key: str, request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        responses: list[Response] = []

        def run() -> Answer:
            responses[:] = [self._refusal_or_answer(original, request, *args, **kwargs)]
            return _packed(responses[0])

        user_id = request.user.pk if request.user and request.user.is_authenticated else None
        kept = run_once(
            scope=scope_of(request._request, user_id),
            key=key,
            route=f"POST {request.path}",
            request_hash=fingerprint(request.get_full_path(), request.data),
            user_id=user_id,
            function=run,
        )
        return _unpacked(kept) if kept.is_replayed else responses[0]

    def _refusal_or_answer(
        self, original: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        try:
            with transaction.atomic():
                return original(request, *args, **kwargs)
        except DomainError as error:
            if error.status != KEPT_REFUSAL:
                raise
            return self.handle_exception(error)  # type: ignore[attr-defined]  # APIView's


def _packed(response: Response) -> Answer:
    parts = {
        "data": response.data,
        "message": str(getattr(response, "message", "") or ""),
        "failed": bool(response.exception),
        "headers": {name: response[name] for name in ("Location",) if name in response},
    }
    is_kept = response.status_code < 400 or response.status_code == KEPT_REFUSAL
    return Answer(response.status_code, json.dumps(parts, cls=JSONEncoder), is_kept=is_kept)


def _unpacked(kept: Answer) -> Response:
    parts = json.loads(kept.body)
    headers = {**parts["headers"], "Idempotent-Replayed": "true"}
    response = Response(parts["data"], status=kept.status, exception=parts["failed"], headers=headers)
    response.message = parts["message"]  # type: ignore[attr-defined]  # read by the renderer
    return response
