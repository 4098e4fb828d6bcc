"""Telling open pages that something changed: never what, so that nothing private leaves by this way."""

import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

logger = logging.getLogger(__name__)


def changed(topic: str) -> None:
    """Tell the pages subscribed to a topic, once the running transaction is committed."""
    transaction.on_commit(lambda: _send(topic))


def _send(topic: str) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(topic.replace(":", "."), {"type": "changed", "topic": topic})
    except Exception:  # noqa: BLE001  # a page that is not told refreshes later; the change itself must stand
        logger.warning("realtime.unreachable")
