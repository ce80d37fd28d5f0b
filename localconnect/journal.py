"""Notes what has changed and writes it to the store, once for all changes of one turn of the event loop.

Whoever changes something that should outlive the process says so here, at once; a document is made when it is written,
so it shows how things are by then. Without a store there is `Journal`, which notes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable

from localconnect.store import Document, Kind, Store

logger = logging.getLogger(__name__)


class Journal:
    """Keeps nothing: what there is without `--data`."""

    def put(self, kind: Kind, key: str, document: Callable[[], Document]) -> None:
        """What `document` returns has changed."""

    def drop(self, kind: Kind, key: str) -> None:
        """That document is of no more use."""

    def empty(self) -> None:
        """Forget everything."""

    def flush(self) -> None:
        """See to it that a killed process would lose nothing of what was noted."""


class StoreJournal(Journal):
    """Keeps everything in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._changes: dict[tuple[Kind, str], Callable[[], Document] | None] = {}
        self._is_due = False

    def put(self, kind: Kind, key: str, document: Callable[[], Document]) -> None:
        self._changes[kind, key] = document
        self._fall_due()

    def drop(self, kind: Kind, key: str) -> None:
        self._changes[kind, key] = None
        self._fall_due()

    def empty(self) -> None:
        self._changes.clear()
        try:
            self._store.empty()
        except sqlite3.Error as error:
            logger.error("%s could not be emptied: %s", self._store.path, error)  # noqa: TRY400

    def flush(self) -> None:
        """Write what was noted. What cannot be written is tried again with the next change."""
        if not self._changes:
            return
        documents = {
            place: None if document is None else document()
            for place, document in self._changes.items()
        }
        try:
            self._store.write(documents)
        except sqlite3.Error as error:
            # Calls go on: a full disk must not end them.
            logger.error("%s could not be written: %s", self._store.path, error)  # noqa: TRY400
        else:
            self._changes.clear()

    def _fall_due(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._flush_due)

    def _flush_due(self) -> None:
        self._is_due = False
        self.flush()
