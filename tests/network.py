"""A network between clients and `localconnect` for tests, with all that can go wrong on it.

It passes signalling sockets on and puts a `UdpRelay` into the media path of each, by rewriting offers and answers. While it
is blocked nothing passes: frames are held back as TCP would hold them, datagrams are lost. It knows the wire and nothing
of either end.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from localconnect.media import signaling_pb2 as pb
from tests.udp_relay import UdpRelay, without_candidates

_SESSION = Subprotocol("_aws_wt_session")
_ABNORMAL = 1006

_Change = Callable[[str | bytes], Awaitable[str | bytes]]


@dataclass(eq=False)
class _Passage:
    """One client's way to the server."""

    client: ServerConnection
    server: ClientConnection
    relay: UdpRelay = field(default_factory=UdpRelay)

    async def upwards(self, data: str | bytes) -> str | bytes:
        """A client's message as the server gets it."""
        frame = _frame(data)
        if frame is None or frame.type != pb.SignalFrame.SUBSCRIBE:
            return data
        frame.subscribe.sdp_offer = without_candidates(frame.subscribe.sdp_offer)
        return b"\x05" + frame.SerializeToString()

    async def downwards(self, data: str | bytes) -> str | bytes:
        """A message of the server as the client gets it."""
        frame = _frame(data)
        if frame is None or frame.type != pb.SignalFrame.SUBSCRIBE_ACK:
            return data
        frame.subscribe_ack.sdp_answer = await self.relay.lead(frame.subscribe_ack.sdp_answer)
        return b"\x05" + frame.SerializeToString()


def _frame(data: str | bytes) -> pb.SignalFrame | None:
    return pb.SignalFrame.FromString(data[1:]) if isinstance(data, bytes) else None


class Network:
    """The way of some clients to the server whose signalling addresses it is given."""

    def __init__(self) -> None:
        self.sockets = 0
        """Signalling sockets that have been opened through it so far."""
        self._upstream = ""
        self._port = 0
        self._passages: set[_Passage] = set()
        self._waiting: set[ServerConnection] = set()
        self._open = asyncio.Event()
        self._open.set()

    def lead(self, url: str) -> str:
        """The same signalling address, by way of this network."""
        parts = urlsplit(url)
        self._upstream = f"ws://{parts.netloc}"
        return f"ws://127.0.0.1:{self._port}{parts.path}"

    def block(self) -> None:
        """Let nothing pass any more, and say so to nobody."""
        self._open.clear()
        for passage in self._passages:
            passage.relay.blocked = True

    def unblock(self) -> None:
        """Let everything pass again, frames that were held back first."""
        self._open.set()
        for passage in self._passages:
            passage.relay.blocked = False

    def move(self) -> None:
        """Give the clients other addresses for their media."""
        for passage in self._passages:
            passage.relay.move()

    def lose(self, share: float) -> None:
        """Lose that share of all media packets from now on."""
        for passage in self._passages:
            passage.relay.loss = share

    def limit(self, bits_per_second: float) -> None:
        """Let no more media than that come down to each client from now on; 0: any."""
        for passage in self._passages:
            passage.relay.rate = bits_per_second

    def cut(self, *, upwards_only: bool = False) -> None:
        """Break the sockets off, those that wait for a way too; the server alone notices when `upwards_only`."""
        for client in self._waiting:
            client.transport.abort()
        for passage in self._passages:
            passage.server.transport.abort()
            if not upwards_only:
                passage.client.transport.abort()

    async def close_sockets(self, code: int) -> None:
        """Close the sockets in both directions with a code, as something in between may."""
        for passage in list(self._passages):
            await passage.client.close(code)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Network]:
        """Listen on a free port."""
        async with serve(
            self._serve, "127.0.0.1", 0, select_subprotocol=lambda *_: _SESSION, ping_interval=None
        ) as server:
            self._port = next(iter(server.sockets)).getsockname()[1]
            try:
                yield self
            finally:
                self.unblock()
                self.cut()

    async def _serve(self, client: ServerConnection) -> None:
        self._waiting.add(client)
        await self._open.wait()
        self._waiting.discard(client)
        if client.close_code is not None:
            return  # it was cut, or its client waits no more
        request = client.request
        assert request is not None
        offered = [
            Subprotocol(name.strip())
            for name in request.headers["Sec-WebSocket-Protocol"].split(",")
        ]
        async with connect(
            self._upstream + request.path, subprotocols=offered, ping_interval=None
        ) as server:
            passage = _Passage(client, server)
            self._passages.add(passage)
            self.sockets += 1
            try:
                await asyncio.gather(
                    self._pump(client, server, passage.upwards),
                    self._pump(server, client, passage.downwards),
                )
            finally:
                self._passages.discard(passage)
                passage.relay.close()

    async def _pump(
        self,
        source: ServerConnection | ClientConnection,
        target: ServerConnection | ClientConnection,
        changed: _Change,
    ) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in source:
                data = await changed(message)
                await self._open.wait()
                await target.send(data)
        await self._open.wait()
        code = source.close_code
        if code is None or code == _ABNORMAL:
            target.transport.abort()
        else:
            await target.close(code)


class NetworkThread:
    """The same for tests that are no coroutines: a network in a thread of its own."""

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._network: Network
        self._loop: asyncio.AbstractEventLoop
        self._done: asyncio.Event

    @contextlib.contextmanager
    def running(self) -> Iterator[NetworkThread]:
        """Start it, and end it afterwards."""
        self._thread.start()
        self._ready.wait()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._done.set)
            self._thread.join()

    async def _run(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        async with Network().running() as self._network:
            self._ready.set()
            await self._done.wait()

    @property
    def sockets(self) -> int:
        """Signalling sockets that have been opened through it so far."""
        return self._network.sockets

    def lead(self, url: str) -> str:
        """The same signalling address, by way of this network."""
        return self._network.lead(url)

    def do(self, change: Callable[[Network], object]) -> None:
        """Let something happen to the network."""
        self._loop.call_soon_threadsafe(change, self._network)

    def close_sockets(self, code: int) -> None:
        """Close the sockets in both directions with a code."""
        closing = self._network.close_sockets(code)
        asyncio.run_coroutine_threadsafe(closing, self._loop).result(10)
