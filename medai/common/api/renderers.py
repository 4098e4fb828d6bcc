"""The envelope around every answer."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response


def envelope(response: Response) -> dict[str, Any]:
    """The body of an answer. A failure's data is `{"message": …, "errors": […]}` (see exceptions.py)."""
    status = response.status_code
    data = response.data
    if response.exception or status >= 400:
        details = data if isinstance(data, Mapping) else {}
        message = details.get("message") or response.status_text
        return {
            "success": False,
            "statusCode": status,
            "message": str(message),
            "errors": details.get("errors", []),
        }
    message = getattr(response, "message", None) or (_("Created.") if status == 201 else _("Done."))
    return {"success": True, "statusCode": status, "message": str(message), "data": data}


class _EscapingRenderer(JSONRenderer):
    ensure_ascii = True


class EnvelopeRenderer(JSONRenderer):
    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        if response is not None and response.status_code != 204:
            data = envelope(response)
        try:
            return super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:
            # A refusal may quote half a surrogate pair: JSON can escape it, UTF-8 cannot hold it.
            return _EscapingRenderer().render(data, accepted_media_type, renderer_context)
