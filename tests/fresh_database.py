"""A PostgreSQL database for one run of the servers, where the environment names a server for it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator


@contextlib.contextmanager
def fresh_database(base_url: str | None) -> Iterator[str | None]:
    """Yield the URL of an empty PostgreSQL database on the server of `base_url`; drop it afterwards.

    Yields None, and makes nothing, when `base_url` is not a PostgreSQL URL: the portal then uses an
    SQLite file of its own.
    """
    if not base_url or not base_url.startswith(("postgres://", "postgresql://")):
        yield None
        return
    import psycopg
    from psycopg import sql

    server, _, _ = base_url.rpartition("/")
    name = f"vcp_{secrets.token_hex(6)}"
    with psycopg.connect(base_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server}/{name}"
        finally:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))
