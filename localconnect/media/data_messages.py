"""Data messages of one meeting: what may be sent, in which order it counts, and what late joiners still get.

It turns what an attendee sends into what others receive, and keeps messages with a lifetime until that is over. It
must not know of sockets, nor who is present: room.py delivers.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

MAX_DATA_BYTES = 2048
MAX_LIFETIME_MS = 300_000
"""Longer lifetimes are cut to five minutes."""

KEPT_MESSAGES = 1024
"""Messages with a lifetime kept per meeting, at most 2 MiB; the oldest go first."""

MESSAGES_PER_SECOND = 100
"""What one attendee may send in the long run, and at once."""

_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,36}")


@dataclass(frozen=True, slots=True)
class DataMessage:
    """One message as receivers get it; `ingest_time_ns` 0 tells the sender that it was throttled."""

    topic: str
    data: bytes
    lifetime_ms: int
    sender_attendee_id: str
    sender_external_user_id: str
    ingest_time_ns: int = 0

    @property
    def is_well_formed(self) -> bool:
        """Whether the SDK would have let it pass."""
        return bool(_TOPIC.fullmatch(self.topic)) and len(self.data) <= MAX_DATA_BYTES


class _Allowance:
    """A token bucket: what one sender may still send."""

    __slots__ = ("_at", "_left")

    def __init__(self) -> None:
        self._left = float(MESSAGES_PER_SECOND)
        self._at = 0

    def take(self, now_ns: int) -> bool:
        refill = (now_ns - self._at) * MESSAGES_PER_SECOND / 1e9 if self._at else 0
        self._left = min(self._left + max(refill, 0), MESSAGES_PER_SECOND)
        self._at = now_ns
        if self._left < 1:
            return False
        self._left -= 1
        return True


class DataMessages:
    """The messages of one meeting. Times are nanoseconds since the epoch, as they stand in the messages."""

    def __init__(self) -> None:
        self._kept: deque[DataMessage] = deque(maxlen=KEPT_MESSAGES)
        self._allowances: dict[str, _Allowance] = {}
        self._latest_ns = 0

    def take(
        self, messages: Iterable[DataMessage], now_ns: int
    ) -> tuple[list[DataMessage], list[DataMessage]]:
        """What the others get of what one attendee sent, and what goes back to it as throttled.

        Malformed messages are dropped, and so is what one frame holds beyond a second's worth. Times grow strictly,
        so that they tell the order to everybody.
        """
        accepted, throttled = [], []
        for message in islice(messages, MESSAGES_PER_SECOND):
            if not message.is_well_formed:
                continue
            sender = message.sender_attendee_id
            if not self._allowances.setdefault(sender, _Allowance()).take(now_ns):
                throttled.append(message)
                continue
            self._latest_ns = max(now_ns, self._latest_ns + 1)
            message = replace(
                message,
                ingest_time_ns=self._latest_ns,
                lifetime_ms=min(message.lifetime_ms, MAX_LIFETIME_MS),
            )
            accepted.append(message)
            if message.lifetime_ms:
                self._kept.append(message)
        return accepted, throttled

    def alive(self, attendee_id: str, now_ns: int) -> Iterator[DataMessage]:
        """What somebody who joins now has missed and others' messages still say, oldest first."""
        self._kept = deque(
            (m for m in self._kept if m.ingest_time_ns + m.lifetime_ms * 1_000_000 > now_ns),
            maxlen=KEPT_MESSAGES,
        )
        return (m for m in list(self._kept) if m.sender_attendee_id != attendee_id)
