"""Idempotency tokens: which thing each has made, so that a repeated request makes nothing new."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable
from functools import partial

from localconnect.journal import Journal
from localconnect.store import Document, Kind

_MAX_CLIENT_TOKENS = 100_000


class ClientTokens:
    """Which contact each idempotency token has made, for as long as tokens are remembered."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal or Journal()
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
        self._journal.put(
            Kind.CLIENT_TOKEN, json.dumps(key), partial(_record, contact_id, now + life_s)
        )
        while self._made and (
            len(self._made) > _MAX_CLIENT_TOKENS or next(iter(self._made.values()))[1] <= now
        ):
            oldest, _ = self._made.popitem(last=False)
            self._journal.drop(Kind.CLIENT_TOKEN, json.dumps(oldest))

    def restore(self, documents: Iterable[tuple[str, Document]]) -> None:
        """Remember what a former process remembered."""
        for key, document in documents:
            self._made[tuple(json.loads(key))] = (document["made"], document["expires_at"])

    def clear(self) -> None:
        """Forget every token."""
        self._made.clear()


def _record(made: str, expires_at: float) -> Document:
    return {"made": made, "expires_at": expires_at}
