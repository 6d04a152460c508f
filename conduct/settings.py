"""All settings, from environment variables. `docs/operators-guide.md` lists them.

`CONDUCT_DEMO=1` is the demonstration: it alone may run with DEBUG-like conveniences (a generated secret key kept in
the data folder, mail written to files, a moved clock). Everywhere else a missing or weak secret stops the program.
"""

import os
import sys
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str) -> bool:
    """True when the variable is set to 1, true, yes or on."""
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def whole(name: str, default: int) -> int:
    """A whole number above 0."""
    told = os.environ.get(name, "") or str(default)
    if not (told.isascii() and told.isdecimal() and int(told)):
        raise ImproperlyConfigured(f"{name} is {told!r}: it must be a whole number above 0.")
    return int(told)


TESTING = flag("CONDUCT_TESTING")
VAR = Path(os.environ.get("CONDUCT_VAR", BASE_DIR / "var")).resolve()
# A command given by hand in the data folder of a demonstration belongs to it.
BESIDE_DEMO = (
    not TESTING and not {"CONDUCT_DEMO", "CONDUCT_SECRET_KEY"} & set(os.environ) and (VAR / "demo-password").exists()
)
DEMO = flag("CONDUCT_DEMO") or BESIDE_DEMO

DEBUG = False
SECRET_KEY = os.environ.get("CONDUCT_SECRET_KEY", "")
if not SECRET_KEY and (DEMO or TESTING):
    # The supervisor makes a random one for the demonstration; this stands in for commands run by hand and for tests.
    SECRET_KEY = "only-for-the-demonstration-and-the-tests-" + "0" * 32
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
    raise ImproperlyConfigured(
        "CONDUCT_SECRET_KEY is missing or weak: set it to at least 50 random characters (or CONDUCT_DEMO=1 to try it out)."
    )

LOCAL = DEMO or TESTING
ALLOWED_HOSTS = [
    h for h in os.environ.get("CONDUCT_HOSTS", "localhost,127.0.0.1,[::1]" if LOCAL else "").split(",") if h
]
if TESTING:
    ALLOWED_HOSTS.append("testserver")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CONDUCT_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "conduct.apps.ConductConfig",
    "incidents.apps.IncidentsConfig",
    "letters.apps.LettersConfig",
    "sanctions.apps.SanctionsConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "conduct.middleware.PrivatePages",
    "conduct.middleware.AtSchool",
]

ROOT_URLCONF = "conduct.urls"
WSGI_APPLICATION = "conduct.wsgi.application"
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
                "conduct.context.chrome",
            ],
            "builtins": ["conduct.templatetags.words"],
        },
    }
]

DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'conduct.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Without these three, eight writers see most of their transactions refused as "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "conduct.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "conduct.accounts.InvitedOnly"
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by the school's administrator, who knows the address
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("CONDUCT_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the letter page shows its own PDF in a frame
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "l j F Y"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR / "files"}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = LOCAL

# Uploads: see conduct/uploads.py. What is stored is readable for the program's own account alone.
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
MOST_MB = {
    "image": whole("CONDUCT_MOST_MB_PICTURE", 25),
    "pdf": whole("CONDUCT_MOST_MB_PDF", 25),
    "text": whole("CONDUCT_MOST_MB_TEXT", 5),
    "email": whole("CONDUCT_MOST_MB_EMAIL", 25),
    "audio": whole("CONDUCT_MOST_MB_SOUND", 200),
    "video": whole("CONDUCT_MOST_MB_FILM", 200),
}
MOST_MB_A_REQUEST = max(MOST_MB.values()) + 1  # the largest file, with the form around it
MOST_MEGAPIXELS = whole("CONDUCT_MOST_MEGAPIXELS", 64)
CLAMAV = os.environ.get("CONDUCT_CLAMAV", "")  # host:port or unix:/path; empty: no scanner

# What the press that makes our PDFs may take for one of them: see letters/press.py.
PRESS_MB = whole("CONDUCT_PRESS_MB", 512)
PRESS_SECONDS, PRESS_PAGES = whole("CONDUCT_PRESS_SECONDS", 20), whole("CONDUCT_PRESS_PAGES", 20)  # a letter
PRESS_SECONDS_LONG = whole("CONDUCT_PRESS_SECONDS_LONG", 60)  # the policy, or a pack of documents
PRESS_PAGES_LONG = whole("CONDUCT_PRESS_PAGES_LONG", 400)
PRESS_REPLACED_AFTER = 1000  # pages printed, so that its memory cannot grow for ever

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if LOCAL:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR / "mail"
EMAIL_HOST = os.environ.get("CONDUCT_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("CONDUCT_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("CONDUCT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("CONDUCT_SMTP_PASSWORD", "")
EMAIL_USE_TLS = flag("CONDUCT_SMTP_TLS")
EMAIL_TIMEOUT = 20  # seconds: a mail server that says nothing must not hold the worker
DEFAULT_FROM_EMAIL = os.environ.get("CONDUCT_FROM", "conduct@localhost")

# Celery holds no truth: the database says what is due. See conduct/celery.py for the schedule.
BROKER_URL = os.environ.get("CONDUCT_BROKER_URL", "filesystem://localhost")

# The rehearsal page plays a story in a process of its own, given this long; see sanctions/rehearsals/playing.py.
REHEARSAL_COMMAND = [sys.executable, str(BASE_DIR / "manage.py"), "rehearse"]
REHEARSAL_SECONDS = 60

# Seconds that the demonstration's clock runs ahead of (or behind) the real one: set by the supervisor for all its
# processes from CONDUCT_NOW, so that web, worker and scheduler agree.
CLOCK_OFFSET = float(os.environ.get("CONDUCT_CLOCK_OFFSET", "0"))
CLOCK_START = os.environ.get("CONDUCT_NOW", "")
if (CLOCK_OFFSET or CLOCK_START) and not LOCAL:
    raise ImproperlyConfigured("CONDUCT_NOW moves the clock: it works in the demonstration only (CONDUCT_DEMO=1).")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("CONDUCT_LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # frames of our own pages are meant: see X_FRAME_OPTIONS
