"""Settings that hold everywhere. Deployment-specific values come from the environment."""

from datetime import timedelta
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from medai.common import logging as structured_logs
from medai.settings import environment
from medai.settings.environment import BASE_DIR

DEBUG = False
ALLOWED_HOSTS: list[str] = []
ROOT_URLCONF = "medai.urls"
ASGI_APPLICATION = "medai.asgi.application"
WSGI_APPLICATION = "medai.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_NAME = "MedAI"
# Where people reach the site; links in messages begin with it.
SITE_URL = environment.url("SITE_URL", "https", "http", default="http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "medai.common",
    "accounts",
    "doctors",
    "bookings",
    "messaging",
    "medai.demo",
    "medai.administration.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "channels",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "hijack",
    "storages",
]

MIDDLEWARE = [
    "medai.common.health.ProbeMiddleware",
    "medai.common.requests.RequestIdMiddleware",
    "medai.common.metrics.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "medai.common.requests.SecurityHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.IdentityMiddleware",
    "accounts.time_zones.TimeZoneMiddleware",
    "medai.common.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "hijack.middleware.HijackUserMiddleware",
    "accounts.middleware.AllauthPagesMiddleware",
    "medai.common.refusals.RefusalMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "medai.common.context.page",
            ],
            "builtins": ["medai.common.templatetags.components"],
        },
    }
]

# Database: the login role may only become the group roles of medai.common.roles.
DATABASES: dict[str, dict[str, Any]] = {}

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Languages and time
LANGUAGE_CODE = "es"
LANGUAGES = [("es", _("Spanish")), ("en", _("English"))]
LOCALE_PATHS = [
    BASE_DIR / "locale" / name for name in ("common", "accounts", "doctors", "bookings", "messaging")
]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
FORMAT_MODULE_PATH = "medai.formats"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_PERSON_TIME_ZONE = "America/Bogota"
DEFAULT_CURRENCY = "COP"
DEFAULT_COUNTRY = "CO"
# The address that calendar entries name as their organizer; nobody reads it.
CALENDAR_ORGANIZER = environment.address("CALENDAR_ORGANIZER", "no-reply@medai.example")
# Whether visits can be paid online; a gateway app switches it on.
ONLINE_PAYMENTS = False
EMERGENCY_NUMBER = environment.text("EMERGENCY_NUMBER", "123")
SUPPORT_EMAIL = environment.address("SUPPORT_EMAIL", "ayuda@medai.example")

# Static and private files
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "medai.common.bundles.BundleFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
FORM_RENDERER = "medai.common.rendering.ComponentRenderer"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "medai.common.files.PrivateFileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = BASE_DIR / "var" / "files"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
SIGNED_LINK_LIFETIME = timedelta(minutes=5)
# ClamAV's daemon: unix:/run/clamav/clamd.ctl or tcp://host:3310; without it uploads are not scanned.
CLAMAV_ADDRESS = environment.url("CLAMAV_ADDRESS", "unix", "tcp", default="")

# Sessions, cookies, headers
TRUSTED_PROXIES = environment.integer("TRUSTED_PROXIES", 0)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "medai.common.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY: dict[str, dict[str, Any]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Keys: values are encrypted under the first of ENCRYPTION_KEYS and read under any; digests are never rotated.
ENCRYPTION_KEYS = environment.keys("ENCRYPTION_KEYS", [])
DIGEST_KEY = environment.text("DIGEST_KEY", "")

# Who may read /metrics; without a token only this machine.
METRICS_TOKEN = environment.text("METRICS_TOKEN", "")
LOGGING = structured_logs.configuration(
    level=environment.choice("LOG_LEVEL", "DEBUG", "INFO", "WARNING", "ERROR", default="INFO"),
    style=environment.choice("LOG_FORMAT", "json", "text", default="json"),
)

# Redis: cache, changes for open pages, Celery broker
REDIS_URL = ""
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_DEFAULT_QUEUE = "default"
# A worker listens to all of them unless it is told otherwise with -Q.
CELERY_TASK_QUEUES = [
    # Each with a key of its own: under the default key a message would go to all four.
    Queue(name, routing_key=name)
    for name in ("default", "messages", "webhooks", "slow")
]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# No result backend, no events: the database knows what is done.
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "expire-holds": {"task": "bookings.tasks.expire_holds", "schedule": timedelta(seconds=20)},
    "cancel-unconfirmed": {"task": "bookings.tasks.cancel_unconfirmed", "schedule": timedelta(minutes=1)},
    "refresh-availability": {"task": "bookings.tasks.refresh_availability", "schedule": timedelta(minutes=1)},
    "outbox-sweep": {"task": "medai.common.tasks.sweep", "schedule": timedelta(seconds=5)},
    "heartbeat": {"task": "medai.common.tasks.heartbeat", "schedule": timedelta(seconds=15)},
    "clean-outbox": {"task": "medai.common.tasks.clean_outbox", "schedule": timedelta(hours=1)},
    "clean-idempotency-keys": {
        "task": "medai.common.tasks.clean_idempotency_keys",
        "schedule": timedelta(hours=1),
    },
    "send-due-notifications": {
        "task": "messaging.tasks.send_due_notifications",
        "schedule": timedelta(seconds=10),
        "options": {"queue": "messages", "expires": 10},
    },
    "mark-unknown-notifications": {
        "task": "messaging.tasks.mark_unknown_notifications",
        "schedule": timedelta(minutes=1),
        "options": {"queue": "messages"},
    },
    "anchor-audit-log": {"task": "accounts.tasks.anchor_audit_log", "schedule": timedelta(hours=6)},
    "clean-sessions": {"task": "accounts.tasks.clean_sessions", "schedule": timedelta(minutes=5)},
}
CELERY_TIMEZONE = "UTC"
# How long events of the outbox are kept once they are done.
OUTBOX_KEPT = timedelta(days=environment.integer("OUTBOX_KEPT_DAYS", 30, minimum=1))

# API
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.guards.HasAllowedRole"],
    "DEFAULT_RENDERER_CLASSES": ["medai.common.api.renderers.EnvelopeRenderer"],
    # Forms cannot tell an empty text from one that was not sent; only uploads take them, and say so.
    "DEFAULT_PARSER_CLASSES": ["medai.common.api.parsers.JsonParser"],
    "DEFAULT_PAGINATION_CLASS": "medai.common.api.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": [
        "medai.common.api.throttles.AddressLimit",
        "medai.common.api.throttles.UserLimit",
        "medai.common.api.throttles.EndpointLimit",
    ],
    "DEFAULT_SCHEMA_CLASS": "medai.common.api.schema.EnvelopeAutoSchema",
    "EXCEPTION_HANDLER": "medai.common.api.exceptions.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Stated in the API's description, so a change here shows there.
RATE_LIMITS = {
    "api_address": "600/minute",
    "api_user": "300/minute",
    "sign_in": "10/minute",
    # Sign-ups and mailed codes that come without a solved challenge.
    "anonymous_write": "20/hour",
    "upload": "30/hour",
}
# Of IPv6 everybody has at least a network of this size, and in it as many addresses as they like: it counts as one.
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 64
# How many numbers a browser tries at most before an anonymous write; see medai.common.captcha.
CAPTCHA_DIFFICULTY = 200_000
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "MedAI API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": (
        "Every answer comes in an envelope; errors name the field, a stable code and a message in the language "
        "of `Accept-Language` (es, en). Money is in minor units with its ISO 4217 currency; times are UTC. "
        f"Limits: {RATE_LIMITS['api_address']} for each address, {RATE_LIMITS['api_user']} for each user, "
        f"sign-in {RATE_LIMITS['sign_in']}, sign-up and mailed codes without a solved challenge "
        f"{RATE_LIMITS['anonymous_write']}; an answer 429 says in `Retry-After` how long to wait."
    ),
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATIONS": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "medai.common.api.schema.show_envelopes",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RoleEnum": "accounts.models.Role",
        "OpenRoleEnum": "accounts.api.serializers.OPEN_ROLES",
        "MfaMethodEnum": "accounts.api.serializers.MFA_METHODS",
        "VisitModeEnum": "doctors.models.practice.VisitMode",
        "VisitTypeKindEnum": "doctors.models.practice.VisitTypeKind",
        "ExceptionKindEnum": "doctors.models.schedules.ExceptionKind",
        "CredentialReviewEnum": "doctors.models.credentials.CredentialReview",
        "BookingStatusEnum": "bookings.models.Booking.Status",
        "BookingChannelEnum": "bookings.models.Channel",
        "NotificationChannelEnum": "messaging.models.NotificationChannel",
        "NotificationKindEnum": "messaging.models.NotificationKind",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # The validator is a site of its own; nothing may leave ours.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False, "validatorUrl": None},
}

# How the kernel, which imports no app, finds out whose rows an account may see.
IDENTITY_FOR_USER = "accounts.identity.identity_for"
# Pages that look accounts up before anybody is known; see accounts.middleware.
SIGN_IN_PATHS = ["/accounts/", "/api/v1/auth/"]

# The first administrator, whom `manage.py seed` makes; both or neither.
ADMIN_EMAIL = environment.address("ADMIN_EMAIL", "")
ADMIN_PASSWORD = environment.text("ADMIN_PASSWORD", "")

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:home"
LOGOUT_REDIRECT_URL = "home"

# Sign-in by django-allauth. Secrets of a second step are encrypted by accounts.adapters.
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "signup": "accounts.forms.sign_in.SignUpForm",
    "login": "accounts.forms.sign_in.SignInForm",
    "request_login_code": "accounts.forms.sign_in.RequestCodeForm",
    "confirm_login_code": "accounts.forms.sign_in.LoginCodeForm",
    "confirm_email_verification_code": "accounts.forms.sign_in.EmailCodeForm",
    "reset_password": "accounts.forms.sign_in.ResetPasswordForm",
    "confirm_password_reset_code": "accounts.forms.sign_in.ResetCodeForm",
    "reset_password_from_key": "accounts.forms.sign_in.NewPasswordForm",
    "change_password": "accounts.forms.sign_in.ChangePasswordForm",
    "set_password": "accounts.forms.sign_in.SetPasswordForm",
    "reauthenticate": "accounts.forms.sign_in.PasswordAgainForm",
    "add_email": "accounts.forms.sign_in.ChangeEmailForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {
    "google": {
        "APPS": [],
        "SCOPE": ["openid", "profile", "email"],
        "AUTH_PARAMS": {"access_type": "online", "prompt": "select_account"},
        "OAUTH_PKCE_ENABLED": True,
    }
}
if environment.text("GOOGLE_CLIENT_ID", ""):
    SOCIALACCOUNT_PROVIDERS["google"]["APPS"] = [
        {
            "client_id": environment.text("GOOGLE_CLIENT_ID"),
            "secret": environment.text("GOOGLE_CLIENT_SECRET"),
            "key": "",
        }
    ]
    # The form that starts it is answered by a redirect there, which browsers count as where the form leads.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append("https://accounts.google.com")
MFA_ADAPTER = "accounts.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "accounts.forms.sign_in.SecondStepForm",
    "reauthenticate": "accounts.forms.sign_in.SecondStepAgainForm",
    "activate_totp": "accounts.forms.sign_in.ActivateTotpForm",
    "add_webauthn": "accounts.forms.passkeys.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.passkeys.RenamePasskeyForm",
    "login_webauthn": "accounts.forms.passkeys.PasskeyForm",
    "authenticate_webauthn": "accounts.forms.passkeys.SecondStepPasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.passkeys.PasskeyAgainForm",
}
# The API's own tokens; see accounts.tokens. allauth.headless lends its forms, its routes are not served.
ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)
REFRESH_TOKEN_LIFETIME = timedelta(days=30)
HEADLESS_CLIENTS = ("app",)
# The banner is part of our pages; hijack must not write into their HTML.
HIJACK_INSERT_BEFORE = None

# SMTP that knows whether a message may have left when something broke.
EMAIL_BACKEND = "messaging.channels.smtp.EmailBackend"
DEFAULT_FROM_EMAIL = environment.address("DEFAULT_FROM_EMAIL", "MedAI <no-reply@medai.example>")
