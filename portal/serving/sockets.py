"""Status sockets as Daphne speaks them, with bounds: what a client may send, and what may wait for one that does not read.

Nothing is compressed, so nothing small can grow large.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

LARGEST_MESSAGE = 16 * 1024  # bytes
# What the kernel keeps for a client that does not read, before the portal notices; a snapshot has 1 KiB.
SEND_BUFFER = 32 * 1024
# Messages and pings between two looks of the server, which come every two seconds.
MOST_FRAMES = 20
POLICY_VIOLATION = 1008
SERVICE_RESTART = 1012
CLOSE_HANDSHAKE_S = 5  # for the client to answer a close, then the connection is dropped


class PortalSocket(WebSocketProtocol):
    """One socket."""

    frames = 0  # since the server last looked
    is_going = False  # the server closes it, as it ends
    _writable: asyncio.Event | None = None  # set up while the client does not keep up

    def connectionMade(self) -> None:
        # The channel that took the handshake would otherwise be kept, and asked to pause in the socket's stead.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)
        with contextlib.suppress(OSError, AttributeError):
            self.transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        super().connectionMade()

    # Twisted calls these while more, and no longer more, waits to be sent than should.

    def pauseProducing(self) -> None:
        self._writable = self._writable or asyncio.Event()

    def resumeProducing(self) -> None:
        if self._writable is not None:
            self._writable.set()
            self._writable = None

    def stopProducing(self) -> None:
        self.resumeProducing()

    def connectionLost(self, reason: Any) -> None:
        self.resumeProducing()
        super().connectionLost(reason)

    async def until_writable(self) -> None:
        """Wait while the client does not keep up."""
        while self._writable is not None:
            await self._writable.wait()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self._is_bearable():
            super().onMessage(payload, isBinary)

    def onPing(self, payload: bytes) -> None:
        if self._is_bearable():
            super().onPing(payload)

    def onPong(self, payload: bytes) -> None:
        if self._is_bearable():
            super().onPong(payload)

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:
        super().onClose(wasClean, SERVICE_RESTART if self.is_going else code, reason)

    def serverSend(self, content: str | bytes, binary: bool = False) -> None:
        """Send; the same text to many is put into a frame once."""
        if binary or isinstance(content, bytes) or self.state != self.STATE_OPEN:
            super().serverSend(content, binary)
        else:
            self.sendPreparedMessage(self.factory.prepared(content))

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        """Hand bytes to the kernel at once if it takes them, which saves two turns of the reactor."""
        transport = self.transport
        idle = not (transport.dataBuffer or transport._tempDataBuffer or transport.disconnecting)
        if idle and transport.connected:
            sent = transport.writeSomeData(data)
            data = data[sent:] if isinstance(sent, int) else data
        if data:
            transport.write(data)

    def serverClose(self, code: int | None = None) -> None:
        """Close with any code of RFC 6455 and its registry: Daphne's own refuses those below 3000."""
        self.sendCloseFrame(code=1000 if code is None else code)

    def leave(self) -> None:
        """Close because the server ends: the client is to come back, to another one or later."""
        self.is_going = True
        if self.state == self.STATE_CONNECTING:
            self.serverReject()
        else:
            self.serverClose(SERVICE_RESTART)

    def check_timeouts(self) -> None:
        self.frames = 0
        super().check_timeouts()

    def _is_bearable(self) -> bool:
        """Count a frame; close the socket if there are too many. What comes after that is not looked at."""
        self.frames += 1
        if self.frames > MOST_FRAMES and self.state == self.STATE_OPEN:
            self.serverClose(POLICY_VIOLATION)
        return self.frames <= MOST_FRAMES


class PortalSocketFactory(WebSocketFactory):
    """Makes the sockets of a server, and puts what many are told into a frame once."""

    protocol = PortalSocket

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._text = ""
        self._frame: Any = None

    def limit(self) -> None:
        """Set what Daphne has no option for."""
        self.setProtocolOptions(failByDrop=False, closeHandshakeTimeout=CLOSE_HANDSHAKE_S)

    def prepared(self, text: str) -> Any:
        """Return the frame of a text; of the same text as last time, the same frame."""
        if self._text != text:
            self._text, self._frame = text, self.prepareMessage(text.encode())
        return self._frame
