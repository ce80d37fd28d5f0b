"""Token buckets, one per operation: `burst` requests at once, `rate` a second in the long run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from localconnect.setting_values import RateLimit


@dataclass(slots=True)
class TokenBucket:
    """Tokens left at `filled_at` (epoch seconds)."""

    tokens: float
    filled_at: float

    def take(self, limit: RateLimit, now: float) -> bool:
        """Take one token, if there is one at `now`. The limit may differ from call to call."""
        gained = max(0.0, now - self.filled_at) * limit["rate"]
        self.tokens = min(limit["burst"], self.tokens + gained)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Throttle:
    """The buckets of every operation that was called."""

    def __init__(self, limit_of: Callable[[str], RateLimit]) -> None:
        self._limit_of = limit_of
        self._buckets: dict[str, TokenBucket] = {}

    def admits(self, operation: str, now: float) -> bool:
        """Whether one more request of `operation` may pass at `now`; if so it is counted."""
        limit = self._limit_of(operation)
        bucket = self._buckets.get(operation)
        if bucket is None:
            bucket = self._buckets[operation] = TokenBucket(tokens=limit["burst"], filled_at=now)
        return bucket.take(limit, now)

    def reset(self) -> None:
        """Fill every bucket."""
        self._buckets.clear()
