"""Whether this process lives, and whether the parts it needs answer. Tells which part does not; never why, nor where.

Without its channel layer the portal is slower, not useless: sockets compare with the database. So that part is told of, and
decides nothing; else a Redis that is away would take every process out of service.
"""

from __future__ import annotations

import asyncio
import http.client
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from asgiref.sync import async_to_sync

from contacts import connect_credentials
from contacts.models import Lease
from portal import draining

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 2.0
LAYER_TIMEOUT_S = 1.0
WRITE_EVERY_S = 1.0
DISPENSABLE = ("channel_layer",)
_written_at = [-WRITE_EVERY_S]  # by time.monotonic


def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """200 if every part that is needed answers and the process stays, else 503; the body has each part's state."""
    if draining.is_under_way():
        return JsonResponse({"status": "draining", "parts": {}}, status=503)
    parts = {name: _state(name, ask) for name, ask in PARTS.items()}
    well = all(state == "ok" for state in parts.values())
    serves = all(state == "ok" for name, state in parts.items() if name not in DISPENSABLE)
    told = "ok" if well else "degraded" if serves else "unavailable"
    return JsonResponse({"status": told, "parts": parts}, status=200 if serves else 503)


class Refused(Exception):
    """A part answers, and refuses us."""


def _state(name: str, ask: Callable[[], None]) -> str:
    try:
        ask()
    except Refused as error:
        logger.warning("part_refuses", extra={"part": name, "cause": str(error)})
        return "refused"
    except Exception:
        logger.warning("part_not_ready", exc_info=True, extra={"part": name})
        return "unavailable"
    return "ok"


def _ask_database() -> None:
    """Write: a full disk lets everybody read. At most once a second, however often strangers ask."""
    if time.monotonic() - _written_at[0] < WRITE_EVERY_S:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return
    Lease.hold(name="readiness", holder="all", at=timezone.now(), length=timedelta())
    _written_at[0] = time.monotonic()


def _ask_channel_layer() -> None:
    async def ask() -> None:
        async with asyncio.timeout(LAYER_TIMEOUT_S):
            await get_channel_layer().group_send("health", {"type": "health"})

    async_to_sync(ask)()


def _ask_connect() -> None:
    """Open a connection to Amazon Connect's endpoint; no request is spent on it. What the last one was told counts."""
    if (cause := connect_credentials.last_refusal()) is not None:
        raise Refused(cause)
    default = f"https://connect.{settings.CONNECT_REGION}.amazonaws.com"
    address = urlsplit(settings.CONNECT_ENDPOINT_URL or default)
    secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    link = kind(address.hostname or "", address.port, timeout=CONNECT_TIMEOUT_S)
    try:
        link.connect()
    finally:
        link.close()


PARTS: dict[str, Callable[[], None]] = {
    "database": _ask_database,
    "channel_layer": _ask_channel_layer,
    "connect": _ask_connect,
}
