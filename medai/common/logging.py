"""Logs as one JSON object a line, with the request's id and the person's id, and without personal data."""

import logging
import re
from typing import Any

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

from medai.common.identity import current_identity
from medai.common.requests import current_request_id

HIDDEN = "[hidden]"

_HIDDEN_WORDS = r"(?:password|passwd|secret|token|authorization|cookie|api[_-]?key|otp|sessionid|csrf\w*)"
_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:bearer|basic)\s+[\w.~+/=-]{8,}",  # credentials in headers
        r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*",  # JSON web tokens
        r"\b[\w-]{20,}:[\w-]{5,8}:[\w-]{25,}",  # Django's signed values
        r"\bgAAAA[\w-]{40,}={0,2}",  # Fernet tokens
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # email addresses
        r"(?<![\w-])\+\d[\d\s().-]{6,16}\d(?![\w-])",  # international phone numbers
        r"(?<![\w.:-])3\d{2}[\s-]?\d{3}[\s-]?\d{4}(?![\w.:-])",  # Colombian mobile numbers
    )
]
# `password=…`, `"token": "…"`: the name stays, the value goes.
_NAMED = re.compile(rf"""({_HIDDEN_WORDS}\w*\\?["']?\s*[=:]\s*\\?["']?)([^\s"'&,;}}\\]+)""", re.IGNORECASE)
_SECRET_NAME = re.compile(
    rf"{_HIDDEN_WORDS}|email|phone|first_name|last_name|full_name|address|birth|document", re.IGNORECASE
)


def redact(text: str) -> str:
    """The text without credentials, email addresses and phone numbers."""
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return _NAMED.sub(rf"\1{HIDDEN}", text)


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: HIDDEN if _SECRET_NAME.search(str(key)) else _without_secrets(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_without_secrets(item) for item in value]
    return value


class ContextFilter(logging.Filter):
    """Puts the request id and the ids of the acting person on each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        identity = current_identity()
        record.request_id = current_request_id()
        if identity is not None:
            record.kind = identity.kind.value
            if not getattr(record, "user_id", None):
                record.user_id = str(identity.user_id) if identity.user_id else None
            if identity.actor_id and identity.actor_id != identity.user_id:
                record.actor_id = str(identity.actor_id)
        return True


class JsonFormatter(BaseJsonFormatter):
    """One line of JSON; redacted as a whole, so that tracebacks and arguments are covered too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("rename_fields", {"levelname": "level", "name": "logger", "asctime": "time"})
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", *args, **kwargs)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        kept = {key: value for key, value in log_data.items() if value not in (None, "")}
        return super().process_log_record(_without_secrets(kept))

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class TextFormatter(logging.Formatter):
    """For a person's terminal; redacted too."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s [%(request_id).8s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        if not hasattr(record, "request_id"):
            record.request_id = ""
        text = redact(super().format(record))
        if record.name == "medai.requests":
            seen = ("method", "route", "status", "milliseconds")
            text += "".join(f" {getattr(record, name, '')}" for name in seen)
        return text


def configuration(level: str, style: str) -> dict[str, Any]:
    """Django's LOGGING setting; `style` is json or text."""
    formatter = {"json": JsonFormatter, "text": TextFormatter}[style]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": "medai.common.logging.ContextFilter"}},
        "formatters": {"chosen": {"()": formatter}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "filters": ["context"], "formatter": "chosen"}
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Its 4xx lines repeat the path, and paths hold tokens; ours name the route.
            "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "uvicorn.access": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
