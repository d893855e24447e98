"""All settings, in one file, read from the environment. Unknown values and a half-configured start are refused."""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from gridgov import environment as env

BASE_DIR = env.ROOT
GRIDGOV_HOME = env.home()
DEBUG = env.flag("DEBUG")
# What this process is for decides how long one statement and one broker call may take.
PROCESS = env.choice("GRIDGOV_PROCESS", ("web", "task", "command"), "web")
HTTPS = env.flag("GRIDGOV_HTTPS")
# Whether /readyz waits for the demo city.
DEMO = env.flag("GRIDGOV_DEMO")

# --- secrets and hosts -------------------------------------------------------------------------------------------

# The embedded launcher makes a key and passes SECRET_KEY_FILE; whoever brings their own database brings their own key.
SECRET_KEY = env.secret("SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY or SECRET_KEY_FILE must give at least 50 random characters.")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
# A one-machine start listens on the loopback address and answers to any name; behind HTTPS the names must be said.
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", () if HTTPS else ("*",))
if HTTPS and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts that are served when GRIDGOV_HTTPS=1.")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
# Where residents open the site, printed on signs: staff may come in by another name.
PUBLIC_URL = env.text("PUBLIC_URL").rstrip("/")
if PUBLIC_URL and not PUBLIC_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured("PUBLIC_URL must begin with https:// or http://.")
# How many proxies of ours stand before the web server: that many entries at the right of X-Forwarded-For are believed.
PROXY_COUNT = env.number("PROXY_COUNT", 0, most=5)
METRICS_TOKEN = env.secret("METRICS_TOKEN")
# What personal data is encrypted with; without one it is derived from SECRET_KEY. `restore` leaves the key of the
# backup in this file, so that the data of another instance can be read here.
VAULT_KEY_PATH = GRIDGOV_HOME / "vault_key"
VAULT_KEY = env.secret("VAULT_KEY") or (VAULT_KEY_PATH.read_text().strip() if VAULT_KEY_PATH.is_file() else "")

# --- applications ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # Before staticfiles, so that the one-command server's own static handling is never doubled by `runserver`.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "mptt",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "axes",
    "csp",
    "core",
    "grids",
    "personnel",
    "workorders",
    "assessment",
    "exchange",
    "api",
    "pages",
]
AUTH_USER_MODEL = "personnel.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "gridgov.urls"
WSGI_APPLICATION = "gridgov.wsgi.application"

MIDDLEWARE = [
    # The first four put their headers on every response, static files and failures included.
    "gridgov.middleware.ClientAddress",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "gridgov.middleware.ExtraHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "gridgov.measures.Measure",
    "gridgov.middleware.DatabaseGone",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gridgov.middleware.LoginWall",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gridgov.viewing.ViewAs",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# --- database ----------------------------------------------------------------------------------------------------

_database_url = env.text("DATABASE_URL")
if not _database_url:
    raise ImproperlyConfigured(
        "DATABASE_URL is not set. script/server and script/manage bring a database of their own."
    )
_database = env.database(_database_url)
# Seconds one statement may take: a request must answer, a monthly run may think.
STATEMENT_TIMEOUT = env.number("STATEMENT_TIMEOUT", 5 if PROCESS == "web" else 300)
LOCK_TIMEOUT = env.number("LOCK_TIMEOUT", 10)
DATABASES = {
    "default": {
        "ENGINE": "gridgov.postgres",
        "NAME": _database.name,
        "USER": _database.user,
        "PASSWORD": _database.password,
        "HOST": _database.host,
        "PORT": _database.port,
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": env.number("CONN_MAX_AGE", 600),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_database.options,
            "connect_timeout": 2,
            # A server that vanished from the network is noticed in seconds, not in the system's quarter of an hour.
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            "tcp_user_timeout": 8000,
            "application_name": f"gridgov-{PROCESS}",
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT}s -c lock_timeout={LOCK_TIMEOUT}s"
            " -c idle_in_transaction_session_timeout=30s",
        },
    }
}

# Where pg_dump, pg_restore and psql are, for `backup` and `restore`: a function, asked only then.
POSTGRES_PROGRAMS = "gridgov.binaries.programs"

# --- broker and cache --------------------------------------------------------------------------------------------

REDIS_URL = env.redis(env.text("REDIS_URL"))
# A frozen Redis must cost a request about a second, once; a worker waits on it by design and may be patient.
_socket_timeout = 1 if PROCESS == "web" else 10
CACHES = {
    "default": {
        "BACKEND": "gridgov.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "gridgov",
        # No retries: the client would sleep between them, and a miss is an answer.
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 0)},
    }
}
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The worker keeps trying for as long as the broker is away.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, or Redis hands the same task out twice while it still runs.
    "visibility_timeout": 6 * 3600,
    "socket_timeout": _socket_timeout,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "retry_on_timeout": False,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
# The outbox row is the truth and is swept; a publish that fails once is not tried again inside a request.
CELERY_TASK_PUBLISH_RETRY = PROCESS != "web"
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_ALWAYS_EAGER = env.flag("CELERY_TASK_ALWAYS_EAGER")

# --- people and passwords ----------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "personnel.accounts.PasswordKindsValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
# A street office shares one address: only the account and address together are locked, never the address alone.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_HTTP_RESPONSE_CODE = 429
AXES_CLIENT_IP_CALLABLE = "gridgov.middleware.client_address"
AXES_ALLOWED_CORS_ORIGINS = ""
AXES_VERBOSE = False
# Log-ins leave their own audit event; a second table of them would only hold personal data longer.
AXES_DISABLE_ACCESS_LOG = True

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# Two instances on one machine share the host name and so the cookie jar; the port keeps their names apart.
_cookie_mark = "" if HTTPS else f"_{env.number('PORT', 8000, least=1, most=65535)}"
SESSION_COOKIE_NAME = "__Host-gridgov_session" if HTTPS else f"gridgov_session{_cookie_mark}"
CSRF_COOKIE_NAME = "__Host-gridgov_csrf" if HTTPS else f"gridgov_csrf{_cookie_mark}"

# --- map tiles -----------------------------------------------------------------------------------------------------

# Without an address the map is a blank sheet with outlines. Labels are a second layer of the same kind.
MAP_TILES = env.tiles(
    env.text("MAP_TILES"),
    labels=env.text("MAP_TILES_LABELS"),
    subdomains=env.text("MAP_TILES_SUBDOMAINS", "abc"),
    coordinates=env.choice("MAP_TILES_COORDINATES", ("wgs84", "cgcs2000", "gcj02", "bd09"), "wgs84"),
    attribution=env.text("MAP_TILES_ATTRIBUTION"),
    deepest=env.number("MAP_TILES_MAX_ZOOM", 18, least=1, most=22),
)

# --- what browsers are told --------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and PROXY_COUNT else None
# Probes come from inside, over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *(MAP_TILES.origins if MAP_TILES else ())],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=(), interest-cohort=()"

# --- language and time -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "gridgov_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- notices -------------------------------------------------------------------------------------------------------

# Which channels carry notices out of the site, by their names in workorders.channels; "console" writes them to the log.
NOTICE_CHANNELS = env.words("NOTICE_CHANNELS")

# --- files -------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [folder for folder in (BASE_DIR / "static",) if folder.is_dir()]
STATICFILES_FINDERS = [
    "gridgov.finders.VendorFinder",
    "gridgov.finders.JoinedFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# `plain` serves straight from the finders, nothing to collect; image builds say `manifest` and run collectstatic.
STATIC_FILES = env.choice("STATIC_FILES", ("plain", "manifest"), "plain")
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles"))) if STATIC_FILES == "manifest" else None
WHITENOISE_USE_FINDERS = STATIC_FILES == "plain"
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 300


def _static_headers(headers, path: str, url: str) -> None:
    """Files that come from packages change with a release at most; browsers may keep them for a week."""
    if url.startswith(
        tuple(f"{STATIC_URL}{folder}/" for folder in ("vendor", "drf_spectacular_sidecar", "django_htmx"))
    ):
        headers["Cache-Control"] = "max-age=604800, public"


WHITENOISE_ADD_HEADERS_FUNCTION = _static_headers
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_FILES == "manifest"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(GRIDGOV_HOME / "uploads")))
MEDIA_URL = "/uploads/"  # never routed: every file goes through a view that asks who may see it
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# Attachments stream to disk past 1 MB, so that one of 25 MB is answered with 413 by the view and not by a reset.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- REST --------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["api.base.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.base.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNICODE_JSON": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Gridgov",
    "DESCRIPTION": "Grid governance: areas, people, work orders, assessment.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # All of the documentation page comes from the wheel: it works without any network.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Several things have a kind: each list of words has its own name in the schema.
    "ENUM_NAME_OVERRIDES": {
        "AreaKind": "grids.levels.Kind",
        "AttachmentKind": "workorders.models.Attachment.Kind",
        "ClockKind": "workorders.vocabulary.ClockKind",
        "AreaLevel": "grids.levels.Level",
        "OrderStatus": "workorders.vocabulary.Status",
        "RunStatus": "assessment.vocabulary.RunStatus",
        "ScoreLevel": "assessment.vocabulary.ScoreLevel",
    },
}

# --- logs --------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "gridgov.redaction.RedactPersonalData"}},
    "formatters": {
        "line": {
            "()": "gridgov.redaction.RedactingFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "axes": {"level": "ERROR"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
