"""Faults to order: what a test asks to go wrong with the next requests of an operation.

Owns the list and hands each fault out as often as it was ordered. What "going wrong" means is the gateway's business.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

Drop = Literal["before", "after"]

_KEYS = {"operation", "error", "status", "times", "delay_ms", "drop"}


class UnableToOrderFault(ValueError):
    """The order makes no sense; the text says why."""


@dataclass(slots=True)
class Fault:
    """One kind of trouble for `operation` (`*` for all), `times` more times (None: until cleared)."""

    operation: str
    error: str | None
    status: int | None
    times: int | None
    delay_s: float
    drop: Drop | None

    def described(self) -> dict[str, Any]:
        """As JSON, in the words of the order."""
        return {
            "operation": self.operation,
            "error": self.error,
            "status": self.status,
            "times": self.times,
            "delay_ms": self.delay_s * 1000,
            "drop": self.drop,
        }


class Faults:
    """The orders still open, oldest first."""

    def __init__(self, operations: Collection[str]) -> None:
        """Faults can be ordered for `operations`, by their keys."""
        self._operations = operations
        self._open: list[Fault] = []
        self.resets = 0
        """How often everything has begun anew: what a fault held up since before then has come too late."""

    def order(self, wish: dict[str, Any]) -> Fault:
        """Add a fault from its JSON description.

        :raises UnableToOrderFault: a key or a value is impossible.
        """
        fault = _read(wish)
        if fault.operation != "*" and fault.operation not in self._operations:
            # It would never come to pass, and the test that ordered it would test nothing.
            raise UnableToOrderFault(
                f"operation: there is no {fault.operation[:100]!r}; expected the name of one, e.g. StopContact, or *"
            )
        self._open.append(fault)
        return fault

    def take(self, operation: str) -> Fault | None:
        """The fault to inflict on a request of `operation` now, counted as used."""
        if not self._open:
            return None
        for fault in self._open:
            if fault.operation in ("*", operation):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._open.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Cancel every order."""
        self._open.clear()

    def reset(self) -> None:
        """Cancel every order, and have nothing come of the requests that one holds up."""
        self.clear()
        self.resets += 1

    def described(self) -> list[dict[str, Any]]:
        """Every open order, as JSON."""
        return [fault.described() for fault in self._open]


def _read(wish: dict[str, Any]) -> Fault:
    unknown = wish.keys() - _KEYS
    if unknown:
        raise UnableToOrderFault(
            f"{', '.join(sorted(unknown))}: unknown; expected {', '.join(sorted(_KEYS))}"
        )
    operation = wish.get("operation")
    if not isinstance(operation, str) or not operation:
        raise UnableToOrderFault("operation: expected the name of an operation, or *")
    error = wish.get("error")
    if error is not None and not (
        isinstance(error, str) and re.fullmatch(r"[A-Za-z]{1,100}", error)
    ):
        raise UnableToOrderFault("error: expected the name of an error, e.g. ThrottlingException")
    drop = wish.get("drop")
    if drop not in (None, "before", "after"):
        raise UnableToOrderFault("drop: expected before or after")
    status = _number(wish, "status", None, 400, 599)
    times = _number(wish, "times", 1, 1, 1_000_000)
    delay_ms = _number(wish, "delay_ms", 0, 0, 600_000)
    if "times" in wish and wish["times"] is None:
        times = None
    if error is None and drop is None and not delay_ms:
        raise UnableToOrderFault("a fault needs an error, a drop or a delay_ms")
    return Fault(operation, error, status, times, (delay_ms or 0) / 1000, drop)


def _number(
    wish: dict[str, Any], key: str, default: int | None, lowest: int, highest: int
) -> int | None:
    value = wish.get(key, default)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise UnableToOrderFault(f"{key}: expected a whole number from {lowest} to {highest}")
    return value
