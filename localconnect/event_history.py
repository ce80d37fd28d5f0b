"""Contact events that were published: the latest of them kept, shown page by page, and captured ones read back.

A captured history is a list of envelopes, in a file one to a line. How events are sent again is not decided here.
"""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from localconnect.event_envelope import Event

MAX_CAPTURED = 10_000
"""Events that may be sent again at a time."""

_MAX_EVENT = 256 * 1024
"""Bytes of one event, as in Amazon EventBridge."""


class UnusableHistory(ValueError):
    """What was given is not a captured history; the text says where and why."""


class EventHistory:
    """The latest events in the order they were published, numbered from 1."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._forgotten = 0

    def add(self, event: Event, limit: int) -> None:
        """Keep `event`, and at most `limit` of them."""
        self._events.append(event)
        while len(self._events) > limit:
            self._events.popleft()
            self._forgotten += 1

    def clear(self) -> None:
        """Forget every event, and count from 1 again."""
        self._events.clear()
        self._forgotten = 0

    def events(self, contact_id: str | None = None) -> list[Event]:
        """Every event kept, or those of one contact."""
        return [event for _, event in self._numbered(0, contact_id)]

    def page(
        self, after: int, limit: int | None, contact_id: str | None
    ) -> tuple[list[Event], int]:
        """Up to `limit` events that follow number `after`, and the number to go on after."""
        page = list(itertools.islice(self._numbered(after, contact_id), limit))
        last = page[-1][0] if page else max(after, self._forgotten)
        return [event for _, event in page], last

    def _numbered(self, after: int, contact_id: str | None) -> Iterator[tuple[int, Event]]:
        skipped = max(0, after - self._forgotten)
        for number, event in enumerate(self._events, start=self._forgotten + 1):
            if number - self._forgotten > skipped and contact_id in (None, event.contact_id):
                yield number, event


def read_lines(lines: Iterable[str]) -> list[Event]:
    """The events of a captured history with one envelope to a line.

    :raises UnusableHistory: a line is no envelope, or there are too many.
    """
    events = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                document = json.loads(line)
            except (ValueError, RecursionError):
                raise UnusableHistory(f"line {number}: not JSON") from None
            events.append(_event(document, f"line {number}"))
        if len(events) > MAX_CAPTURED:
            raise UnusableHistory(f"more than {MAX_CAPTURED} events")
    return events


def read_envelopes(documents: Any) -> list[Event]:
    """The events of a list of envelopes.

    :raises UnusableHistory: something in it is no envelope, or there are too many.
    """
    if not isinstance(documents, list):
        raise UnusableHistory("events: expected a list of envelopes")
    if len(documents) > MAX_CAPTURED:
        raise UnusableHistory(f"events: expected at most {MAX_CAPTURED}")
    return [_event(document, f"events[{place}]") for place, document in enumerate(documents)]


def _event(document: Any, place: str) -> Event:
    detail = _member(document, "detail", dict, place)
    for name in ("id", "source", "detail-type"):
        _member(document, name, str, place)
    time = _member(document, "time", str, place)
    try:
        at = datetime.fromisoformat(time).timestamp()
        body = json.dumps(document, allow_nan=False).encode()
    except (ValueError, OverflowError, RecursionError) as error:
        raise UnusableHistory(f"{place}: {error}") from None
    if len(body) > _MAX_EVENT:
        raise UnusableHistory(f"{place}: longer than {_MAX_EVENT} bytes")
    contact_id = _member(detail, "contactId", str, f"{place}.detail")
    event_type = _member(detail, "eventType", str, f"{place}.detail")
    first = detail.get("initialContactId")
    return Event(contact_id, event_type, at, body, first if isinstance(first, str) else contact_id)


def _member(document: Any, name: str, kind: type, place: str) -> Any:
    value = document.get(name) if isinstance(document, dict) else None
    if not isinstance(value, kind):
        expected = "an object" if kind is dict else "a string"
        raise UnusableHistory(f"{place}.{name}: expected {expected}")
    return value
