"""Counts tries to log in: in the cache, for a few minutes. While that is away everybody may try: staff must be able to end calls."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from contacts.api.throttling import network_of

logger = logging.getLogger(__name__)

FORGOTTEN_AFTER_S = 300

T = TypeVar("T")


def address_of(request: HttpRequest) -> str:
    """Return whose tries are counted as one client's: an IPv4 address, or the /64 that a host with IPv6 has to itself."""
    told = SimpleRateThrottle.get_ident(_Addressed(), request)  # type: ignore[arg-type]
    return network_of(told, of_ipv4=32, of_ipv6=64)


def key_of(*parts: str) -> str:
    """Return the key under which tries are counted that have so much in common."""
    return "admin-login-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


def tries_of(key: str) -> int:
    """Return how many there were of late."""
    return int(_if_there(lambda: cache.get(key, 0), 0))


def count_try(key: str) -> None:
    """Count one more."""
    _if_there(lambda: cache.add(key, 0, FORGOTTEN_AFTER_S), False)
    _if_there(lambda: cache.incr(key), 0)


class _Addressed(SimpleRateThrottle):
    """Knows the client's address behind proxies."""

    rate = "1/min"


def _if_there(work: Callable[[], T], otherwise: T) -> T:
    try:
        return work()
    except Exception:
        logger.warning("login_throttle_unavailable", exc_info=True)
        return otherwise
