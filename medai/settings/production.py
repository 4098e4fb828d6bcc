"""Settings for a deployment. What has no safe default is required from the environment."""

from pathlib import Path

from medai.settings import environment, services
from medai.settings.base import *

SECRET_KEY = environment.secret("SECRET_KEY")
ENCRYPTION_KEYS = environment.keys("ENCRYPTION_KEYS")
ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS")
SITE_URL = environment.url("SITE_URL", "https", "http").rstrip("/")
CSRF_TRUSTED_ORIGINS = [f"https://{host.removeprefix('.')}" for host in ALLOWED_HOSTS]

DATABASES = services.databases()
DATABASE_OWNER = services.database_owner()
DATABASE_SUPERUSER_URL = services.database_superuser_url()
REDIS_URL = services.redis_url()
CACHES = services.caches(REDIS_URL)
CELERY_BROKER_URL = REDIS_URL

# HTTPS only; how many proxies stand in front decides whether their headers are believed.
TRUSTED_PROXIES = environment.integer("TRUSTED_PROXIES", 0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# Probes inside a cluster come over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = environment.integer("HSTS_SECONDS", 60 * 60 * 24 * 365)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True

# Files: a private bucket where one is named, else the local directory, which then must be shared and backed up.
if environment.text("S3_BUCKET", ""):
    STORAGES = {
        **STORAGES,
        "default": {
            "BACKEND": "medai.common.files.s3.PrivateS3Storage",
            "OPTIONS": {
                "bucket_name": environment.text("S3_BUCKET"),
                "region_name": environment.text("S3_REGION", None),
                "endpoint_url": environment.url("S3_ENDPOINT_URL", "https", "http", default=None),
                "access_key": environment.text("S3_ACCESS_KEY_ID", None),
                "secret_key": environment.text("S3_SECRET_ACCESS_KEY", None),
                "default_acl": None,
                "file_overwrite": False,
                "querystring_auth": True,
                "querystring_expire": int(SIGNED_LINK_LIFETIME.total_seconds()),
            },
        },
    }
else:
    MEDIA_ROOT = Path(environment.text("FILES_DIRECTORY", str(MEDIA_ROOT)))

# Mail: by a provider's API where one is named, else by SMTP.
EMAIL_PROVIDER = environment.choice("EMAIL_PROVIDER", *services.EMAIL_PROVIDERS, default="")
if EMAIL_PROVIDER:
    EMAIL_BACKEND = f"anymail.backends.{EMAIL_PROVIDER}.EmailBackend"
    ANYMAIL = services.anymail(EMAIL_PROVIDER)
    INSTALLED_APPS = [*INSTALLED_APPS, "anymail"]
else:
    server = services.smtp()
    EMAIL_HOST, EMAIL_PORT = server.host, server.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = server.user, server.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = server.starts_tls, server.is_tls
    EMAIL_TIMEOUT = 10

SENTRY_DSN = environment.dsn("SENTRY_DSN")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(
        dsn=SENTRY_DSN,
        environment=environment.text("SENTRY_ENVIRONMENT", "production"),
        traces_sample_rate=environment.share("SENTRY_TRACES_SAMPLE_RATE", 0.0),
        # Bodies, cookies and people's names stay here.
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
    )
