"""Identifiers that are unique and cannot be guessed.

The system's randomness is fetched for many of them at once: asking for each costs more than everything else about it.
Not for use in more than one thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

_BATCH = 256
_VARIANTS = {digit: "89ab"[number % 4] for number, digit in enumerate("0123456789abcdef")}


def new_id() -> str:
    """A random UUID (version 4) as text."""
    return next(_ids)


def _endless_ids() -> Iterator[str]:
    while True:
        digits = os.urandom(16 * _BATCH).hex()
        for start in range(0, len(digits), 32):
            yield _as_uuid(digits[start : start + 32])


def _as_uuid(digits: str) -> str:
    """32 random hex digits, with the two that tell version and variant set to those."""
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-"
        f"{_VARIANTS[digits[16]]}{digits[17:20]}-{digits[20:]}"
    )


_ids = _endless_ids()
