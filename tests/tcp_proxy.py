"""A way through TCP for tests, with all that can go wrong on it: slow, stuck, cut short, broken off, or none at all.

Runs in a thread of its own, so that tests need not be coroutines. Knows bytes and nothing of what they mean.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass

_CHUNK = 65536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER that makes close() send RST


@dataclass
class Trouble:
    """What happens to what comes back from the server. `times` connections suffer it (None: all)."""

    delay_s: float = 0
    """Before each piece is handed on."""
    after: int | None = None
    """Bytes of the answer that pass before the connection ends."""
    by_reset: bool = False
    """The connection ends with RST, else with FIN."""
    piece: int = _CHUNK
    """Bytes handed on at once."""
    at_first: int = 0
    """Bytes that pass before that begins."""
    times: int | None = None


class TcpProxy:
    """The way to one server."""

    def __init__(self, port: int) -> None:
        self.connections = 0
        """How many have been opened so far."""
        self.port = 0
        self._target = port
        self._trouble: Trouble | None = None
        self._open = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop: asyncio.AbstractEventLoop
        self._done: asyncio.Event

    @contextlib.contextmanager
    def running(self) -> Iterator[TcpProxy]:
        """Listen on a free port."""
        ready = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)), name="tcp-proxy")
        thread.start()
        ready.wait()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._done.set)
            thread.join()

    def trouble(self, trouble: Trouble | None) -> None:
        """Make this trouble from now on."""
        self._trouble = trouble

    def block(self) -> None:
        """Let nothing pass any more, in no connection, and say so to nobody."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def unblock(self) -> None:
        """Let everything pass again."""
        self._loop.call_soon_threadsafe(self._open.set)

    async def _run(self, ready: threading.Event) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        self._open.set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._done.wait()
        self._open.set()
        server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0.05)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        trouble = self._take_trouble()
        self._writers.add(writer)
        onward: asyncio.StreamWriter | None = None
        try:
            await self._open.wait()
            answers, onward = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers.add(onward)
            up = asyncio.create_task(self._pass_on(reader, onward, Trouble()))
            down = asyncio.create_task(self._pass_on(answers, writer, trouble))
            await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)
        except OSError:
            pass  # the server is not there, so neither are we
        finally:
            for one in (writer, onward):
                if one is not None:
                    self._writers.discard(one)
                    one.close()

    def _take_trouble(self) -> Trouble:
        trouble = self._trouble
        if trouble is None or trouble.times == 0:
            return Trouble()
        if trouble.times is not None:
            trouble.times -= 1
        return trouble

    async def _pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, trouble: Trouble
    ) -> None:
        left = trouble.after
        with contextlib.suppress(OSError):
            if trouble.at_first:
                target.write(await source.readexactly(trouble.at_first))
            while data := await source.read(trouble.piece if left is None else min(left, _CHUNK)):
                await asyncio.sleep(trouble.delay_s)
                await self._open.wait()
                target.write(data)
                await target.drain()
                if left is not None:
                    left -= len(data)
                    if left <= 0:
                        _end(target, by_reset=trouble.by_reset)
                        return


def _end(writer: asyncio.StreamWriter, *, by_reset: bool) -> None:
    if by_reset:
        link: socket.socket = writer.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()
