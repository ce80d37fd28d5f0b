"""The embedded Connect and the portal, each knowing the other: what a test of the whole product runs against."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping

from tests.fresh_database import fresh_database
from tests.servers import LocalConnect, Portal


@contextlib.contextmanager
def both_servers(
    extra_env: Mapping[str, str] | None = None,
) -> Iterator[tuple[LocalConnect, Portal]]:
    """Start both, on the database and Redis of the environment, if it names some; end them afterwards.

    `extra_env` is the portal's.
    """
    connect = LocalConnect()
    with fresh_database(os.environ.get("DATABASE_URL")) as database_url:
        portal = Portal(
            connect_url=connect.url,
            database_url=database_url,
            redis_url=os.environ.get("REDIS_URL"),
            extra_env=extra_env,
        )
        with (
            connect.running(events_url=portal.events_url, events_key=portal.events_key),
            portal.running(),
        ):
            yield connect, portal
