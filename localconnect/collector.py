"""How a process of calls collects garbage: seldom, since most of what a call needs lives as long as the call."""

from __future__ import annotations

import gc

_YOUNG_OBJECTS = 10_000
"""How many are made before the garbage collector looks at them."""


def spare_long_lived() -> None:
    """Never look again at what there is now: it is here to stay, and walking it would only make calls stutter."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)
