"""Django's settings, from the environment that `threadline.environment` reads."""

from __future__ import annotations

import os
from pathlib import Path

from threadline.environment import database_settings, email_settings, read_environment

ENVIRONMENT = read_environment(os.environ)
PACKAGE = Path(__file__).resolve().parent
DATA_DIR = ENVIRONMENT.data_dir
DATA_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.debug
BASE_URL = ENVIRONMENT.base_url  # the only source of links in mails
PORT = ENVIRONMENT.port
EVENTS_PORT = ENVIRONMENT.events_port
EVENTS_URL = ENVIRONMENT.events_url  # where browsers find the stream when a proxy puts it elsewhere
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
# What may be fetched beyond the open Internet's usual ports; see threadline/fetching.
FETCH_ALLOWED_HOSTS = frozenset(ENVIRONMENT.fetch_allowed_hosts)
FETCH_PORTS = ENVIRONMENT.fetch_ports
# A model that suggestions ask as well, if one is named; see threadline/inbound/feedback/intelligence/embeddings.py.
EMBEDDINGS_URL = ENVIRONMENT.embeddings_url
EMBEDDINGS_MODEL = ENVIRONMENT.embeddings_model
EMBEDDINGS_KEY = ENVIRONMENT.embeddings_key
EMBEDDINGS_DIMENSIONS = ENVIRONMENT.embeddings_dimensions
RECORDING_MB = ENVIRONMENT.recording_mb  # of one recording of an interview
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
ROOT_URLCONF = "threadline.urls"
WSGI_APPLICATION = "threadline.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # allauth's lists of sessions and passkeys say "2 hours ago"
    "threadline.kernel",
    "threadline.exchange",
    "threadline.keeping",
    "threadline.faces.web",
    "threadline.inbound",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "threadline.faces.api.front.ApiFront",
    "django.middleware.security.SecurityMiddleware",
    "threadline.faces.web.security.SecurityHeaders",
    "threadline.faces.web.assets.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"  # signed, and no write for a line of text

# No ATOMIC_REQUESTS: a transaction is IMMEDIATE on SQLite and would make every page a writer.
DATABASES = {"default": database_settings(ENVIRONMENT.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # Sign-in throttles must hold across processes and restarts, on a server without
    # Redis: a table is enough, because only sign-in, sign-up and mail write to it.
    # `threadline migrate` makes the table.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "threadline_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # What every request touches: a commit each would cost more than the request.
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "process"},
}

# `templates/` beside a leaf's code is found without being registered anywhere.
TEMPLATE_DIRS = [
    PACKAGE / "faces" / "web" / "templates",
    *sorted(PACKAGE.glob("*/templates")),
    *sorted(PACKAGE.glob("*/*/templates")),
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": list(dict.fromkeys(TEMPLATE_DIRS)),
        "APP_DIRS": False,
        "OPTIONS": {"environment": "threadline.faces.web.jinja.environment"},
    },
    {  # allauth's pages only
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "faces" / "web" / "django_templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# Static files: hashed names from the front-end build, or the raw CSS where npm was missing.
STATIC_URL = "/static/"
STATIC_ROOT = None  # nothing is collected: whitenoise reads the package
STATICFILES_DIRS = [("web/css", PACKAGE / "faces" / "web" / "css")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/web/dist/.+-[0-9A-Z]{8}\.[a-z.]+$"
WHITENOISE_MAX_AGE = 60

# Who signs in and how.
AUTH_USER_MODEL = "kernel.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if ENVIRONMENT.quick_passwords:  # tests make hundreds of people; never for a real server
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "threadline.faces.web.identity.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Threadline: "
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second step is told to whoever it belongs to
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # a mail scanner's visit must not confirm
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ENVIRONMENT.https else "http"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "signup": "10/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Threadline"
MFA_TOTP_TOLERANCE = 1  # half a minute each way, as RFC 6238 section 5.2 suggests: clocks differ and people type slowly
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.https  # browsers allow it on localhost alone
# MFA keeps its unverified-address check off: verification is optional, two factors are not less safe.
MFA_ALLOW_UNVERIFIED_EMAIL = True
USERSESSIONS_TRACK_ACTIVITY = False  # it would write on every request

# Mail.
_EMAIL = email_settings(ENVIRONMENT.email_url)
globals().update(_EMAIL)
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from
SERVER_EMAIL = ENVIRONMENT.email_from

# Browser safety. The content security policy and cache headers stand in faces/web/security.py.
SESSION_ENGINE = "threadline.house.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENVIRONMENT.https
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_FAILURE_VIEW = "threadline.faces.web.refusals.stale_form"
CSRF_COOKIE_HTTPONLY = True  # forms carry the token in the page
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = ENVIRONMENT.https
CSRF_TRUSTED_ORIGINS = [BASE_URL] if ENVIRONMENT.https else []
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if ENVIRONMENT.https else 0
X_FRAME_OPTIONS = "DENY"
USE_X_FORWARDED_HOST = False
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "threadline.faces.web.uploading.Quota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_TEMP_DIR = None

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "threadline": {"level": "INFO"},
        # A stranger's Host header is not our news.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
    },
}
