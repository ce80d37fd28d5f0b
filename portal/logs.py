"""Structured logs: one JSON object a line in production, readable lines while developing; each with its request's id.

No token is ever given to a logger; that is the callers' duty, and a test greps for it. The tokens that come in
addresses, those of invitations and handovers, are taken out here, whoever logs the address; and so is what AWS's client
tells of its requests when somebody has it tell everything.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

WIRE = ("boto3", "botocore", "s3transfer", "urllib3")
KEPT_OF_WIRE = ("logger", "level", "timestamp", "request_id", "_record", "_from_structlog")
LINK = re.compile(r"/(join|continue)/[A-Za-z0-9_-]{43}")


def hide_links(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """Take the tokens of links out of every text that is logged."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = LINK.sub(r"/\1/…", value)
    return event


def hide_wire(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """Say that AWS's client and its HTTP wrote something below a warning, and not what: whole requests and answers, tokens included."""
    if event["level"] in ("debug", "info") and event["logger"].startswith(WIRE):
        return {key: event[key] for key in KEPT_OF_WIRE if key in event} | {"event": "hidden"}
    return event


SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    hide_links,
    hide_wire,
]


def logging_of(*, level: str, readable: bool) -> dict[str, Any]:
    """Return Django's `LOGGING`, and set structlog up to feed the same handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED_PROCESSORS,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderers: list[Any] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=False,
                # The default one, where rich is installed, prints local variables: tokens among them.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED_PROCESSORS,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *renderers,
                ],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would write everything twice; django-structlog writes one line per request.
            "django": {"handlers": [], "level": level},
            "django.request": {"level": "CRITICAL"},
            "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "daphne": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            # What it writes below are the values of every query: names, and the keys of staff's sessions.
            "django.db.backends": {"level": "INFO"},
        },
    }
