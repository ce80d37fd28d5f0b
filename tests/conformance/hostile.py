"""Clients that do not keep to the rules: raw sockets, and what the server's process has and holds."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import LocalConnect

HOST = b"Host: 127.0.0.1\r\n"
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class RawReply:
    """An answer as it came: status 0 when the connection ended without one."""

    status: int
    head: bytes
    body: bytes


class RawSocket:
    """One TCP connection to the server."""

    def __init__(self, server: LocalConnect, *, window: int | None = None) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(_TIMEOUT_S)
        if window is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.connect(("127.0.0.1", server.port))
        self._received = b""

    def send(self, data: bytes) -> None:
        """Write, whether or not anybody still listens."""
        with contextlib.suppress(OSError):
            self.socket.sendall(data)

    def reply(self, *, to_head: bool = False) -> RawReply:
        """The next answer, read no further than its Content-Length says; one to HEAD has no body."""
        while b"\r\n\r\n" not in self._received:
            if not self._receive():
                return RawReply(0, self._received, b"")
        head, _, rest = self._received.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = 0 if to_head or status == 100 else _content_length(head)
        while len(rest) < length and self._receive():
            rest = self._received.partition(b"\r\n\r\n")[2]
        self._received = rest[length:]
        return RawReply(status, head, rest[:length])

    def is_closed_by_server(self) -> bool:
        """Whether the server ends the connection; waits for it."""
        while self._receive():
            pass
        return True

    def close(self) -> None:
        self.socket.close()

    def _receive(self) -> bool:
        try:
            piece = self.socket.recv(65536)
        except ConnectionError:
            return False
        self._received += piece
        return bool(piece)


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


@contextlib.contextmanager
def connected(server: LocalConnect, *, window: int | None = None) -> Iterator[RawSocket]:
    """A connection that is closed at the end. A small `window` lets hardly anything be on its way here."""
    raw = RawSocket(server, window=window)
    try:
        yield raw
    finally:
        raw.close()


def exchange(server: LocalConnect, data: bytes) -> RawReply:
    """The first answer to `data`, sent over a connection of its own."""
    with connected(server) as raw:
        raw.send(data)
        return raw.reply(to_head=data.startswith(b"HEAD "))


def resident_kib(pid: int) -> int:
    """Memory that a process has in use."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("The process has ended")


def descriptors(pid: int) -> int:
    """Files and sockets that a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
