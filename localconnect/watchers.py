"""Tells whoever watches that something about contacts or agents has changed; they look for themselves what it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Watchers:
    """Callbacks told, soon and once for many changes, that something about contacts or agents is different."""

    def __init__(self) -> None:
        self._watching: set[Callable[[], None]] = set()
        self._is_due = False

    def add(self, watcher: Callable[[], None]) -> None:
        """Start telling `watcher`."""
        self._watching.add(watcher)

    def discard(self, watcher: Callable[[], None]) -> None:
        """Stop telling `watcher`."""
        self._watching.discard(watcher)

    def tell(self) -> None:
        """Something has changed. Watchers run from the event loop, never inside the change itself."""
        if self._watching and not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._tell_all)

    def _tell_all(self) -> None:
        self._is_due = False
        for watcher in list(self._watching):
            try:
                watcher()
            except Exception:
                logger.exception("A watcher failed")
