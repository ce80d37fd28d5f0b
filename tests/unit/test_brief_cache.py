"""The counters in Redis, when many want them at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from devtools import services
from portal.brief_cache import BriefRedisCache
from portal.environment import REDIS_CACHE

FLOOD = 200  # more than there are connections


def test_flood_finds_the_counters_there() -> None:
    """Should wait for one another's connections: a counter that fails lets everybody in."""
    with services.redis() as server:
        cache = BriefRedisCache(server.url, {"OPTIONS": dict(REDIS_CACHE)})
        cache.set("calls", 7)
        ready = Barrier(FLOOD)

        def ask(_: int) -> object:
            ready.wait()
            return [cache.get("calls") for _ in range(5)]

        with ThreadPoolExecutor(FLOOD) as pool:
            assert list(pool.map(ask, range(FLOOD))) == [[7] * 5] * FLOOD
