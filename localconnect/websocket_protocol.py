"""One client's WebSocket: uvicorn's protocol, with limits on what a client can make this server keep.

Adds to uvicorn what it leaves open: handshakes that its library does not take, messages in countless pieces, pings from
a client that reads nothing, and one line in the log for each refusal.
"""

from __future__ import annotations

import logging
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request

logger = logging.getLogger(__name__)

MAX_FRAGMENTS = 1024
"""Frames of one message. Their bytes have a limit already, but empty ones have none."""

_MAX_LOGGED = 100
_REFUSAL = b"The WebSocket handshake cannot be read"


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A socket, from the handshake that the HTTP side has received."""

    _is_broken = False

    def data_received(self, data: bytes) -> None:
        """Take what has come. The first piece is the whole handshake."""
        super().data_received(data)
        if not self.handshake_initiated and not self.transport.is_closing():
            self._log_refusal(400)
            head = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(_REFUSAL)
            self.transport.write(STATUS_LINE[400] + head + _REFUSAL)
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        """Look at the handshake."""
        super().handle_connect(event)
        if self.response.status_code != 101:
            self._log_refusal(self.response.status_code)

    def handle_cont(self, event: Frame) -> None:
        """Keep a piece of a message."""
        if len(self.frames) >= MAX_FRAGMENTS:
            self._fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
        else:
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message on, if it is what it says it is."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self._fail(CloseCode.INVALID_DATA, "text that is not UTF-8")
                return
        super().send_receive_event_to_app()

    def pause_writing(self) -> None:
        """Answer no more pings of a client that does not read the answers."""
        super().pause_writing()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if not self.read_paused:
            self.transport.resume_reading()

    async def send(self, message: Any) -> None:
        """Send what the application says; a refusal of the handshake is logged."""
        if self._is_broken:
            raise ClientDisconnected
        if message["type"] == "websocket.close" and not self.handshake_complete:
            self._log_refusal(403)
        await super().send(message)

    def handle_parser_exception(self) -> None:
        """Close, for what the client sends is no WebSocket; the application learns of it with its next message."""
        self._is_broken = True
        super().handle_parser_exception()

    def _fail(self, code: CloseCode, reason: str) -> None:
        logger.info("Closing a WebSocket: %s", reason)
        self.frames = []
        self.conn.fail(code, reason)
        self.handle_parser_exception()

    def _log_refusal(self, status: int) -> None:
        client = self.client[0] if self.client else "a client"
        root, origin = "", ""  # the rest of a path may be a secret
        if self.handshake_initiated:
            root = self.request.path[:_MAX_LOGGED].split("/")[1]
            origin = self.request.headers.get("Origin", "")[:_MAX_LOGGED]
        logger.info("Refused %s a WebSocket: %d, below %a, from %a", client, status, root, origin)
