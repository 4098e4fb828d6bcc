"""Asking ClamAV's daemon, where CLAMAV_ADDRESS names one: `unix:/run/clamav/clamd.ctl` or `tcp://host:3310`."""

import logging
import socket
import struct
from urllib.parse import urlsplit

from django.conf import settings

from medai.common.errors import ServiceUnavailable

logger = logging.getLogger(__name__)

_SECONDS = 20
_CHUNK = 64 * 1024


def is_clean(contents: bytes) -> bool:
    """False where the scanner finds something; without a scanner configured everything is clean.

    A scanner that is configured but does not answer refuses the upload with `ServiceUnavailable`: a file that
    nobody has looked into is not stored.
    """
    if not settings.CLAMAV_ADDRESS:
        return True
    try:
        verdict = _ask(settings.CLAMAV_ADDRESS, contents)
    except OSError as error:
        logger.error("The virus scanner does not answer: %s", type(error).__name__)
        raise ServiceUnavailable from error
    if verdict.endswith(b"OK"):
        return True
    if verdict.endswith(b"FOUND"):
        logger.warning("The virus scanner refused an upload")
        return False
    logger.error("The virus scanner gave no verdict")
    raise ServiceUnavailable


def _ask(address: str, contents: bytes) -> bytes:
    with _connect(address) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(contents), _CHUNK):
            chunk = contents[start : start + _CHUNK]
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and (part := connection.recv(4096)):
            answer += part
    return answer.rstrip(b"\0").strip()


def _connect(address: str) -> socket.socket:
    if address.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_SECONDS)
        connection.connect(address.removeprefix("unix:"))
        return connection
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname or "", parts.port or 3310), timeout=_SECONDS)
