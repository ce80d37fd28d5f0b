"""The portal as it is deployed, but for its worker: PostgreSQL that waits for its disk, Redis, settings of production behind one proxy."""

from __future__ import annotations

import contextlib
import json
import random
import uuid
from collections.abc import Iterator
from typing import Any

from benchmarks._raw_http import written
from benchmarks._upstream import Upstream
from devtools import packages, paths
from devtools.services import postgresql, redis
from tests.servers import Portal

IN_PRODUCTION = {
    "DEBUG": "false",
    "SECURE_COOKIES": "false",  # over plain HTTP, as between a proxy and us
    "LOG_LEVEL": "WARNING",
    "TRUSTED_PROXIES": "1",
    "CONNECT_RATES": "*=100000:100000,"
    + ",".join(
        f"{operation}=100000:100000"
        for operation in ("StartWebRTCContact", "CreateParticipant", "CreateParticipantConnection")
    ),
}
BEHIND_A_PROXY = {"X-Forwarded-Proto": "https"}
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")


@contextlib.contextmanager
def prepared(connect: Upstream, **settings: str) -> Iterator[Portal]:
    """A portal whose database is ready, and which has not been started; it has the packages that an operator installs."""
    options = [part for one in DURABLE for part in ("-c", one)]
    with postgresql(*options) as database, redis() as layer:
        portal = Portal(
            connect_url=connect.server.url,
            database_url=database.url,
            redis_url=layer.url,
            extra_env={**IN_PRODUCTION, **connect.environment, **settings},
            python=packages.ensure_environment(paths.STATE / "tools" / "portal"),
        )
        try:
            portal.prepare()
            yield portal
        finally:
            portal.close()


def start_request(url: str, path: str = "/api/v1/contacts/", **headers: str) -> bytes:
    """A customer's start, of a browser seen for the first time unless the headers say who it is."""
    wish = {"entry_point": "demo", "name": "Ana", "attributes": {"order": "4711"}}
    return posted(url, path, wish, **headers)


def posted(url: str, path: str, body: dict[str, Any], **headers: str) -> bytes:
    """A request with an idempotency key and from an address of its own."""
    given = {
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
        "X-Forwarded-For": ".".join(str(random.randint(1, 250)) for _ in range(4)),
        **BEHIND_A_PROXY,
        **headers,
    }
    return written("POST", url, path, given, json.dumps(body).encode())
