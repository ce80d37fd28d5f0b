"""UDP ports for tests that limit them."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack


def free_range(count: int) -> str:
    """`FIRST-LAST`: that many consecutive UDP ports that were free on all addresses a moment ago."""
    while True:
        first = random.randrange(20_000, 32_000)
        with ExitStack() as held:
            try:
                for port in range(first, first + count):
                    probe = held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                    probe.bind(("", port))
            except OSError:
                continue
        return f"{first}-{first + count - 1}"
