"""Every setting, in one file: the only reader of the environment.

Two modes. `local` (the default) is for one machine: what is not configured is embedded, and lives under `var/`.
`production` guesses nothing: a missing value stops start-up with one sentence.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.environment import address, addresses, choice, env, positive, read, required, seconds, share, time_zone
from config.logs import logging
from config.schedule import SCHEDULE
from config.theme import STYLE_HASHES, UNFOLD  # noqa: F401 - the admin theme reads UNFOLD from the settings
from embedded.state import load as load_embedded

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_env(str(BASE_DIR / ".env"), recurse=False)

MODE = choice("NIGHTSHELF_MODE", "local", ("local", "production"))
PRODUCTION = MODE == "production"
DEBUG = read(env.bool, "DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG is on while NIGHTSHELF_MODE is production: unset one of them.")

# --- Secrets and addresses ------------------------------------------------------------------------------------------

_database_url = read(env.str, "DATABASE_URL", default="")
_broker_url = address("CELERY_BROKER_URL", ("amqp", "amqps", "redis", "rediss", "sqs", "memory"))
EMBEDDED_DATABASE = not _database_url
EMBEDDED_BROKER = not _broker_url

if PRODUCTION:
    SECRET_KEY = required("SECRET_KEY", "production needs its own random key of 50 characters or more.")
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SECRET_KEY is shorter than 50 characters: generate a longer one.")
    _hosts = required("ALLOWED_HOSTS", "name the hosts this site answers to, comma-separated.")
    ALLOWED_HOSTS = [host.strip() for host in _hosts.split(",")]
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS is '*': name the hosts this site answers to.")
    required("DATABASE_URL", "production does not use the embedded database.")
    required("CELERY_BROKER_URL", "production does not use the embedded broker.")
else:
    SECRET_KEY = read(env.str, "SECRET_KEY", default="") or load_embedded(BASE_DIR).secret_key
    ALLOWED_HOSTS = read(env.list, "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])

CSRF_TRUSTED_ORIGINS = addresses("CSRF_TRUSTED_ORIGINS", ("http", "https"))

try:
    _database = dj_database_url.parse(_database_url or load_embedded(BASE_DIR).database_url)
except Exception:
    raise ImproperlyConfigured("DATABASE_URL is not an address such as postgresql://user:…@host:5432/name.") from None
if _database.get("ENGINE") != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://: Nightshelf runs on PostgreSQL only.")
_database["ENGINE"] = "django_prometheus.db.backends.postgresql"
_database["CONN_MAX_AGE"] = 60
_database["CONN_HEALTH_CHECKS"] = True
# The name tells our own connections from those of people with SQL of their own (monitoring.history).
_database["OPTIONS"] = {**_database.get("OPTIONS", {}), "connect_timeout": 5, "application_name": "nightshelf"}
DATABASES: dict[str, Any] = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Applications ---------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "config.apps.PagesConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_celery_beat",
    "django_prometheus",
    "pgtrigger",
    "pghistory",
    "storages",
    "treebeard",
    "pages",
    "monitoring",
    "catalog",
    "inventory",
    "batches",
]

MIDDLEWARE = [
    "monitoring.metrics.of_requests.RequestFigures",  # first: it measures all the others too
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "monitoring.traces.middleware.TraceMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "monitoring.context.RequestContextMiddleware",
    "monitoring.slow_requests.SlowRequestMiddleware",
    "monitoring.history.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "csp.context_processors.nonce",
            ],
        },
    },
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# --- Language and time ----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
# Dates in storage paths and expiry days are those of the business (Y8), not of the server.
TIME_ZONE = time_zone("TIME_ZONE", "Asia/Tokyo")

# --- Files ----------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION

STORAGE_BUCKET = read(env.str, "STORAGE_BUCKET", default="")
_storage_folder = read(env.path, "STORAGE_FOLDER", default=BASE_DIR / "var" / "storage")
if PRODUCTION:
    required("STORAGE_BUCKET", "production keeps result files and images in S3: name the bucket.")
STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "storage.s3.RangedS3Storage",
        "OPTIONS": {
            "bucket_name": STORAGE_BUCKET,
            "endpoint_url": address("STORAGE_ENDPOINT_URL", ("http", "https")) or None,
            "region_name": read(env.str, "STORAGE_REGION", default="") or None,
            "default_acl": None,
            "file_overwrite": True,
        },
    }
    if STORAGE_BUCKET
    else {
        "BACKEND": "storage.filesystem.RangedFileStorage",
        "OPTIONS": {"location": _storage_folder},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
# Uploads are streamed to a temporary file, never held in memory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Security -------------------------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^metrics$", r"^api/health$"]
X_FRAME_OPTIONS = "DENY"
# Alpine (bundled with the admin theme) evaluates expressions, so 'unsafe-eval' has to stay; inline scripts do not.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, "'unsafe-eval'"],
        "style-src": [SELF, *STYLE_HASHES],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# --- Background jobs ------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = _broker_url or load_embedded(BASE_DIR).broker_url
CELERY_TASK_DEFAULT_QUEUE = "nightshelf"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 900
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
# A message is a wake-up: it may be lost, so a web page never waits long for a broker that is away.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}
CELERY_BROKER_CONNECTION_TIMEOUT = 2
# For ever: after 100 tries, fifty minutes, a worker would end.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
if _broker_url.startswith("amqp"):
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {"confirm_publish": True}
    CELERY_WORKER_DETECT_QUORUM_QUEUES = True
    # A wake-up whose worker dies is delivered again at once; at the fourth death it becomes a dead letter
    # (config/queues.py). Not with Redis, which would deliver it again for ever.
    CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
elif _broker_url.startswith("sqs"):
    if PRODUCTION:
        required("SQS_REGION", "production does not guess in which region the queue is.")
    _queue_url = address("SQS_QUEUE_URL", ("http", "https"))
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "region": read(env.str, "SQS_REGION", default="") or None,
        # With an address the queue has to exist, and the rights to list and to create queues are not needed.
        "predefined_queues": {CELERY_TASK_DEFAULT_QUEUE: {"url": _queue_url}} if _queue_url else {},
        "visibility_timeout": 1200,
        "wait_time_seconds": 5,
        # Between two empty polls; also how often a worker looks that has its hands full.
        "polling_interval": 0.2,
        "client-config": {"connect_timeout": 2, "read_timeout": 8, "retries": {"total_max_attempts": 2}},
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 1200,
        "unacked_restore_interval": 5,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
    }
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
# Looking into a folder costs a millisecond; listing a bucket is a request that is paid for.
SWEEP_SECONDS = seconds("SWEEP_SECONDS", 60 if STORAGE_BUCKET else 0.5)
# Of each prefix in one sweep; the next one goes on behind them. A folder is looked at twice a second.
SWEEP_KEYS = positive("SWEEP_KEYS", 50_000 if STORAGE_BUCKET else 1_000, unit="keys")
CELERY_BEAT_SCHEDULE = SCHEDULE

# --- Doors: events of the bucket, dead-letter queues ------------------------------------------------------------------

RESULT_PREFIX = "batch-output/"
UPLOAD_PREFIX = "uploads/"
EVENT_QUEUE_URL = address("EVENT_QUEUE_URL", ("http", "https"))
EVENT_DLQ_URL = address("EVENT_DLQ_URL", ("http", "https"))
BROKER_DLQ_URL = address("BROKER_DLQ_URL", ("http", "https"))
EVENT_ENDPOINT_URL = address("EVENT_ENDPOINT_URL", ("http", "https"))
EVENT_REGION = read(env.str, "EVENT_REGION", default="") or read(env.str, "STORAGE_REGION", default="")
EVENT_VISIBILITY_SECONDS = positive("EVENT_VISIBILITY_SECONDS", 900, unit="seconds")  # Y1
EVENT_WAIT_SECONDS = positive("EVENT_WAIT_SECONDS", 20, unit="seconds")
EVENT_CONSUMERS = positive("EVENT_CONSUMERS", 2, unit="consumers")
DRAIN_SECONDS = seconds("DRAIN_SECONDS", 10)
if EVENT_QUEUE_URL and not STORAGE_BUCKET:
    raise ImproperlyConfigured(
        "EVENT_QUEUE_URL is set without STORAGE_BUCKET: name the bucket whose events it carries."
    )
if EVENT_WAIT_SECONDS > 20:
    raise ImproperlyConfigured(f"EVENT_WAIT_SECONDS is {EVENT_WAIT_SECONDS}: SQS lets a receiver wait 20 s at most.")
if EVENT_VISIBILITY_SECONDS > 43_200:
    raise ImproperlyConfigured(
        f"EVENT_VISIBILITY_SECONDS is {EVENT_VISIBILITY_SECONDS}: SQS hides a message for 43200 s at most."
    )

# --- The engine -----------------------------------------------------------------------------------------------------

CHUNK_BYTES = positive("CHUNK_BYTES", 8 * 2**20, unit="bytes")
MAX_LINE_BYTES = positive("MAX_LINE_BYTES", 32 * 2**20, unit="bytes")
LEASE_SECONDS = positive("LEASE_SECONDS", 30, unit="seconds")
MAX_ATTEMPTS = positive("MAX_ATTEMPTS", 3, unit="attempts")
RECOVER_SECONDS = positive("RECOVER_SECONDS", 10, unit="seconds")
GUEST_DAYS = positive("GUEST_DAYS", 60, unit="days")
ACCOUNT_DAYS = positive("ACCOUNT_DAYS", 365, unit="days")
LETTER_DAYS = positive("LETTER_DAYS", 90, unit="days")

# --- Images ---------------------------------------------------------------------------------------------------------

MOVE_THREADS = positive("MOVE_THREADS", 16, unit="threads")
PROCESSED_DAYS = positive("PROCESSED_DAYS", 30, unit="days")
IMAGE_LINK_SECONDS = positive("IMAGE_LINK_SECONDS", 300, unit="seconds")

# --- Import and export of products ----------------------------------------------------------------------------------

TRANSFER_DAYS = positive("TRANSFER_DAYS", 7, unit="days")
TRANSFER_LINK_SECONDS = positive("TRANSFER_LINK_SECONDS", 300, unit="seconds")

# --- Figures and traces -----------------------------------------------------------------------------------------------

METRIC_FLUSH_SECONDS = seconds("METRIC_FLUSH_SECONDS", 5)
METRIC_MINUTE_DAYS = positive("METRIC_MINUTE_DAYS", 7, unit="days")
METRIC_HOUR_DAYS = positive("METRIC_HOUR_DAYS", 396, unit="days")
TRACES = read(env.bool, "TRACES", default=True)
TRACE_DAYS = positive("TRACE_DAYS", 14, unit="days")
TRACE_FLUSH_SECONDS = seconds("TRACE_FLUSH_SECONDS", 2)
# Of what neither failed nor was slow nor belongs to a batch.
TRACE_SAMPLE = share("TRACE_SAMPLE", 0.1 if PRODUCTION else 1.0)
OTLP_ENDPOINT = address("OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https"))

# --- CloudWatch: see docs/operations/cloudwatch.md --------------------------------------------------------------------

CLOUDWATCH_METRICS = read(env.bool, "CLOUDWATCH_METRICS", default=False)
CLOUDWATCH_NAMESPACE = read(env.str, "CLOUDWATCH_NAMESPACE", default="Yorutsuke")
CLOUDWATCH_REGION = read(env.str, "CLOUDWATCH_REGION", default="") or EVENT_REGION
CLOUDWATCH_ENDPOINT_URL = address("CLOUDWATCH_ENDPOINT_URL", ("http", "https"))
CLOUDWATCH_ALARM_TOPIC = read(env.str, "CLOUDWATCH_ALARM_TOPIC", default="")
if CLOUDWATCH_NAMESPACE.startswith("AWS/"):
    raise ImproperlyConfigured("CLOUDWATCH_NAMESPACE begins with AWS/: those are Amazon's own, take another.")

# --- Alarms -----------------------------------------------------------------------------------------------------------

ALARM_SECONDS = seconds("ALARM_SECONDS", 5)
# Asked for after each minute whose alarms were evaluated: a service outside of here that notices when that stops.
DEADMAN_URL = address("DEADMAN_URL", ("http", "https"))

# --- Notifications ----------------------------------------------------------------------------------------------------

# Hosts, addresses and networks that channels' requests may go to although they are private; none unless named.
NOTIFY_PRIVATE_ADDRESSES = [entry.strip() for entry in read(env.list, "NOTIFY_PRIVATE_ADDRESSES", default=[])]
# How often the scheduler looks for notices to send, and how often one is tried before it is given up.
NOTIFY_SECONDS = seconds("NOTIFY_SECONDS", 2)
NOTIFY_TRIES = positive("NOTIFY_TRIES", 8, unit="tries")
NOTIFY_SNS_ENDPOINT_URL = address("NOTIFY_SNS_ENDPOINT_URL", ("http", "https"))
# Where people reach this site: links in messages begin with it.
SITE_ADDRESS = address("SITE_ADDRESS", ("http", "https")).rstrip("/")
EMAIL_HOST = read(env.str, "EMAIL_HOST", default="localhost")
EMAIL_PORT = positive("EMAIL_PORT", 587, unit="the port")
EMAIL_HOST_USER = read(env.str, "EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = read(env.str, "EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_SSL = read(env.bool, "EMAIL_USE_SSL", default=False)
EMAIL_USE_TLS = read(env.bool, "EMAIL_USE_TLS", default=not EMAIL_USE_SSL)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = read(env.str, "EMAIL_FROM", default="nightshelf@localhost")
if EMAIL_USE_SSL and EMAIL_USE_TLS:
    raise ImproperlyConfigured("EMAIL_USE_SSL and EMAIL_USE_TLS are both on: choose one. See .env.example.")

# --- Logs -----------------------------------------------------------------------------------------------------------

LOG_LEVEL = choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
SLOW_REQUEST_SECONDS = seconds("SLOW_REQUEST_SECONDS", 1)
CLOUDWATCH_LOG_GROUP = read(env.str, "CLOUDWATCH_LOG_GROUP", default="")
LOGGING = logging(LOG_LEVEL, CLOUDWATCH_LOG_GROUP)

PROMETHEUS_EXPORT_MIGRATIONS = False
