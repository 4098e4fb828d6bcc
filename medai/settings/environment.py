"""Reading the environment, so that a missing or malformed value stops start-up with one clear line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]

_environ = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

REQUIRED = object()


def _read(name: str, cast: Callable[[str], Any], default: Any, expected: str) -> Any:
    value = _environ.ENVIRON.get(name, "")
    if value == "":
        if default is REQUIRED:
            raise ImproperlyConfigured(f"{name} is not set; it must be {expected}.")
        return default
    try:
        return cast(value)
    except (ValueError, TypeError) as error:
        # The value itself may be a secret, so the message never repeats it.
        raise ImproperlyConfigured(f"{name} is malformed; it must be {expected}.") from error


def text(name: str, default: Any = REQUIRED) -> str:
    return _read(name, str, default, "a non-empty text")


def integer(name: str, default: Any = REQUIRED) -> int:
    return _read(name, int, default, "a whole number")


def boolean(name: str, default: Any = REQUIRED) -> bool:
    def cast(value: str) -> bool:
        words = {"true": True, "1": True, "yes": True, "on": True}
        words |= {"false": False, "0": False, "no": False, "off": False}
        if value.lower() not in words:
            raise ValueError(value)
        return words[value.lower()]

    return _read(name, cast, default, "true or false")


def items(name: str, default: Any = REQUIRED) -> list[str]:
    def cast(value: str) -> list[str]:
        return [item.strip() for item in value.split(",") if item.strip()]

    return _read(name, cast, default, "a comma-separated list")


def number(name: str, default: Any = REQUIRED) -> float:
    return _read(name, float, default, "a number")


def choice(name: str, *words: str, default: Any = REQUIRED) -> str:
    def cast(value: str) -> str:
        if value not in words:
            raise ValueError(value)
        return value

    return _read(name, cast, default, f"one of {', '.join(words)}")


def url(name: str, *schemes: str, default: Any = REQUIRED) -> str:
    def cast(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            raise ValueError(value)
        return value

    return _read(name, cast, default, f"a URL starting with {' or '.join(s + '://' for s in schemes)}")


def database(name: str, default: Any = REQUIRED) -> dict[str, Any]:
    """A Django DATABASES entry from a postgresql:// URL, with the row-level security backend."""
    value = url(name, "postgresql", "postgres", default=default)
    try:
        config = dict(environ.Env.db_url_config(value))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is malformed; its port must be a number.") from error
    config["ENGINE"] = "medai.common.postgres"
    if not config.get("NAME"):
        raise ImproperlyConfigured(f"{name} is malformed; it must name a database.")
    return config
