"""Whether this process lives, and whether the parts it needs answer. Tells which part does not; never why, nor where."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from asgiref.sync import async_to_sync

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 2.0


def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """200 if every part answers, else 503; the body has each part's state."""
    parts = {name: _state(ask) for name, ask in PARTS.items()}
    well = all(state == "ok" for state in parts.values())
    body = {"status": "ok" if well else "unavailable", "parts": parts}
    return JsonResponse(body, status=200 if well else 503)


def _state(ask: Callable[[], None]) -> str:
    try:
        ask()
    except Exception:
        logger.warning("part_not_ready", exc_info=True)
        return "unavailable"
    return "ok"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_channel_layer() -> None:
    async_to_sync(get_channel_layer().group_send)("health", {"type": "health"})


def _ask_connect() -> None:
    """Open a connection to Amazon Connect's endpoint; no request is spent on it."""
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
