"""The ways in which people are told. A new one is a `Channel` in a module of its own and a line in `CHANNELS`."""

from messaging.channels.base import Channel
from messaging.channels.email import EmailChannel
from messaging.channels.in_app import InAppChannel
from messaging.models import NotificationChannel

CHANNELS: dict[NotificationChannel, Channel] = {
    channel.name: channel for channel in (InAppChannel(), EmailChannel())
}

__all__ = ["CHANNELS", "Channel"]
