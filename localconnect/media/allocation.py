"""Who gets which layer when not everything fits: one client's bandwidth, divided among the videos it watches.

A pure choice, made anew once a tick. First everybody's lowest layer, the most important video first; what is left
raises them one layer at a time. Going up needs some room to spare, staying does not, so a choice does not flutter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PAUSED = -1
"""No layer at all."""

HEADROOM = 1.2
"""How much of its bitrate must be free for a layer that is not being sent yet."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One watched video: bits per second of its layers, lowest first, and which of them is being sent now.

    A lower `priority` number is served first.
    """

    layers: tuple[float, ...]
    current: int = PAUSED
    priority: int = 0


def allocate(available: float, wishes: Sequence[Wish]) -> list[int]:
    """The layer of each video, or PAUSED, so that together they fit into `available` bits per second."""
    order = sorted(range(len(wishes)), key=lambda number: wishes[number].priority)
    chosen = [PAUSED] * len(wishes)
    left = available
    for layer in range(max((len(wish.layers) for wish in wishes), default=0)):
        for number in order:
            wish = wishes[number]
            if chosen[number] != layer - 1 or layer >= len(wish.layers):
                continue
            cost = wish.layers[layer] - (wish.layers[layer - 1] if layer else 0)
            needed = cost * (1 if layer <= wish.current else HEADROOM)
            if needed <= left:
                chosen[number] = layer
                left -= cost
    return chosen
