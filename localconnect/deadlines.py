"""What falls due in a contact's life if nothing else happens first, by contact and by what is being waited for.

Owns the timers; what happens when one runs out is the owner's business. A contact that has ended has none left.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from localconnect.clock import Clock, Timer
from localconnect.contacts import Contact


class Deadline(StrEnum):
    """What a contact may wait for."""

    MEDIA = "media"
    """The customer's media, for the first time."""
    QUEUE = "queue"
    """An agent, where the flow has a limit."""
    POSITION = "position"
    """The next announcement of the place in the queue."""
    SCRIPT = "script"
    """What its script has happen next."""
    LENGTH = "length"
    """The end of the longest call."""


class Deadlines:
    """Every deadline that is running."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: dict[str, dict[Deadline, Timer]] = {}

    def set(
        self, contact: Contact, deadline: Deadline, delay_s: float, action: Callable[[], None]
    ) -> None:
        """Do `action` after `delay_s`, unless it is stopped or set anew before."""
        self.stop(contact, deadline)

        def run_out() -> None:
            self.stop(contact, deadline)
            action()

        self._running.setdefault(contact.id, {})[deadline] = self._clock.call_later(
            delay_s, run_out
        )

    def stop(self, contact: Contact, deadline: Deadline) -> None:
        """What was waited for has happened."""
        running = self._running.get(contact.id)
        timer = None if running is None else running.pop(deadline, None)
        if timer is not None:
            timer.cancel()
        if running is not None and not running:
            del self._running[contact.id]

    def stop_all(self, contact: Contact) -> None:
        """The contact is over."""
        for timer in self._running.pop(contact.id, {}).values():
            timer.cancel()

    def __len__(self) -> int:
        """How many contacts wait for anything."""
        return len(self._running)

    def clear(self) -> None:
        """Every contact is forgotten."""
        for running in self._running.values():
            for timer in running.values():
                timer.cancel()
        self._running.clear()
