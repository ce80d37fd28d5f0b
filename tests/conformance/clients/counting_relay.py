"""A relay in front of a server, which counts the connections that a client opens."""

from __future__ import annotations

import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit


class Relay(socketserver.ThreadingTCPServer):
    """Hands everything on to one address and back."""

    def __init__(self, target_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        target = urlsplit(target_url)
        self.target = (target.hostname, target.port)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests: list[socket.socket] = []

    @property
    def connections(self) -> int:
        """How many have been opened so far."""
        return len(self.requests)

    def cut(self) -> None:
        """End every connection that is still open."""
        for request in self.requests:
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.BaseRequestHandler):
    server: Any

    def handle(self) -> None:
        self.server.requests.append(self.request)
        with socket.create_connection(self.server.target) as onward:
            other = {self.request: onward, onward: self.request}
            while True:
                for side in select.select(list(other), [], [])[0]:
                    data = side.recv(65_536)
                    if not data:
                        return
                    other[side].sendall(data)


@contextmanager
def counting_relay(target_url: str) -> Iterator[Relay]:
    """A relay to `target_url` for as long as the block runs."""
    with Relay(target_url) as relay:
        thread = threading.Thread(target=relay.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield relay
        finally:
            relay.shutdown()
            thread.join()
            relay.cut()
