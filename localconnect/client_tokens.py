"""Idempotency tokens: which thing each has made, so that a repeated request makes nothing new."""

from __future__ import annotations

from collections import OrderedDict

_MAX_CLIENT_TOKENS = 100_000


class ClientTokens:
    """Which contact each idempotency token has made, for as long as tokens are remembered."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, ...], tuple[str, float]] = OrderedDict()

    def find(self, key: tuple[str, ...], now: float) -> str | None:
        """The id of the contact made with `key`, unless the token has expired."""
        made = self._made.get(key)
        if made is None or made[1] <= now:
            return None
        return made[0]

    def remember(
        self, key: tuple[str, ...], contact_id: str, *, now: float, life_s: float
    ) -> None:
        """Note that `key` made `contact_id`; expired tokens, and the oldest beyond a bound, are forgotten."""
        self._made.pop(key, None)
        self._made[key] = (contact_id, now + life_s)
        while self._made and (
            len(self._made) > _MAX_CLIENT_TOKENS or next(iter(self._made.values()))[1] <= now
        ):
            self._made.popitem(last=False)

    def clear(self) -> None:
        """Forget every token."""
        self._made.clear()
