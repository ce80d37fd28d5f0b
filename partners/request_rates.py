"""How often a partner's key may ask: a token bucket for each, in the cache that all processes share.

The bucket is one number, the moment at which it is full again (generic cell rate algorithm). Two requests of the same
moment may count as one: this keeps order between programs that mean well, and is no wall.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

from django.core.cache import cache

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests a second in the long run, and how many at once."""

    name: str
    per_s: float
    burst: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a bucket after a request, and whether there was something for it."""

    rate: Rate
    is_allowed: bool
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """Return the fields of draft-ietf-httpapi-ratelimit-headers."""
        window_s = math.ceil(self.rate.burst / self.rate.per_s)
        return {
            "RateLimit-Policy": f'"{self.rate.name}";q={self.rate.burst};w={window_s}',
            "RateLimit": f'"{self.rate.name}";r={self.remaining};t={self.reset_s}',
        }


REQUESTS = Rate("requests", per_s=20, burst=40)
STARTS = Rate("starts", per_s=5, burst=20)


def take(rate: Rate, of: str, *, now: float) -> Standing:
    """Take one token of somebody's bucket, at `now` in seconds since 1970; there is one while the cache is away."""
    name, interval_s = f"rate:{rate.name}:{of}", 1 / rate.per_s
    try:
        full_at = max(float(cache.get(name) or 0.0), now)
        room_s = rate.burst * interval_s - (full_at - now)
        is_allowed = room_s >= interval_s - 1e-9
        if is_allowed:
            full_at += interval_s
            room_s -= interval_s
            cache.set(name, full_at, timeout=math.ceil(rate.burst * interval_s) + 1)
    except Exception:
        logger.warning("rate_unavailable", exc_info=True)
        return Standing(rate, is_allowed=True, remaining=rate.burst, reset_s=0)
    remaining = max(0, math.floor(room_s / interval_s + 1e-9))
    wait_s = full_at - now if is_allowed else interval_s - room_s
    return Standing(rate, is_allowed, remaining, max(1, math.ceil(wait_s)))
