"""How a process that works for ever is told to end: by SIGTERM or SIGINT, at once while it waits, else after its step."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class StopAsked(BaseException):
    """The process was told to end while it waited. No Exception: nobody may take it for a failure of what they wait for."""


class Stopping:
    """Whether the process has been told to end."""

    def __init__(self) -> None:
        self.is_asked = False
        self._waits = False

    def listen(self) -> None:
        """Take SIGTERM and SIGINT from now on."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask)

    def ask(self, *_: Any) -> None:
        """Tell the process to end."""
        self.is_asked = True
        if self._waits:
            raise StopAsked

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait inside for what may be left at any moment.

        :raises StopAsked: the process is told, or has been told, to end.
        """
        self._waits = True
        try:
            if self.is_asked:
                raise StopAsked
            yield
        finally:
            self._waits = False
