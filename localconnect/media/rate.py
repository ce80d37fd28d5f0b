"""How often something may happen: so many times in each second, counted from the first of them."""

from __future__ import annotations


class Rate:
    """A limit for one client. Times are monotonic seconds."""

    __slots__ = ("_count", "_most", "_since")

    def __init__(self, most: int) -> None:
        self._most = most
        self._since = float("-inf")
        self._count = 0

    def admit(self, now: float) -> bool:
        """Count one more at `now`; whether it is within the limit."""
        if now - self._since >= 1:
            self._since, self._count = now, 0
        self._count += 1
        return self._count <= self._most
