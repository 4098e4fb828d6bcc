"""The settings that follow from DATABASE_URL and REDIS_URL, wherever the product runs."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from medai.settings import environment

# What Anymail calls each provider's EMAIL_API_KEY.
EMAIL_PROVIDERS = {
    "brevo": "BREVO_API_KEY",
    "mailgun": "MAILGUN_API_KEY",
    "mailjet": "MAILJET_API_KEY",
    "postmark": "POSTMARK_SERVER_TOKEN",
    "resend": "RESEND_API_KEY",
    "sendgrid": "SENDGRID_API_KEY",
}
SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def databases() -> dict[str, dict[str, Any]]:
    """The database under the run-time login, through a pool where DATABASE_POOL_SIZE says so."""
    config = environment.database("DATABASE_URL")
    size = environment.integer("DATABASE_POOL_SIZE", 0)
    config["CONN_HEALTH_CHECKS"] = True
    config["DISABLE_SERVER_SIDE_CURSORS"] = environment.boolean("DATABASE_BEHIND_PGBOUNCER", False)
    if size > 0:
        pool = {"min_size": 1, "max_size": size, "timeout": 10}
        config["OPTIONS"] = {**config.get("OPTIONS", {}), "pool": pool}
    return {"default": config}


def database_owner() -> dict[str, Any] | None:
    """The login that owns the tables and alone may change them; None where migrations run elsewhere."""
    if not environment.text("DATABASE_OWNER_URL", ""):
        return None
    return environment.database("DATABASE_OWNER_URL")


def database_superuser_url() -> str:
    """For `manage.py create_roles` alone; nothing else may know it."""
    return environment.url("DATABASE_SUPERUSER_URL", "postgresql", "postgres", default="")


def redis_url() -> str:
    return environment.redis("REDIS_URL")


def caches(url: str) -> dict[str, dict[str, Any]]:
    """The cache, by default in the database after the broker's, so that clearing it loses no message."""
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": environment.redis("CACHE_URL", _next_database(url)),
            "KEY_PREFIX": "medai",
            "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
        }
    }


def anymail(provider: str) -> dict[str, str]:
    """Anymail's settings for a provider."""
    config = {EMAIL_PROVIDERS[provider]: environment.text("EMAIL_API_KEY")}
    if provider == "mailjet":
        config["MAILJET_SECRET_KEY"] = environment.text("EMAIL_API_SECRET")
    if provider == "mailgun":
        config["MAILGUN_SENDER_DOMAIN"] = environment.text("EMAIL_SENDER_DOMAIN")
    return config


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    user: str
    password: str
    starts_tls: bool
    is_tls: bool


def smtp() -> MailServer:
    """EMAIL_URL: `smtp://` is plain, `smtp+tls://` begins plain and turns to TLS, `smtps://` is TLS at once."""
    parts = urlsplit(environment.url("EMAIL_URL", *SMTP_PORTS))
    return MailServer(
        host=parts.hostname or "localhost",
        port=parts.port or SMTP_PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starts_tls=parts.scheme == "smtp+tls",
        is_tls=parts.scheme == "smtps",
    )


def _next_database(url: str) -> str:
    parts = urlsplit(url)
    number = parts.path.strip("/")
    if parts.scheme == "unix" or not (number.isdigit() or number == ""):
        return url
    return urlunsplit(parts._replace(path=f"/{int(number or 0) + 1}"))
