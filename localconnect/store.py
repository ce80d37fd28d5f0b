"""The file of `--data`: JSON documents by kind and key, in SQLite. The one module that knows SQL.

Knows nothing of what the documents say, only which format of them it was opened for.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

FORMAT = 1
"""Version of the documents. It changes whenever an older localconnect could not read what a newer one wrote."""

_APPLICATION_ID = 0x6C63_6E74  # "lcnt"; tells these files from the SQLite files of others
_LOCKED_OUT_S = 3.0
"""How long to wait for a predecessor that is still going down."""
_SCHEMA = (
    "CREATE TABLE document ("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,"
    " UNIQUE (kind, key))"
)
_PUT = (
    "INSERT INTO document (kind, key, body) VALUES (?, ?, ?)"
    " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body"
)

Document = dict[str, Any]


class Kind(StrEnum):
    """What documents are about."""

    LIVE_CONTACT = "live_contact"
    ENDED_CONTACT = "ended_contact"
    AGENT = "agent"
    SCRIPT = "script"
    """How a scripted agent behaves."""
    CLIENT_TOKEN = "client_token"  # noqa: S105 - a kind, no secret
    DELIVERY = "delivery"
    """A contact event that has not reached its target yet."""
    CLOCK = "clock"


class UnusableData(ValueError):
    """The file cannot be used; the text names it and says what to do."""


class Store:
    """One open file, which no other process can open meanwhile."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make an empty one that only its owner may read.

        :raises UnusableData: it is another's, of another format, in use, or out of reach.
        """
        self.path = path
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(path, timeout=_LOCKED_OUT_S, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise UnusableData(
                f"{path} cannot be opened: {getattr(error, 'strerror', None) or error}"
            ) from error
        try:
            self._take_possession()
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise UnusableData(
                f"{path} cannot be used ({error}). If another localconnect runs with it, stop that one"
                " or choose another file with --data."
            ) from error
        except (sqlite3.DatabaseError, UnusableData) as error:
            self._connection.close()
            raise UnusableData(
                f"{path} is no file of this localconnect ({error})."
                " Choose another with --data, or move it away to begin with an empty one."
            ) from error

    def documents(self, kind: Kind) -> Iterator[tuple[str, Document]]:
        """Every document of a kind with its key, in the order in which they were first put."""
        rows = self._connection.execute(
            "SELECT key, body FROM document WHERE kind = ? ORDER BY seq", (kind,)
        )
        for key, body in rows:
            yield key, json.loads(body)

    def write(self, changes: Mapping[tuple[Kind, str], Document | None]) -> None:
        """Put every document, or delete where it is None; all of it or nothing.

        :raises sqlite3.Error: it cannot be written; nothing was.
        """
        put = [
            (kind, key, json.dumps(body, separators=(",", ":")))
            for (kind, key), body in changes.items()
            if body is not None
        ]
        gone = [place for place, body in changes.items() if body is None]
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany("DELETE FROM document WHERE kind = ? AND key = ?", gone)
            self._connection.executemany(_PUT, put)

    def empty(self) -> None:
        """Delete every document.

        :raises sqlite3.Error: it cannot be written.
        """
        self._connection.execute("DELETE FROM document")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _take_possession(self) -> None:
        run = self._connection.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        [application_id] = run("PRAGMA application_id").fetchone()
        [version] = run("PRAGMA user_version").fetchone()
        [tables] = run("SELECT count(*) FROM sqlite_master").fetchone()
        if application_id != _APPLICATION_ID and (tables or application_id):
            raise UnusableData("it is an SQLite file of another program")
        if tables and version != FORMAT:
            raise UnusableData(f"it has format {version}, expected {FORMAT}")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("BEGIN IMMEDIATE")  # in this locking mode nobody else gets in from here on
        if not tables:
            run(_SCHEMA)
            run(f"PRAGMA application_id = {_APPLICATION_ID}")
            run(f"PRAGMA user_version = {FORMAT}")
        run("COMMIT")
