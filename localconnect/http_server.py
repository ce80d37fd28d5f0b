"""The HTTP server: uvicorn with a door that no client can block, flood or confuse.

Every connection is in one `Phase`, and each phase has an end that the client cannot put off. Knows the limits of
heads, bodies, times and numbers, and nothing of what is served; what a refusal looks like is AWS's form of an error.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import ssl
from collections.abc import Iterator
from typing import Any, Protocol, cast

import uvicorn

from localconnect.connections import Connections
from localconnect.http_protocol import HttpProtocol
from localconnect.settings import Settings
from localconnect.websocket_protocol import WebSocketProtocol

MAX_WEBSOCKET_MESSAGE = 64 * 1024
BACKLOG = 2048
_TICKS_PER_SWEEP = 5  # of uvicorn's ten ticks a second


class Application(Protocol):
    """What is served: an ASGI application that is told before the server lets anybody in and before it goes down."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request or socket."""

    def open(self) -> None:
        """Get ready, on the event loop, before anybody is let in."""

    async def close(self) -> None:
        """Let go of everybody."""


class Server(uvicorn.Server):
    """uvicorn, with what a server of calls does differently: its door, how it starts and how it stops."""

    def __init__(
        self, app: Application, settings: Settings, *, tls: ssl.SSLContext | None = None
    ) -> None:
        """With `tls`, it serves https and wss, and nothing else."""
        self._app = app
        self._connections = Connections(settings)
        protocol = functools.partial(HttpProtocol, self._connections)
        super().__init__(
            uvicorn.Config(
                app,
                http=cast("type[asyncio.Protocol]", protocol),
                ws=WebSocketProtocol,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws_max_size=MAX_WEBSOCKET_MESSAGE,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=1,
                backlog=BACKLOG,
                ssl_context_factory=None if tls is None else lambda *_: tls,
            )
        )

    async def on_tick(self, counter: int) -> bool:
        """Look after connections that have waited for too long."""
        if counter % _TICKS_PER_SWEEP == 0:
            self._connections.sweep(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take up what a former process has left before the first request comes in."""
        self._app.open()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drop calls first: uvicorn's own goodbye would keep Chime clients waiting for media that never comes."""
        await self._app.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Being told to stop is no failure: do not die of the signal once everything is closed."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()
