"""Whether this process is going, so that it is sent nothing new. A process begins to go once, and never comes back."""

from __future__ import annotations

import threading

_going = threading.Event()


def begin() -> None:
    """Say that this process is going."""
    _going.set()


def is_under_way() -> bool:
    """Whether this process is going."""
    return _going.is_set()
