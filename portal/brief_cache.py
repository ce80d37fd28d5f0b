"""The cache in Redis, for counters that nobody may wait for: it answers at once or not at all.

After a failure it is left alone for a few seconds, so that a Redis that hangs costs one request a moment and the others
nothing. Whoever uses it decides what to do without.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.functional import cached_property

from redis.exceptions import RedisError

LEFT_ALONE_S = 5.0
_left_alone_until = [
    0.0
]  # by time.monotonic; of the whole process, as each thread has a cache of its own


class CacheAway(Exception):
    """Redis failed a moment ago."""


def _briefly(name: str) -> Callable[..., Any]:
    ask = getattr(RedisCache, name)

    def method(self: RedisCache, *arguments: Any, **options: Any) -> Any:
        if time.monotonic() < _left_alone_until[0]:
            raise CacheAway
        try:
            return ask(self, *arguments, **options)
        except (RedisError, OSError):
            _left_alone_until[0] = time.monotonic() + LEFT_ALONE_S
            raise

    method.__name__, method.__doc__ = name, ask.__doc__
    return method


class _KeptClient(RedisCacheClient):
    """Django's makes an object around the pool of connections for each command."""

    @cached_property
    def _kept(self) -> Any:
        return super().get_client()

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._kept


_clients: dict[str, Any] = {}


class BriefRedisCache(RedisCache):
    """Django's, in a hurry, with one pool of connections for the process: Django's has one for each request's context."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _KeptClient
        self._server = server

    @cached_property
    def _cache(self) -> Any:
        return _clients.setdefault(self._server, super()._cache)

    add = _briefly("add")
    get = _briefly("get")
    set = _briefly("set")
    touch = _briefly("touch")
    delete = _briefly("delete")
    get_many = _briefly("get_many")
    has_key = _briefly("has_key")
    incr = _briefly("incr")
    set_many = _briefly("set_many")
    delete_many = _briefly("delete_many")
    clear = _briefly("clear")
