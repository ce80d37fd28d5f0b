"""How many connections there may be, and how long each may wait: one sweep over all of them, and room made in need.

Owns the numbers and the times. What a connection does when its time is up is the connection's own business.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import heapq
import logging
import math
from enum import Enum
from typing import Protocol

from localconnect.settings import Settings

logger = logging.getLogger(__name__)

MAX_DESCRIPTORS = 1_048_576
_OWN_DESCRIPTORS = 64
_FOR_CONNECTIONS = 0.75
"""Of the descriptors that are left; the others are for media, whose sockets come after the connection that asks for them."""

_EVICTED_AT_ONCE = 0.02
_CROWD = 1000
"""After so many connections have gone, their memory is returned to the system."""

LINGER_S = 2.0
"""How long a refused client may go on writing before its connection is gone: one that is cut off sees no answer."""


class Phase(Enum):
    """What a connection is waiting for."""

    IDLE = "a request"
    HEAD = "the rest of a request's head"
    BODY = "the rest of a request's body"
    ANSWER = "this server"
    LAST_ANSWER = "this server, and nothing the client sends meanwhile counts"
    REFUSED = "the client to go"


_EVICTABLE = (Phase.IDLE, Phase.HEAD)


class Connection(Protocol):
    """One client's connection, until it becomes a WebSocket."""

    phase: Phase
    since: float
    """When the phase began, in the loop's time."""

    stalled_since: float | None
    """Since when the client does not read what it is sent."""

    @property
    def is_closing(self) -> bool:
        """Whether it ends as soon as the client has read everything."""

    def expire(self) -> None:
        """The time of its phase is up."""

    def drop(self) -> None:
        """Go at once."""


class Connections:
    """All connections of one server that speak HTTP."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: set[Connection] = set()
        self._capacity = _capacity()
        self._peak = 0

    def admit(self, connection: Connection, total: int) -> bool:
        """Count a new connection; False when there is no room for it.

        :param total: connections of every kind, WebSockets included, the new one too.
        """
        limit = min(self._capacity, self._settings.max_connections)
        is_admitted = total <= limit or self._make_room(limit)
        if is_admitted:
            self._open.add(connection)
        return is_admitted

    def discard(self, connection: Connection) -> None:
        """It is closed, or a WebSocket now."""
        self._open.discard(connection)

    def sweep(self, now: float) -> None:
        """End what has taken too long by `now`."""
        settings = self._settings
        limits = {
            Phase.IDLE: settings.idle_connection_s,
            Phase.HEAD: settings.request_head_s,
            Phase.BODY: settings.request_body_s,
            Phase.ANSWER: math.inf,
            Phase.LAST_ANSWER: math.inf,
            Phase.REFUSED: LINGER_S,
        }
        stalled = now - settings.stalled_client_s
        for connection in list(self._open):
            if connection.is_closing and connection.stalled_since is None:
                connection.stalled_since = now
            if connection.stalled_since is not None and connection.stalled_since < stalled:
                logger.info("A client did not read its answer for %g s", settings.stalled_client_s)
                connection.drop()
            elif now - connection.since > limits[connection.phase]:
                connection.expire()
        self._peak = max(self._peak, len(self._open))
        if self._peak - len(self._open) >= _CROWD:
            self._peak = len(self._open)
            _return_memory()

    def _make_room(self, limit: int) -> bool:
        """Close those that have been waiting longest for their client, several at once so that a flood costs little."""
        waiting = [item for item in self._open if item.phase in _EVICTABLE]
        count = max(1, int(limit * _EVICTED_AT_ONCE))
        evicted = heapq.nsmallest(count, waiting, key=lambda item: item.since)
        for connection in evicted:
            self._open.discard(connection)
            connection.drop()
        logger.warning(
            "There are %d connections, the most there may be: %d that were waiting were closed",
            limit,
            len(evicted),
        )
        return bool(evicted)


def _capacity() -> int:
    """How many connections the process's descriptors allow, having raised their limit as far as it goes."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MAX_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MAX_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (ValueError, OSError):  # macOS has a lower limit than it says
            wanted = soft
    return max(1, int((wanted - _OWN_DESCRIPTORS) * _FOR_CONNECTIONS))


def _return_memory() -> None:
    gc.collect()
    with contextlib.suppress(
        OSError, AttributeError
    ):  # only glibc keeps, and only glibc can be asked
        ctypes.CDLL(None).malloc_trim(0)
