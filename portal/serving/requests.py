"""Requests as Daphne speaks HTTP, with bounds: a larger body is read and forgotten, and answered 413; a slower request is cut off."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet.defer import Deferred, succeed
from twisted.web.http import HTTPChannel

from portal import draining

# No lawful request comes near: the API takes 128 KiB and the admin's forms have a few. What the API refuses itself,
# it refuses with a document that says why.
LARGEST_BODY = 1024 * 1024  # bytes
# A request has to have come whole so long after its first byte, and a connection's first byte so long after it was opened.
WHOLE_WITHIN_S = 10
IDLE_S = 60  # between two requests of a connection


class PortalRequest(WebRequest):
    """One request, up to its answer."""

    content: Any
    body_size = 0

    @property
    def is_under_way(self) -> bool:
        """Whether it has come whole, and has not been answered."""
        return self.application_queue is not None and not self.finished

    def gotLength(self, length: int | None) -> None:
        super().gotLength(length)
        if length is not None and length > LARGEST_BODY:
            self._forget_body(length)

    def handleContentChunk(self, data: bytes) -> None:
        self.body_size += len(data)
        if self.body_size <= LARGEST_BODY:
            super().handleContentChunk(data)
        elif self.content.tell():
            self._forget_body(self.body_size)

    def process(self) -> Deferred[Any]:
        if self.body_size <= LARGEST_BODY:
            process: Deferred[Any] = super().process()
            return process
        self.basic_error(413, b"Content Too Large", "The body is too large.")
        return succeed(None)

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and draining.is_under_way():
            # The connection would keep the server waiting, or the client's next request would meet nobody.
            self.channel.persistent = False
            message = {
                **message,
                "headers": [*message.get("headers", []), (b"Connection", b"close")],
            }
        super().handle_reply(message)

    def _forget_body(self, size: int) -> None:
        self.body_size = size
        self.content.close()
        self.content = BytesIO()


class PortalChannel(HTTPChannel):
    """One connection. Twisted's own times begin anew with each byte, so that a byte a minute keeps a connection for days."""

    requestFactory = PortalRequest
    is_receiving = False

    def resetTimeout(self) -> None:
        """Set the time for a request at its first byte. Twisted calls this at each."""
        if not self.is_receiving:
            self.is_receiving = True
            self.setTimeout(WHOLE_WITHIN_S)  # type: ignore[no-untyped-call]

    def allContentReceived(self) -> None:
        self.is_receiving = False
        self.timeOut = IDLE_S  # from the answer on
        super().allContentReceived()  # type: ignore[no-untyped-call]


class PortalRequestFactory(HTTPFactory):
    """Makes the connections of a server."""

    protocol = PortalChannel

    def buildProtocol(self, addr: Any) -> Any:
        """Return a new connection's protocol."""
        self.timeOut = WHOLE_WITHIN_S
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = PortalRequest
        return protocol
