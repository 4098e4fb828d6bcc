"""Settings for the tests: the services of one run, the owner's login, nothing that leaves the machine."""

import os

from medai.settings import environment, services
from tests import services as test_services

os.environ.update(test_services.environment())

from medai.settings.base import *

SECRET_KEY = environment.text("SECRET_KEY")
ENCRYPTION_KEYS = environment.keys("ENCRYPTION_KEYS")
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

DATABASES = services.databases()
DATABASE_OWNER = None
DATABASE_SUPERUSER_URL = ""
REDIS_URL = services.redis_url()
CACHES = services.caches(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = test_services.directory() / "files"
CAPTCHA_DIFFICULTY = 50
# Static files come from where they are written; there is no collected copy to look through.
WHITENOISE_AUTOREFRESH = True
