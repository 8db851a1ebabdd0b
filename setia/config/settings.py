"""Django's settings. Everything a shop sets comes from environment variables; docs/operations.md lists them."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from setia.config.database import database_settings
from setia.foundation import home as setia_home

# Our matrices are small: with threads the libraries under numpy spend 15 to 40 times the time waiting for each other
# where several processes share the cores. They read this when they are loaded, which is later.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

HOME = setia_home.home()
PACKAGE = Path(__file__).resolve().parent.parent


def _flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")


def _secret_key() -> str:
    given = os.environ.get("SETIA_SECRET_KEY", "").strip()
    if given:
        return given
    path = setia_home.folder("keys") / "secret_key"
    if not path.exists():
        setia_home.write_private(path, secrets.token_urlsafe(50).encode())
    return path.read_text().strip()


DEBUG = _flag("SETIA_DEBUG")
DEMO = _flag("SETIA_DEMO")
SECRET_KEY = _secret_key()

# Where people reach Setia. Off this machine only HTTPS is served; `setia run` explains and refuses otherwise.
SETIA_URL = os.environ.get("SETIA_URL", "").strip().rstrip("/") or "http://127.0.0.1:8000"
_url = urlsplit(SETIA_URL)
SECURE = _url.scheme == "https"
ALLOWED_HOSTS = [_url.hostname or "127.0.0.1"] if SECURE else ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SETIA_URL] if SECURE else []
TRUSTED_PROXIES = tuple(part.strip() for part in os.environ.get("SETIA_TRUSTED_PROXIES", "").split(",") if part.strip())

INSTALLED_APPS = [
    "setia.foundation",
    "setia.domains.shop",
    "setia.domains.staff",
    "setia.domains.mail",
    "setia.domains.apikeys",
    "setia.domains.customers",
    "setia.domains.commerce",
    "setia.domains.timeline",
    "setia.domains.analytics",
    "setia.domains.segments",
    "setia.domains.reports",
    "setia.domains.lists",
    "setia.domains.teamwork",
    "setia.domains.advice",
    "setia.domains.guidance",
    "setia.domains.imports",
    "setia.domains.exports",
    "setia.console",
    "setia.api",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "setia.console.middleware.security_headers",
    # Before the check for HTTPS: behind a proxy, only its word says how the request came.
    "setia.console.middleware.trusted_proxies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "setia.api.middleware.api_door",
    "setia.console.middleware.zero_bytes",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "setia.console.session_end.session_end",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "setia.console.middleware.person",
    "setia.console.middleware.refusals",
]

ROOT_URLCONF = "setia.config.urls"
WSGI_APPLICATION = "setia.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "setia.console.context.surroundings",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "setia.console.templatetags.setia"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL", "").strip(), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# State shared by processes. The throttles that guard logins have a table of their own (foundation/throttle).
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]}
        if os.environ.get("REDIS_URL")
        else {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "setia_cache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    )
}
# A message may name a customer; a cookie would carry the name through every cache on the way.
MESSAGE_STORAGE = "setia.console.toasts.LatestMessages"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "__Host-setia" if SECURE else "setia"
CSRF_COOKIE_NAME = "__Host-setia-csrf" if SECURE else "setia-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "setia.console.views.errors.csrf_failure"

SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # asked for from this machine, past the proxy
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

AUTH_USER_MODEL = "staff.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["setia.foundation.passwords.TunedArgon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "console:home"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "setia.console.accounts.StaffAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
MFA_ADAPTER = "setia.console.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_TOTP_ISSUER = "Setia"
MFA_TOTP_TOLERANCE = 1  # half a minute either way: phones' clocks differ, and typing takes time
USERSESSIONS_TRACK_ACTIVITY = False

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# `setia run` lays the files out before it serves, also while developing, so that both look alike.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 0 if DEBUG else 60

# Without a mail server messages are kept as files, so that none is lost and all can be read.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = HOME / "mail"
MAIL_URL = os.environ.get("SETIA_MAIL_URL", "")
DEFAULT_FROM_EMAIL = os.environ.get("SETIA_MAIL_FROM", "setia@localhost")

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
# Uploads above this go to disk while they arrive, so that a large till export does not fill the memory.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_PERMISSIONS = 0o600
MAX_IMPORT_BYTES = int(os.environ.get("SETIA_MAX_IMPORT_MIB", "1024")) * 1024 * 1024

# The API: the largest body of a bulk call, calls a minute of one key (0 is no limit), seconds until a call is logged.
API_MAX_BYTES = 8 * 1_048_576
API_CALLS_PER_MINUTE = int(os.environ.get("SETIA_API_CALLS_PER_MINUTE", "0"))
API_LOG_SECONDS = 1.0

TASKS = {"default": {"BACKEND": "setia.foundation.jobs.backend.DatabaseBackend", "QUEUES": ["default"]}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "setia.foundation.redaction.Redact"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"setia": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS = ["models.W042"]
