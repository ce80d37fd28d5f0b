"""The servers whose status sockets are compared: the portal's web process, and stock Channels on Daphne."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from benchmarks._wsgi import Site
from portal.serving import garbage
from tests.servers import Portal, ServerProcess, free_port


@contextlib.contextmanager
def domain_servers(addresses: dict[str, str]) -> Iterator[tuple[Portal, Site]]:
    """Yield the portal, its web process running, and the peer; this process becomes one of the portal's."""
    portal = Portal(
        connect_url="http://127.0.0.1:9",
        database_url=addresses["DATABASE_URL"],
        redis_url=addresses["REDIS_URL"],
        extra_env={"DEBUG": "false", "SECURE_COOKIES": "false", "LOG_LEVEL": "WARNING"},
    )
    os.environ.update(portal.environment() | {"DJANGO_SETTINGS_MODULE": "portal.settings"})
    import django

    django.setup()
    garbage.look_rarely()
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "daphne",
        "-p",
        str(port),
        "benchmarks._stock_push:application",
    ]
    try:
        portal.prepare()
        portal.start_web()
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": ""}
        peer = ServerProcess("peer", command, env=env, log=portal.folder / "peer.log")
        url = f"http://127.0.0.1:{port}"
        try:
            peer.wait_until_healthy(f"{url}/healthz", port)
            yield portal, Site(url, peer.pid)
        finally:
            peer.stop()
    finally:
        portal.close()
