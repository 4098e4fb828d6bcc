"""Reading the environment, so that a missing or malformed value stops start-up with one clear line."""

import re
import sys
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo

BASE_DIR = Path(__file__).resolve().parents[2]

_environ = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

REQUIRED = object()
SHORTEST_SECRET = 50
# Of these a URL names a file or a database; all others name a host.
WITHOUT_HOST = ("unix", "postgresql", "postgres")
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_HOST = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-f:.]+\]", re.ASCII | re.IGNORECASE)


def _end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Web servers and workers, which load the settings for themselves, end with the one line that counts."""
    if issubclass(kind, ImproperlyConfigured):
        sys.stderr.write(f"Configuration error: {error}\n")
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _end


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


def secret(name: str) -> str:
    def cast(value: str) -> str:
        if len(value) < SHORTEST_SECRET or len(set(value)) < 5:
            raise ValueError(value)
        return value

    return _read(name, cast, REQUIRED, f"at least {SHORTEST_SECRET} random characters")


def integer(name: str, default: Any = REQUIRED, *, minimum: int = 0) -> int:
    def cast(value: str) -> int:
        if int(value) < minimum:
            raise ValueError(value)
        return int(value)

    return _read(name, cast, default, f"a whole number, {minimum} or more")


def boolean(name: str, default: Any = REQUIRED) -> bool:
    def cast(value: str) -> bool:
        words = {"true": True, "1": True, "yes": True, "on": True}
        words |= {"false": False, "0": False, "no": False, "off": False}
        if value.lower() not in words:
            raise ValueError(value)
        return words[value.lower()]

    return _read(name, cast, default, "true or false")


def items(name: str, default: Any = REQUIRED) -> list[str]:
    return _read(name, _items, default, "a comma-separated list")


def _items(value: str) -> list[str]:
    found = [item.strip() for item in value.split(",") if item.strip()]
    if not found:
        raise ValueError(value)
    return found


def keys(name: str, default: Any = REQUIRED) -> list[str]:
    def cast(value: str) -> list[str]:
        return [key for key in _items(value) if Fernet(key)]

    return _read(name, cast, default, "Fernet keys, newest first, separated by commas")


def hosts(name: str, default: Any = REQUIRED) -> list[str]:
    def cast(value: str) -> list[str]:
        found = _items(value)
        if not all(map(_HOST.fullmatch, found)):
            raise ValueError(value)
        return found

    return _read(name, cast, default, "host names without scheme and port, separated by commas")


def address(name: str, default: Any = REQUIRED) -> str:
    """A mail address, with or without the name of whose it is."""

    def cast(value: str) -> str:
        try:
            validate_email(parseaddr(value)[1])
        except ValidationError as error:
            raise ValueError(value) from error
        if not value.isprintable():
            raise ValueError(value)
        return value

    return _read(name, cast, default, "a mail address")


def share(name: str, default: Any = REQUIRED) -> float:
    def cast(value: str) -> float:
        if not 0 <= float(value) <= 1:
            raise ValueError(value)
        return float(value)

    return _read(name, cast, default, "a number from 0 to 1")


def choice(name: str, *words: str, default: Any = REQUIRED) -> str:
    def cast(value: str) -> str:
        if value not in words:
            raise ValueError(value)
        return value

    return _read(name, cast, default, f"one of {', '.join(words)}")


def url(name: str, *schemes: str, default: Any = REQUIRED) -> str:
    def cast(value: str) -> str:
        parts = urlsplit(value)
        named = parts.hostname or (parts.path.strip("/") if parts.scheme in WITHOUT_HOST else "")
        if parts.scheme not in schemes or not named:
            raise ValueError(value)
        _check_port(name, parts)
        return value

    return _read(name, cast, default, f"a URL starting with {' or '.join(s + '://' for s in schemes)}")


def _check_port(name: str, parts: SplitResult) -> None:
    try:
        is_one = parts.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise ImproperlyConfigured(f"{name} is malformed; its port must be a number from 1 to 65535.")


def dsn(name: str) -> str:
    """Where Sentry takes what it is told; empty where it is told nothing."""
    value = url(name, "https", "http", default="")
    parts = urlsplit(value)
    if value and not (parts.username and parts.path.rpartition("/")[2].isdigit()):
        raise ImproperlyConfigured(f"{name} is malformed; it must have the key and the number of a project.")
    return value


def redis(name: str, default: Any = REQUIRED) -> str:
    """The URL of a Redis or Valkey, with the number of the database in its path."""
    value = url(name, "redis", "rediss", "unix", default=default)
    parts = urlsplit(value)
    if parts.scheme != "unix" and not re.fullmatch(r"/?|/[0-9]{1,4}", parts.path):
        raise ImproperlyConfigured(f"{name} is malformed; its path must be the number of a database.")
    return value


def database(name: str, default: Any = REQUIRED) -> dict[str, Any]:
    """A Django DATABASES entry from a postgresql:// URL, with the row-level security backend."""
    config = dict(environ.Env.db_url_config(url(name, "postgresql", "postgres", default=default)))
    config["ENGINE"] = "medai.common.postgres"
    if not config.get("NAME"):
        raise ImproperlyConfigured(f"{name} is malformed; it must name a database.")
    _check_options(name, config.get("OPTIONS", {}))
    return config


def _check_options(name: str, options: dict[str, Any]) -> None:
    try:
        make_conninfo(**options)
    except ProgrammingError as error:
        raise ImproperlyConfigured(
            f"{name} is malformed; what follows the question mark must be parameters of libpq."
        ) from error
    if options.get("sslmode", "prefer") not in SSL_MODES:
        raise ImproperlyConfigured(f"{name} is malformed; sslmode must be one of {', '.join(SSL_MODES)}.")
