"""Sending captured events again: in which order and how fast. Their ids and contents stay as they are."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from localconnect.event_envelope import Event

Order = Literal["captured", "reversed", "shuffled"]
_ORDERS = ("captured", "reversed", "shuffled")
_MAX_SPEED = 1_000_000


class UnableToReplay(ValueError):
    """A wish for a replay makes no sense; the text says why."""


@dataclass(frozen=True, slots=True)
class Replay:
    """How events are sent again."""

    order: Order = "captured"
    seed: int = 0
    """Of `shuffled`: the same seed gives the same order."""
    speed: float | None = None
    """How many times as fast as they once happened; None for all at once."""

    def planned(self, events: Sequence[Event]) -> list[tuple[float, Event]]:
        """The events in their new order, each with the seconds to wait before it.

        The first to be sent leaves at once and the others as far behind it as the events were apart, whichever they are.
        """
        delays = [0.0] * len(events)
        if self.speed is not None and events:
            times = sorted(event.at for event in events)
            delays = [(at - times[0]) / self.speed for at in times]
        ordered = list(events)
        if self.order == "reversed":
            ordered.reverse()
        elif self.order == "shuffled":
            random.Random(self.seed).shuffle(ordered)  # noqa: S311 - nothing to guess
        return list(zip(delays, ordered, strict=True))


def read_replay(wish: Mapping[str, Any]) -> Replay:
    """The replay that `order`, `seed` and `speed` of a request's body ask for.

    :raises UnableToReplay: one of them is impossible.
    """
    order, seed, speed = wish.get("order", "captured"), wish.get("seed", 0), wish.get("speed")
    if order not in _ORDERS:
        raise UnableToReplay(f"order: expected one of {', '.join(_ORDERS)}")
    if not isinstance(seed, int) or isinstance(seed, bool) or seed.bit_length() > 64:
        raise UnableToReplay("seed: expected a whole number")
    if speed is not None and (
        not isinstance(speed, int | float)
        or isinstance(speed, bool)
        or not 0 < speed <= _MAX_SPEED
    ):
        raise UnableToReplay(f"speed: expected a number above 0 to {_MAX_SPEED}, or null")
    return Replay(cast("Order", order), seed, speed)
