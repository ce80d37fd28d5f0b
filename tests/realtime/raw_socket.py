"""A WebSocket client that sends what no browser would: any bytes, at any pace, and reads only when told to."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame the server sent."""

    opcode: int
    payload: bytes

    @property
    def close_code(self) -> int:
        assert self.opcode == CLOSE, self
        (code,) = struct.unpack("!H", self.payload[:2])
        return int(code)


class Refused(Exception):
    """The handshake was answered with something else than 101."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class RawSocket:
    """An open WebSocket."""

    def __init__(self, connection: socket.socket, rest: bytes) -> None:
        self.connection = connection
        self._buffer = rest

    def send(
        self,
        opcode: int,
        payload: bytes,
        *,
        last: bool = True,
        reserved: int = 0,
        length: int = -1,
    ) -> None:
        """Send a masked frame; `length` lies about that of the payload."""
        self.connection.sendall(
            frame(opcode, payload, last=last, reserved=reserved, length=length)
        )

    def read_fast(self) -> None:
        """Take as much at a time as anybody, whatever buffer it was opened with."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**22)

    def receive(self) -> Frame:
        """Read the next frame. Raises ConnectionError when the server has gone."""
        first, second = self._read(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._read(8))
        return Frame(first & 0x0F, self._read(size))

    def until_closed(self) -> int:
        """Read until the server closes, and return its code."""
        while True:
            received = self.receive()
            if received.opcode == CLOSE:
                return received.close_code

    def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            chunk = self.connection.recv(65536)
            if not chunk:
                raise ConnectionError
            self._buffer += chunk
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken


def frame(
    opcode: int, payload: bytes, *, last: bool = True, reserved: int = 0, length: int = -1
) -> bytes:
    """Return a masked frame (with a mask of zeros); `length` lies about that of the payload."""
    size = len(payload) if length < 0 else length
    head = bytes([(0x80 if last else 0) | reserved << 4 | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += bytes([0x80 | 126]) + struct.pack("!H", size)
    else:
        head += bytes([0x80 | 127]) + struct.pack("!Q", size)
    return head + bytes(4) + payload


@contextlib.contextmanager
def raw_socket(
    url: str, path: str, headers: Mapping[str, str], *, receive_buffer: int | None = None
) -> Iterator[RawSocket]:
    """Open a WebSocket, or raise Refused."""
    address = urlsplit(url)
    with socket.socket() as connection:
        connection.settimeout(WITHIN_S)
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.connect((address.hostname, address.port))
        lines = {
            "Host": address.netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            **headers,
        }
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        connection.sendall(f"GET {path} HTTP/1.1\r\n{text}\r\n".encode("latin-1"))
        reply = b""
        while b"\r\n\r\n" not in reply:
            chunk = connection.recv(4096)
            if not chunk:
                raise Refused(0)
            reply += chunk
        head, _, rest = reply.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status != 101:
            raise Refused(status)
        yield RawSocket(connection, rest)
