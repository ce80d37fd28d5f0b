"""One client's HTTP connection: uvicorn's protocol with limits, and refusals in AWS's form.

Adds to uvicorn what it leaves open: the phases of a connection, the size of heads and of what follows a refusal, the
number of pipelined requests, what a head must not say, and that nothing is ever answered out of turn.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from localconnect.aws import serializer
from localconnect.aws.errors import ServiceError
from localconnect.connections import Connections, Phase
from localconnect.http_head import (
    BODY_TOO_LARGE,
    BODY_TOO_SLOW,
    HEAD_TOO_LARGE,
    HEAD_TOO_SLOW,
    MALFORMED,
    MAX_BODY,
    MAX_HEAD,
    MAX_HEADERS,
    NO_ROOM,
    TOO_MANY_REQUESTS,
    TRANSPORT_EXTENSION,
    Flaw,
    flaw_in_head,
)
from localconnect.joined_writes import JoinedWrites

logger = logging.getLogger(__name__)

MAX_DISCARDED = 16 * MAX_BODY
"""Bytes of a body that are read at all. Too long a body is the application's to refuse, but a client that is still
writing would not see the answer, only a broken connection."""

MAX_PIPELINED = 32

_CODES = {
    408: "RequestTimeoutException",
    413: "RequestEntityTooLargeException",
    431: "RequestEntityTooLargeException",
    503: "ServiceUnavailableException",
}


_DEAF = (Phase.LAST_ANSWER, Phase.REFUSED)


class _Refused(Exception):
    """Stops the parser; the flaw is in `_flaw`."""


class HttpProtocol(HttpToolsProtocol):
    """A connection, from its first byte to its end or to its becoming a WebSocket."""

    def __init__(self, connections: Connections, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.phase = Phase.IDLE
        self.since = self.loop.time()
        self.stalled_since: float | None = None
        self._all = connections
        self._active: RequestResponseCycle | None = None
        self._flaw: Flaw | None = None
        self._size = 0
        """Bytes that the parser has made out of the head, then of the body."""
        self._received = 0
        self._unparsed = 0
        """Bytes received since, that may still be within one header."""

    # What `Connections` asks for --------------------------------------------------------------------------------

    @property
    def is_closing(self) -> bool:
        """Whether everything has been written that will be."""
        return self.transport.is_closing()

    def expire(self) -> None:
        """Answer a request that does not come to its end; close a connection that is of no use."""
        if self.phase is Phase.HEAD:
            self.refuse(HEAD_TOO_SLOW)
        elif self.phase is Phase.BODY:
            self.refuse(BODY_TOO_SLOW)
        else:
            self.transport.close()

    def drop(self) -> None:
        """Close without a word, and without waiting for what is not yet sent."""
        self.transport.abort()

    # The connection ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count it, if there is room."""
        super().connection_made(cast("asyncio.Transport", JoinedWrites(transport)))
        if not self._all.admit(self, len(self.connections)):
            self.refuse(NO_ROOM)
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._all.discard(self)
        self.stalled_since = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, as long as there is anything to be had from this client."""
        if self.phase in _DEAF:
            return
        if self.phase is Phase.IDLE:
            self._enter(Phase.HEAD)
        self._received = len(data)
        super().data_received(data)
        if self.phase is Phase.HEAD:
            self._unparsed += len(data)
            if self._unparsed > MAX_HEAD:
                self.refuse(HEAD_TOO_LARGE)

    def pause_writing(self) -> None:
        """The client does not read; for how long is watched."""
        self.stalled_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """It does again."""
        self.stalled_since = None
        super().resume_writing()

    # The parser -------------------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT_EXTENSION: {"transport": self.transport}}
        self._size = 0
        self._unparsed = -self._received  # most of this piece may belong to the request before
        self._enter(Phase.HEAD)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; what follows a chunked body is no header, whatever it calls itself."""
        self._grow(len(name) + len(value) + 4)
        if self.phase is Phase.HEAD:
            super().on_header(name, value)
            if len(self.headers) > MAX_HEADERS:
                self._stop(HEAD_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Look at the head as a whole, then let it be served."""
        self._grow(len(self.url))
        upgrades = self.parser.should_upgrade() and self._should_upgrade()
        flaw = flaw_in_head(
            self.parser.get_http_version(),
            self.parser.get_method(),
            self.url,
            self.headers,
            upgrades=upgrades,
        )
        if flaw is not None:
            self._stop(flaw)
        if len(self.pipeline) >= MAX_PIPELINED:
            self._stop(TOO_MANY_REQUESTS)
        super().on_headers_complete()
        self._size = 0
        self._enter(Phase.BODY)

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        self._grow(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request has arrived."""
        super().on_message_complete()
        is_answered = self.cycle is not None and self.cycle.response_complete
        self._enter(Phase.IDLE if is_answered else Phase.ANSWER)

    def send_400_response(self, msg: str) -> None:
        """The parser has given up, on its own or because of a flaw found here."""
        self.refuse(self._flaw or MALFORMED)

    def _grow(self, size: int) -> None:
        self._size += size
        if self.phase is Phase.HEAD and self._size > MAX_HEAD:
            self._stop(HEAD_TOO_LARGE)
        if self._size > MAX_DISCARDED:
            self._stop(BODY_TOO_LARGE)

    def _stop(self, flaw: Flaw) -> None:
        self._flaw = flaw
        raise _Refused

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.since = self.loop.time()

    # Answers ----------------------------------------------------------------------------------------------------

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._active = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Wait for the next request, unless the rest of this one is still to come."""
        super().on_response_complete()
        self._unset_keepalive_if_required()  # `Connections` watches over all phases alike
        if self.phase is Phase.ANSWER and not self.pipeline:
            self._enter(Phase.IDLE)

    def handle_websocket_upgrade(self) -> None:
        """Hand over to the WebSocket's own protocol, which must like the handshake."""
        self._all.discard(self)
        super().handle_websocket_upgrade()

    def refuse(self, flaw: Flaw) -> None:
        """Answer with `flaw` if it is this request's turn, and have no more to do with this client."""
        if self.phase in _DEAF:
            return
        client = self.client[0] if self.client else "a client"
        logger.info("Refused %s: %d %s", client, flaw.status, flaw.text, extra={"kind": flaw})
        is_receiving = self.phase is Phase.BODY
        active = self._active
        if active is not None and not active.response_complete:
            if not is_receiving or active is not self.cycle or active.response_started:
                self._enter(Phase.LAST_ANSWER)
                self.pipeline.clear()
                active.keep_alive = False
                return
            active.disconnected = True
            active.message_event.set()
        elif is_receiving:
            self.transport.close()  # this request has had its answer
            return
        self._enter(Phase.REFUSED)
        self._answer(flaw)

    def _answer(self, flaw: Flaw) -> None:
        code = _CODES.get(flaw.status, "SerializationException")
        reply = serializer.serialize_error(
            ServiceError(code, flaw.text, status=flaw.status), str(uuid.uuid4())
        )
        headers = [*self.server_state.default_headers, *reply.headers, (b"connection", b"close")]
        head = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[flaw.status], head, reply.body))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()
