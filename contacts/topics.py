"""What sockets can watch: kinds of things whose versions grow, and what is sent of one, written once for all who get it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

FRAME_FORMAT = 1


class Frame(TypedDict):
    """What every frame has, whatever it shows."""

    v: int
    version: int
    type: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of thing that sockets watch. Things are known by a key, as text; their versions grow."""

    group: str  # of the channel layer, and the type of its messages
    newer: Callable[[Mapping[str, int]], Mapping[str, Frame]]
    """Reads the frames of the things whose version is above the given one."""
    note_watched: Callable[[Iterable[str], datetime], None] | None = None
    """Is told every few seconds which things are watched."""
    going_on: Callable[[datetime], Mapping[str, int]] = lambda _at: {}
    """Reads the versions of all things that may still change, for those who watch every one."""

    def read_newer(self, known: Mapping[str, int]) -> Iterator[Status]:
        """Read what is newer than the given versions, as it is sent."""
        for key, frame in self.newer(known).items():
            yield Status.of(key, frame)


@dataclass(frozen=True, slots=True)
class Status:
    """A thing as it goes over its sockets."""

    key: str
    version: int
    text: str

    @classmethod
    def of(cls, key: str, frame: Frame) -> Status:
        """Write a frame."""
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        return cls(key, frame["version"], text)


def message_of(topic: Topic, statuses: Iterable[Status]) -> dict[str, Any]:
    """Return things as the channel layer carries them together."""
    told = [[status.key, status.version, status.text] for status in statuses]
    return {"type": topic.group, "statuses": told}


def statuses_of(message: Mapping[str, Any]) -> list[Status]:
    """Read what the channel layer carried."""
    return [Status(*told) for told in message["statuses"]]
