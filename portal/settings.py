"""Every setting of the portal, read once from the environment. Wrong combinations are reported by `manage.py check`.

The list of variables with their defaults is docs/reference/settings.md.
"""

from __future__ import annotations

from pathlib import Path

import environ

from portal import error_reports
from portal.environment import (
    REDIS_CACHE,
    env,
    media_origins,
    read_address,
    read_choice,
    read_database,
    read_networks,
    read_pairs,
    read_rates,
    read_secret,
)
from portal.logs import logging_of
from portal.probes import PATHS as PROBES

# Templates, translations and static files stand beside the packages in a clone, inside this one when it is installed.
PACKAGED = Path(__file__).resolve().parent / "packaged"
BASE_DIR = PACKAGED if PACKAGED.is_dir() else PACKAGED.parent.parent
# What the portal writes: into its clone, or where an installed one is started.
DATA_DIR = Path.cwd() if BASE_DIR == PACKAGED else BASE_DIR

# Core ---------------------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
INSECURE_SECRET_KEY = "insecure-only-for-a-portal-on-your-own-machine-0123456789"  # noqa: S105 (checked: contacts.E001)
SECRET_KEY = read_secret("SECRET_KEY") or INSECURE_SECRET_KEY
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else []
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "contacts.apps.ContactsConfig",
    "partners.apps.PartnersConfig",
    "portal.apps.PortalConfig",
    "contacts.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_structlog",
    "django_tasks",
    "django_tasks_db",
    "csp",
]

MIDDLEWARE = [
    "django_structlog.middlewares.RequestMiddleware",
    "portal.measuring.MeasuringMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.headers.ResponseHeadersMiddleware",
    "portal.probes.ProbesMiddleware",
    "contacts.api.start_turns.StartTurnsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "contacts.staff_sessions.StaffAuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.outages.OutageMiddleware",
    "partners.requests.PartnerRequestsMiddleware",
    "contacts.api.deprecation.DeprecationMiddleware",
]

ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"
WSGI_APPLICATION = "portal.wsgi.application"

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
            ],
        },
    },
]

# Stores -------------------------------------------------------------------------------------------------------------

DATABASES = {"default": read_database(DATA_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = read_secret("REDIS_URL")
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # Without a limit, a Redis that hangs would hold whoever speaks to it for ever.
            "CONFIG": {
                "hosts": [
                    {"address": REDIS_URL, "socket_connect_timeout": 2, "health_check_interval": 5}
                ]
            },
        },
    }
    CACHES = {
        "default": {
            "BACKEND": "portal.brief_cache.BriefRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": REDIS_CACHE,
        },
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# Amazon Connect -----------------------------------------------------------------------------------------------------

CONNECT_ENDPOINT_URL = env.str("CONNECT_ENDPOINT_URL", "")  # empty: AWS
CONNECT_PUBLIC_URL = env.str("CONNECT_PUBLIC_URL", "") or CONNECT_ENDPOINT_URL
CONNECT_REGION = env.str("CONNECT_REGION", "us-east-1")
CONNECT_INSTANCE_ID = env.str("CONNECT_INSTANCE_ID", "")
CONNECT_CONTACT_FLOW_ID = env.str("CONNECT_CONTACT_FLOW_ID", "")
CONNECT_CONNECT_TIMEOUT_S = env.float("CONNECT_CONNECT_TIMEOUT_S", 2.0)
CONNECT_READ_TIMEOUT_S = env.float("CONNECT_READ_TIMEOUT_S", 4.0)
CONNECT_ATTEMPTS = env.int("CONNECT_ATTEMPTS", 3)
CONNECT_POOL_SIZE = env.int("CONNECT_POOL_SIZE", 50)
# Requests a second, and at once, that the account may make of an operation: Amazon Connect's own defaults.
CONNECT_RATES = read_rates(
    env.str("CONNECT_RATES", ""),
    {
        "*": (2, 5),
        "StartWebRTCContact": (2, 5),
        "CreateParticipant": (5, 8),
        "GetCurrentMetricData": (5, 8),
        "DescribeQueue": (10, 15),
        "CreateParticipantConnection": (6, 9),
        "DisconnectParticipant": (3, 5),
        "SendMessage": (10, 15),
        "DescribeContact": (10, 15),
        "StopContact": (10, 15),
    },
)
CONNECT_BREAKER_FAILURES = env.int("CONNECT_BREAKER_FAILURES", 5)
CONNECT_BREAKER_PAUSE_S = env.float("CONNECT_BREAKER_PAUSE_S", 10.0)
# Two keys may be given while one replaces the other.
CONNECT_EVENTS_KEYS = [
    key.strip() for key in read_secret("CONNECT_EVENTS_KEY").split(",") if key.strip()
]
CONNECT_EVENTS_SQS_URL = env.str("CONNECT_EVENTS_SQS_URL", "")  # read by consume_contact_events
# The first key encrypts, all decrypt: put a new one in front to rotate.
TOKEN_ENCRYPTION_KEYS = [
    key.strip() for key in read_secret("TOKEN_ENCRYPTION_KEYS").split(",") if key.strip()
]
CALL_START_RATE = env.str("CALL_START_RATE", "60/min")  # anonymous starts, per address
REMINDER_RATE = env.str("REMINDER_RATE", "5/hour")  # mails asked for, per client address
CALLBACK_RATE = env.str("CALLBACK_RATE", "10/hour")  # requests to be called back, per address
QUEUE_PLACE_EVERY_S = env.float("QUEUE_PLACE_EVERY_S", 5.0)  # at most, of each waiting contact
# Of each watched entry point's queue; an embedded Connect is on this machine, and asked as often as one may look.
QUEUE_FIGURES_EVERY_S = env.float("QUEUE_FIGURES_EVERY_S", 1.0 if CONNECT_ENDPOINT_URL else 15.0)
PERSONAL_DATA_DAYS = env.float("PERSONAL_DATA_DAYS", 30.0)  # kept after a call has ended
AUDIT_DAYS = env.float("AUDIT_DAYS", 365.0)  # for which it is kept what staff did
# Without an event, after which Amazon Connect is asked about a contact: one that waits, one with an agent.
QUIET_WAIT_S = env.float("QUIET_WAIT_S", 30.0)
QUIET_CALL_S = env.float("QUIET_CALL_S", 120.0)
ABANDONED_AFTER_S = env.float("ABANDONED_AFTER_S", 10.0)  # without the customer's page
DRAIN_NOTICE_S = env.float("DRAIN_NOTICE_S", 0.0)  # from a red /readyz to closed doors
SOCKET_READ_WITHIN_S = env.float("SOCKET_READ_WITHIN_S", 20.0)  # or the status socket is closed
# Calls that may reach Amazon Connect within an hour, whoever asks; 0: as many as come.
CALLS_PER_HOUR = env.int("CALLS_PER_HOUR", 3000)
CALLS_PER_HOUR_PER_ENTRY_POINT = env.int("CALLS_PER_HOUR_PER_ENTRY_POINT", 1000)
CALL_START_NETWORK_RATE = env.str("CALL_START_NETWORK_RATE", "300/min")  # per /24 or /56
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # of an address that anybody may claim
TRUSTED_PROXIES = env.int(
    "TRUSTED_PROXIES", 0
)  # how many proxies in front append to X-Forwarded-For

# Metrics ------------------------------------------------------------------------------------------------------------

# Who may read /metrics: whoever sends this as a bearer token, and whoever is in one of these networks.
METRICS_TOKEN = read_secret("METRICS_TOKEN")
METRICS_NETWORKS = read_networks("METRICS_NETWORKS", env.list("METRICS_NETWORKS", default=[]))
WORKER_METRICS_ADDRESS = read_address(env.str("WORKER_METRICS_ADDRESS", ""))

# Webhooks -----------------------------------------------------------------------------------------------------------

# Whether they may go to this machine, and there over plain HTTP: for developers.
WEBHOOK_LOOPBACK = env.bool("WEBHOOK_LOOPBACK", DEBUG)
# Private networks they may go to, such as 10.0.0.0/8; all others are refused.
WEBHOOK_NETWORKS = read_networks("WEBHOOK_NETWORKS", env.list("WEBHOOK_NETWORKS", default=[]))
WEBHOOK_TIMEOUT_S = env.float("WEBHOOK_TIMEOUT_S", 15.0)  # for one delivery, name lookup included
PARTNER_EVENTS_DAYS = env.float("PARTNER_EVENTS_DAYS", 30.0)

# Mail ---------------------------------------------------------------------------------------------------------------

ADMINS = [(address, address) for address in env.list("ADMINS", default=[])]
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", "portal@localhost")
EMAIL_SUBJECT_PREFIX = "[Connect Video Portal] "
EMAIL_URL = read_secret("EMAIL_URL")
vars().update(environ.Env.email_url_config(EMAIL_URL or "consolemail://"))
# Whether customers may ask for mails: nobody reads those in a worker's output but developers.
SENDS_MAIL = bool(EMAIL_URL) or DEBUG

# REST ---------------------------------------------------------------------------------------------------------------

API_BODY_LIMIT = (
    128 * 1024
)  # bytes; the largest lawful start is 32 KiB of attributes and 8 KiB of the rest, escaped
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["contacts.api.parsing.LimitedJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["partners.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [
        "contacts.api.permissions.SameOriginOnly",
        "contacts.api.callers.HasScope",
    ],
    "DEFAULT_SCHEMA_CLASS": "contacts.api.description.Schema",
    "EXCEPTION_HANDLER": "contacts.api.problems.problem_response",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Connect Video Portal",
    "DESCRIPTION": "Start video calls with an Amazon Connect contact centre and follow them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "partner_key": {
                "type": "http",
                "scheme": "bearer",
                "description": "A partner's key: vcp_live_… or vcp_test_….",
            }
        }
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "contacts.api.description.complete",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ContactStateEnum": "contacts.choices.ContactState",
        "CallbackStateEnum": "contacts.choices.CallbackState",
        "AvailabilityStateEnum": "contacts.choices.AvailabilityState",
        "InvitationStateEnum": "contacts.choices.InvitationState",
        "WebhookDeliveryStateEnum": "partners.models.webhook_deliveries.DeliveryState",
        "PartnerEventTypeEnum": "contacts.choices.PartnerEventType",
        "WebhookTypeEnum": "partners.api.shapes.TYPES",
    },
}

# Staff --------------------------------------------------------------------------------------------------------------

# Whether staff may, must or cannot have a second factor.
STAFF_TWO_FACTOR = read_choice("STAFF_TWO_FACTOR", "optional", ("off", "optional", "required"))

# The provider that signs staff in; none if there is no issuer.
OIDC_ISSUER = env.str("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = read_secret("OIDC_CLIENT_SECRET")
OIDC_NAME = env.str("OIDC_NAME", "") or "single sign-on"
OIDC_SCOPES = env.str("OIDC_SCOPES", "openid profile email")
OIDC_GROUPS_CLAIM = env.str("OIDC_GROUPS_CLAIM", "groups")
OIDC_GROUPS = read_pairs("OIDC_GROUPS")  # what the claim says, to groups of ours
OIDC_TRUST_SECOND_FACTOR = env.bool("OIDC_TRUST_SECOND_FACTOR", False)  # to have been asked there
STAFF_PASSWORDS = read_choice("STAFF_PASSWORDS", "all", ("all", "superusers"))

# Security -----------------------------------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
SECURE_COOKIES = env.bool("SECURE_COOKIES", not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", False)
SECURE_REDIRECT_EXEMPT = [rf"^{path.removeprefix('/')}$" for path in PROBES]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", False)
# Whether a whole domain goes without HTTP is not for one site of it to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = ", ".join(
    [f"{name}=(self)" for name in ("camera", "microphone", "display-capture")]
    + [
        f"{name}=()"
        for name in (
            *("accelerometer", "bluetooth", "geolocation", "gyroscope", "hid", "magnetometer"),
            *("midi", "payment", "serial", "usb", "xr-spatial-tracking"),
        )
    ]
)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "media-src": ["'self'", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'", *media_origins(CONNECT_PUBLIC_URL)],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    },
}

# Language and time --------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# By their own names, as readers look for them.
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("ar", "العربية"),
]
if DEBUG:
    # English with accents, longer and in brackets: shows what is not translated, and what has no room.
    LANGUAGES.append(("en-xa", "[Ƥşḗŭḓǿ]"))
LANGUAGE_COOKIE_NAME = "vcp_language"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True

# Static files -------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "staticfiles"
STATICFILES_DIRS = [(name, BASE_DIR / "static" / name) for name in ("dist", "css", "img")]
# Until `collectstatic` has run, files are served from where they lie.
# The build names a part of a script after what is in it.
WHITENOISE_IMMUTABLE_FILE_TEST = r"/dist/chunks/[\w-]+-[0-9A-Z]{8}\.js$"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or not STATIC_ROOT.is_dir()

# Logs ---------------------------------------------------------------------------------------------------------------

LOGGING = logging_of(level=env.str("LOG_LEVEL", "INFO"), readable=DEBUG)

# Reports of errors --------------------------------------------------------------------------------------------------

SENTRY_DSN = read_secret("SENTRY_DSN")
SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", "production")
error_reports.begin(dsn=SENTRY_DSN, environment=SENTRY_ENVIRONMENT)

# Traces -------------------------------------------------------------------------------------------------------------

OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", "")
if OTEL_EXPORTER_OTLP_ENDPOINT:
    MIDDLEWARE.insert(
        1, "portal.traces.TracingMiddleware"
    )  # the first one gives the request its id
