"""Settings for one machine: embedded PostgreSQL and Valkey unless their URLs are given."""

import os

from medai.local.state import DIRECTORY, State
from medai.settings import environment, services

# Before the other settings are read, yet after `environment` read .env, which thus comes first.
os.environ.update(State.load().environment(os.environ))

from medai.settings.base import *

DEBUG = True
SECRET_KEY = environment.text("SECRET_KEY")
ENCRYPTION_KEYS = environment.keys("ENCRYPTION_KEYS")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *environment.hosts("ALLOWED_HOSTS", [])]
INSTALLED_APPS = [*INSTALLED_APPS, "medai.local"]

DATABASES = services.databases()
DATABASE_OWNER = services.database_owner()
DATABASE_SUPERUSER_URL = services.database_superuser_url()
REDIS_URL = services.redis_url()
CACHES = services.caches(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL

# The mailbox page shows these files.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DIRECTORY / "mail"
MEDIA_ROOT = DIRECTORY / "files"
