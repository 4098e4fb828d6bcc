"""A product of one's own to break: throw-away services, the real roles, migrated, with the run-time login."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from medai.common import cluster
from medai.local.state import SECRET_SETTINGS
from medai.local.throw_away import ThrowAway, url_for

POOL = "40"


@contextmanager
def stage(name: str) -> Iterator[ThrowAway]:
    """Start the services, point the settings at them, migrate, and set Django up; everything is gone afterwards."""
    services = ThrowAway(f"medai-{name}")
    try:
        services.postgres.ensure(keep_port=True)
        services.valkey.ensure(keep_port=True)
        superuser = services.postgres.url()
        password = urlsplit(superuser).password
        cluster.prepare(superuser, database="medai", owner_password=password, app_password=password)
        os.environ.update(environment(services))
        _migrate()
        yield services
    finally:
        services.stop()


def environment(services: ThrowAway) -> dict[str, str]:
    """What a process of the product needs to find these services."""
    superuser = services.postgres.url()
    redis = services.valkey.url().rstrip("/")
    secrets = {name: make() for name, make in SECRET_SETTINGS.items() if name not in os.environ}
    return {
        **secrets,
        "DJANGO_SETTINGS_MODULE": "medai.settings.local",
        "DATABASE_URL": url_for(superuser, user="medai_app", database="medai"),
        "DATABASE_OWNER_URL": url_for(superuser, user="medai_owner", database="medai"),
        "DATABASE_POOL_SIZE": POOL,
        "REDIS_URL": f"{redis}/0" if redis.count("/") == 2 else redis,
        "CACHE_URL": f"{redis}/1" if redis.count("/") == 2 else redis,
        "MEDAI_LOCAL_DIRECTORY": str(services.directory / "local"),
        "ALLOWED_HOSTS": "testserver",
        "LOG_LEVEL": "ERROR",
    }


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
