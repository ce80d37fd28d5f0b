"""The server: Daphne's, which lets go of sockets and requests in good order when it is told to end.

At SIGTERM or Ctrl-C `/readyz` answers 503 for `DRAIN_NOTICE_S`, so that nothing new is sent here; then nothing is
accepted, sockets are closed with 1012, whose clients come back elsewhere after a random while, and requests under way
have `DRAIN_S` to be answered. A second signal ends it at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from typing import Any

from django.conf import settings

import daphne.server
from twisted.internet import reactor

from contacts.pacing import spread
from portal import draining
from portal.serving import garbage
from portal.serving.requests import PortalRequest, PortalRequestFactory
from portal.serving.sockets import PortalSocket, PortalSocketFactory

logger = logging.getLogger(__name__)

DRAIN_S = 10.0
LOOK_EVERY_S = 0.05
CHECK_EVERY_S = 2.0  # for what has timed out, and for whom to ping
CHECKED_AT_ONCE = 50


class PortalServer(daphne.server.Server):
    """One process that serves the portal."""

    connections: dict[Any, dict[str, Any]]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._draining: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None
        self._passing: asyncio.Task[None] | None = None

    def run(self) -> None:
        """Serve until told to end."""
        daphne.server.HTTPFactory = PortalRequestFactory
        daphne.server.WebSocketFactory = PortalSocketFactory
        reactor.callWhenRunning(self._begin)
        self.signal_handlers = False
        super().run()

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Pass on what the application says; to a socket whose client does not keep up, once it does."""
        if message["type"] == "websocket.send":
            await protocol.until_writable()
        await super().handle_reply(protocol, message)

    def timeout_checker(self) -> None:
        """Check every connection again and again, as Daphne does, but few at a time: many pings at once hold up what is sent."""
        self._checking = asyncio.create_task(self._check_timeouts(), name="check-timeouts")

    def kill_all_applications(self) -> Any:
        """Cancel what is left, before the reactor stops."""
        for task in (self._checking, self._passing):
            if task is not None:
                task.cancel()
        self.connections = {
            protocol: details
            for protocol, details in self.connections.items()
            if "application_instance" in details
        }
        return super().kill_all_applications()

    def _begin(self) -> None:
        self.ws_factory.limit()
        garbage.look_rarely()
        loop = asyncio.get_event_loop()  # which does not run yet
        self._passing = loop.create_task(garbage.make_full_passes(), name="full-passes")
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end)

    def _end(self) -> None:
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain(), name="drain")
        else:
            self.stop()

    async def _check_timeouts(self) -> None:
        while True:
            async for some in spread(
                list(self.connections), CHECK_EVERY_S, at_once=CHECKED_AT_ONCE
            ):
                for one in some:
                    if one in self.connections:
                        one.check_timeouts()

    async def _drain(self) -> None:
        """Let go of everything in good order, then stop."""
        logger.info("draining", extra={"connections": len(self.connections)})
        draining.begin()
        try:
            await asyncio.sleep(settings.DRAIN_NOTICE_S)
            for listener in self.listeners:
                listener.addCallback(lambda port: port.stopListening())
            for one in list(self._sockets()):
                one.leave()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._until_let_go(), DRAIN_S)
        finally:
            self.stop()

    async def _until_let_go(self) -> None:
        while self._sockets() or self._requests_under_way():  # noqa: ASYNC110 (Daphne tells nobody)
            await asyncio.sleep(LOOK_EVERY_S)

    def _sockets(self) -> list[PortalSocket]:
        return [
            one
            for one, details in self.connections.items()
            if isinstance(one, PortalSocket) and "disconnected" not in details
        ]

    def _requests_under_way(self) -> list[PortalRequest]:
        return [
            one for one in self.connections if isinstance(one, PortalRequest) and one.is_under_way
        ]
