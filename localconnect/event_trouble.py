"""What goes wrong with contact events on purpose, so that receivers can be tested against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


class UnableToOrderTrouble(ValueError):
    """A wish for trouble makes no sense; the text says why."""


@dataclass(slots=True)
class EventTrouble:
    """What goes wrong with events on purpose."""

    duplicate: int = 0
    """How many copies of each event follow the first."""
    reorder: bool = False
    """Each event lets the next one of its contact go first (or leaves after a second)."""
    drop: bool | list[str] = False
    """Lose every event, or those of the listed types."""
    delay_ms: int = 0

    def change(self, wish: dict[str, Any]) -> None:
        """Set what `wish` names.

        :raises UnableToOrderTrouble: an unknown key or an impossible value.
        """
        for key, value in wish.items():
            if key not in _TROUBLE_CHECKS:
                raise UnableToOrderTrouble(
                    f"{key}: unknown; expected duplicate, reorder, drop, delay_ms"
                )
            expected, is_valid = _TROUBLE_CHECKS[key]
            if not is_valid(value):
                raise UnableToOrderTrouble(f"{key}: expected {expected}")
        for key, value in wish.items():
            setattr(self, key, int(value) if key in ("duplicate", "delay_ms") else value)

    def described(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def loses(self, event_type: str) -> bool:
        """Whether an event of this type is to disappear."""
        return event_type in self.drop if isinstance(self.drop, list) else self.drop


_TROUBLE_CHECKS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "duplicate": (
        "true, false or a number of copies to 10",
        lambda value: isinstance(value, int) and 0 <= value <= 10,
    ),
    "reorder": ("true or false", lambda value: isinstance(value, bool)),
    "drop": (
        "true, false or a list of event types",
        lambda value: (
            isinstance(value, bool)
            or (isinstance(value, list) and all(isinstance(v, str) for v in value))
        ),
    ),
    "delay_ms": (
        "milliseconds to 600000",
        lambda value: isinstance(value, int) and 0 <= value <= 600_000,
    ),
}
