"""WSGI applications in granian, one process of 64 threads each: the portal's pages and API without its sockets, and its peer."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import _peers
from tests.server_process import STARTUP_TIMEOUT_S, ServerDidNotStart, ServerProcess
from tests.servers import Portal, free_port

THREADS = 64
FLASK = "benchmarks._flask_sample:application"
PORTAL = "portal.wsgi:application"


@dataclass(frozen=True, slots=True)
class Site:
    """A server that runs."""

    url: str
    pid: int


@contextlib.contextmanager
def served(application: str, environment: Mapping[str, str]) -> Iterator[Site]:
    """Serve an application with an environment, besides what finds granian."""
    port = free_port()
    argv = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
    argv += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    argv += ["--blocking-threads", str(THREADS), "--log-level", "warning", application]
    with tempfile.TemporaryDirectory(prefix="vcp-wsgi-") as folder:
        process = ServerProcess(
            application,
            argv,
            env={**environment, **_peers.path()},
            log=Path(folder) / "server.log",
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_answering(process, f"{url}/healthz")
            yield Site(url, process.pid)
        finally:
            process.stop()


def _wait_until_answering(process: ServerProcess, url: str) -> None:
    """Return once it answers; a process that granian has started listens, not granian's own."""
    deadline = time.monotonic() + STARTUP_TIMEOUT_S
    while process.is_running and time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.02)
    raise ServerDidNotStart(process.log_tail())


def flask_environment(portal: Portal) -> dict[str, str]:
    """What the sample is told of Amazon Connect: the same as the portal."""
    told = portal.environment()
    return {name: value for name, value in told.items() if name.startswith(("AWS_", "CONNECT_"))}
