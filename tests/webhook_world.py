"""A partner's receiver of webhooks, as tests of sending meet it: a real HTTP server, whose answers a test orders."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.utils import timezone

import pytest

from contacts.models import Partner
from partners.models import WebhookEndpoint
from partners.webhooks.courier import Courier

WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """What the body says."""
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """Keeps what it receives, and answers as it is told."""

    received: list[Received] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thanks"
    hanging: threading.Event | None = None
    """While it is there and not set, nothing is answered."""
    port: int = 0

    def url(self, path: str = "/hooks") -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}{path}"

    def types(self) -> list[str]:
        """Return the types of the events that came, in their order."""
        return [one.event["type"] for one in self.received]

    def wait_for(self, kind: str) -> None:
        """Wait until an event of a type has come."""
        until = time.monotonic() + WITHIN_S
        while kind not in self.types():
            assert time.monotonic() < until, self.types()
            time.sleep(0.05)

    @contextmanager
    def serving(self, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
        """Serve at a free port of this machine."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                receiver.received.append(Received(self.path, dict(self.headers), body))
                if receiver.hanging is not None:
                    receiver.hanging.wait(WITHIN_S)
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(receiver.body)))
                self.end_headers()
                self.wfile.write(receiver.body)

            def log_message(self, *_: Any) -> None:
                return

        server = _Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            if self.hanging is not None:
                self.hanging.set()
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # many come at once


class Clock:
    """The time of a test, which goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time_: timedelta) -> None:
        """Let time go by."""
        self.now += time_


class Worker:
    """A worker that carries webhooks, by the clock of the test."""

    def __init__(
        self, clock: Callable[[], datetime], *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.clock = clock
        self.courier = Courier(tls=tls)

    def work_until(self, is_reached: Callable[[], bool]) -> None:
        """Go rounds until something is so."""
        until = time.monotonic() + WITHIN_S
        while not is_reached():
            assert time.monotonic() < until, "it never came to be"
            if not self.courier.go_round(clock=self.clock):
                self.courier.wait(0.02)

    def work_off(self) -> None:
        """Go rounds until nothing is due and nothing is on its way."""
        self.work_until(lambda: not self.courier.go_round(clock=self.clock) and self.is_idle)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is on its way."""
        return not self.courier.at_work


def make_endpoint(partner: Partner, url: str, **fields: Any) -> WebhookEndpoint:
    """Store an endpoint."""
    endpoint = WebhookEndpoint(partner=partner, url=url, created_at=timezone.now(), **fields)
    endpoint.renew_secret(at=endpoint.created_at)
    endpoint.full_clean()
    endpoint.save()
    return endpoint


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver at a free port."""
    with Receiver().serving() as receiver:
        yield receiver


@pytest.fixture
def clock() -> Clock:
    """The time of the test."""
    return Clock()


@pytest.fixture
def worker(clock: Clock) -> Iterator[Worker]:
    """The worker that sends."""
    worker = Worker(clock)
    yield worker
    worker.courier.close()
