"""Short notices that pass, from an htmx answer; a full page uses Django's messages instead."""

from typing import Literal, TypeVar

from django.http import HttpResponse
from django_htmx.http import trigger_client_event

Tone = Literal["ok", "info", "danger"]
R = TypeVar("R", bound=HttpResponse)


def toast(response: R, text: str, *, tone: Tone = "ok", action: str = "", action_url: str = "") -> R:
    """The response, telling the page to show a toast; ``action`` posts to ``action_url`` (undo, retry)."""
    detail = {"text": str(text), "tone": tone, "action": str(action), "actionUrl": action_url}
    trigger_client_event(response, "toast", detail)
    return response
