"""The cheapest HTTP client there is: requests prepared as bytes beforehand, sent over connections kept alive.

What a server can do shows only when its client costs next to nothing: plain sockets and one selector. Signs requests
for Amazon Connect with botocore, outside whatever is timed. Knows nothing of what is measured.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

_DEADLINE_S = 60
_RECEIVED_AT_ONCE = 65_536
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"^HTTP/1\.0|\r\nconnection: *close", re.IGNORECASE)


class Signer:
    """Makes the bytes of signed requests to one server."""

    def __init__(self, url: str, *, access_key: str, secret_key: str, region: str) -> None:
        self._url = url
        self._auth = SigV4Auth(Credentials(access_key, secret_key), "connect", region)

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """One request, with the headers that an AWS client sends, ready for the wire."""
        headers = {"Content-Type": "application/json"} if body else {}
        wanted = AWSRequest(method, f"{self._url}{path}", headers=headers, data=body)
        self._auth.add_auth(wanted)
        return written(method, self._url, path, dict(wanted.headers.items()), body)


def written(
    method: str, url: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """One request as HTTP/1.1 writes it."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def send(
    url: str, requests: Sequence[bytes], *, connections: int, status: int = 200
) -> tuple[list[float], list[bytes]]:
    """Send every request, each connection one at a time. Returns milliseconds and bodies, as they came in.

    :raises RuntimeError: an answer has another status, does not come, or breaks off.
    """
    waiting = iter(requests)
    times_ms: list[float] = []
    bodies: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        for _, request in zip(range(connections), waiting, strict=False):
            connection = _Connection(url, selector, status)
            connection.ask(request)
        while len(bodies) < len(requests):
            ready = selector.select(_DEADLINE_S)
            if not ready:
                raise RuntimeError(f"No answer within {_DEADLINE_S} s")
            for key, _ in ready:
                connection = key.data
                body = connection.read()
                if body is None:
                    continue
                times_ms.append((time.perf_counter() - connection.asked_at) * 1000)
                bodies.append(body)
                request = next(waiting, b"")
                if request:
                    connection.ask(request)
                else:
                    connection.close()
    return times_ms, bodies


class _Connection:
    """One connection to a server, opened anew where the server closes after each answer."""

    def __init__(self, url: str, selector: selectors.BaseSelector, status: int) -> None:
        self._accepted = (b"HTTP/1.1 %d" % status, b"HTTP/1.0 %d" % status)
        self._address = urlsplit(url)
        self._selector = selector
        self._socket: socket.socket | None = None
        self._received = b""
        self.asked_at = 0.0

    def ask(self, request: bytes) -> None:
        """Send one request; the answer to the last one has been read."""
        self.asked_at = time.perf_counter()
        if self._socket is None:
            self._socket = socket.create_connection((self._address.hostname, self._address.port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(self._socket, selectors.EVENT_READ, self)
        self._socket.sendall(request)

    def read(self) -> bytes | None:
        """The body of the answer, None while it is incomplete."""
        assert self._socket is not None
        data = self._socket.recv(_RECEIVED_AT_ONCE)
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head) if found else None
        if length is None or len(body) < int(length[1]):
            if not data:
                raise RuntimeError("A connection was closed before its answer was complete")
            return None
        if not head.startswith(self._accepted):
            raise RuntimeError(self._received.decode("latin-1")[:500])
        self._received = b""
        if _CLOSES.search(head):
            self.close()
        return body

    def close(self) -> None:
        """Hang up; the next request opens a connection of its own."""
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None
