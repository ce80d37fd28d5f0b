"""Thousands of status sockets in a process of their own: they answer pings, and note when each version arrived.

Frames are not decoded beyond what that takes, so that the clients are no part of what is measured.
"""

from __future__ import annotations

import asyncio
import base64
import multiprocessing
import os
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import cast
from urllib.parse import urlsplit

import uvloop

OPENING_AT_ONCE = 16
OPENED_WITHIN_S = 120.0
_VERSION = re.compile(rb'"version":\s*(\d+)')


@dataclass(frozen=True, slots=True)
class Arrival:
    """One version that one socket was told of, at a time of the machine's monotonic clock."""

    socket: int
    version: int
    at: float


class _Socket(asyncio.Protocol):
    """One client. Reads frames of servers: unmasked, unfragmented."""

    def __init__(self, number: int, head: bytes, arrivals: list[Arrival]) -> None:
        self.number = number
        self.is_first_read = asyncio.get_running_loop().create_future()
        self._head = head
        self._arrivals = arrivals
        self._buffer = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        self._transport.write(self._head)

    def close(self) -> None:
        self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_first_read.done():
            self.is_first_read.set_exception(ConnectionError(self._buffer[:200]))

    def data_received(self, data: bytes) -> None:
        at = time.monotonic()
        self._buffer += data
        if not self._is_open:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._is_open, self._buffer = True, rest
        while (end := self._frame_end()) is not None:
            frame, self._buffer = self._buffer[:end], self._buffer[end:]
            self._take(frame, at)

    def _frame_end(self) -> int | None:
        if len(self._buffer) < 4:
            return None
        size, start = self._buffer[1] & 0x7F, 2
        if size == 126:
            size, start = int.from_bytes(self._buffer[2:4], "big"), 4
        return start + size if len(self._buffer) >= start + size else None

    def _take(self, frame: bytes, at: float) -> None:
        if frame[0] & 0x0F == 9:  # ping
            payload = frame[2:]
            self._transport.write(bytes([0x8A, 0x80 | len(payload)]) + bytes(4) + payload)
        elif found := _VERSION.search(frame):
            self._arrivals.append(Arrival(self.number, int(found[1]), at))
            if not self.is_first_read.done():
                self.is_first_read.set_result(None)


class StatusSockets:
    """The sockets, and the process that has them. Use as a context manager."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)

    def __enter__(self) -> StatusSockets:
        self._process.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.terminate()
        self._process.join()

    def open(self, url: str, paths: Sequence[str], cookie: str) -> float:
        """Open a socket for each path, and wait until each was told something. Returns the seconds it took."""
        took_s, _ = self._opened(url, paths, cookie, 0.0)
        return took_s

    def come_back(
        self, url: str, paths: Sequence[str], cookie: str, *, over_s: float
    ) -> list[float]:
        """Close all sockets at once, and open one for each path at a random time of so many seconds.

        Returns how long each took, from its handshake to the first it was told.
        """
        self._pipe.send("drop")
        self._answer()
        _, times = self._opened(url, paths, cookie, over_s)
        return times

    def _opened(
        self, url: str, paths: Sequence[str], cookie: str, over_s: float
    ) -> tuple[float, list[float]]:
        self._pipe.send((url, list(paths), cookie, over_s))
        return cast(tuple[float, list[float]], self._answer())

    def arrivals(self) -> list[Arrival]:
        """Return what has arrived since the last time."""
        self._pipe.send(None)
        found: list[Arrival] = self._answer()
        return found

    def _answer(self) -> object:
        assert self._pipe.poll(OPENED_WITHIN_S), "the clients do not answer"
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def _serve(pipe: Connection) -> None:
    uvloop.run(_answer(pipe))


async def _answer(pipe: Connection) -> None:
    arrivals: list[Arrival] = []
    open_now: list[_Socket] = []
    count = 0
    loop = asyncio.get_running_loop()
    while True:
        wish = await loop.run_in_executor(None, pipe.recv)
        if wish is None:
            told, arrivals[:] = list(arrivals), []
            pipe.send(told)
            continue
        if wish == "drop":
            for one in open_now:
                one.close()
            open_now.clear()
            pipe.send(None)
            continue
        url, paths, cookie, over_s = wish
        began = time.monotonic()
        try:
            # Those that come back do not wait for one another.
            limit = asyncio.Semaphore(len(paths) if over_s else OPENING_AT_ONCE)
            opened = await asyncio.gather(
                *(
                    _open(url, path, cookie, count + number, arrivals, limit, over_s)
                    for number, path in enumerate(paths)
                )
            )
        except Exception as error:  # noqa: BLE001 (told to whoever asked)
            pipe.send(error)
            continue
        count += len(paths)
        open_now += [client for client, _ in opened]
        pipe.send((time.monotonic() - began, [took for _, took in opened]))


async def _open(
    url: str,
    path: str,
    cookie: str,
    number: int,
    arrivals: list[Arrival],
    limit: asyncio.Semaphore,
    over_s: float,
) -> tuple[_Socket, float]:
    address = urlsplit(url)
    lines = {
        "Host": address.netloc,
        "Origin": url,
        "Cookie": cookie,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    head = f"GET {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n"
    await asyncio.sleep(random.uniform(0, over_s))
    async with limit:
        began = time.monotonic()
        _, client = await asyncio.get_running_loop().create_connection(
            lambda: _Socket(number, head.encode(), arrivals), address.hostname, address.port
        )
        await client.is_first_read
        return client, time.monotonic() - began
