"""One running localconnect: its parts put together, and the ASGI application that sends each request to its part."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, WebSocketRoute

from localconnect.aws.gateway import Gateway
from localconnect.aws.pagination import Paginator
from localconnect.aws.router import Router
from localconnect.aws.service_model import load_operations
from localconnect.aws.sigv4 import Verifier
from localconnect.browser_origins import BrowserOrigins
from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.contact_events import ContactEvents
from localconnect.control import Control
from localconnect.desk.socket import Desks
from localconnect.directory import Directory, demo_directory
from localconnect.faults import Faults
from localconnect.journal import Journal, StoreJournal
from localconnect.media.workers.host import MediaWorkers
from localconnect.message_queues import MessageQueues
from localconnect.pages import Pages
from localconnect.participant_sockets import ParticipantSockets
from localconnect.restoring import load, resume
from localconnect.scripted_agents import ScriptedAgents
from localconnect.services import Service, behaviours
from localconnect.settings import Settings
from localconnect.store import Store

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_OWN_ROOTS = frozenset({"agent", "_local", "healthz", "v1", "v2"})
"""First path segments that are not Amazon Connect's. None of its operations begins with one."""


class LocalConnect:
    """The ASGI application. `open` it on the event loop before its server lets anybody in, and `close` it before the
    server goes down, so that calls are dropped the way clients expect.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        directory: Directory | None = None,
        store: Store | None = None,
        with_control: bool = True,
        media_processes: int = 0,
    ) -> None:
        """All parts, empty. What `store` holds is read, and taken up by `open`, which starts `media_processes` too.

        :raises UnusableData: it holds what this server cannot go on with.
        """
        directory = directory or demo_directory()
        clock = Clock()
        self._message_queues = MessageQueues(settings=settings, clock=clock, directory=directory)
        journal = Journal() if store is None else StoreJournal(store)
        self._events = ContactEvents(
            settings=settings, clock=clock, queues=self._message_queues, journal=journal
        )
        self._center = ContactCenter(
            settings=settings,
            clock=clock,
            events=self._events,
            directory=directory,
            journal=journal,
            media=MediaWorkers(settings, media_processes) if media_processes else None,
        )
        desks = Desks(center=self._center, settings=settings, clock=clock)
        agents = ScriptedAgents(center=self._center, clock=clock)
        service = Service(
            center=self._center,
            settings=settings,
            clock=clock,
            directory=directory,
            paginator=Paginator(clock),
            message_queues=self._message_queues,
        )
        sockets = ParticipantSockets(center=self._center, clock=clock)
        operations = [
            *load_operations("connect"),
            *load_operations("connectparticipant"),
            *load_operations("sqs", key_prefix="sqs:"),
        ]
        faults = Faults({operation.key for operation in operations})
        router = Router(operations)
        self._gateway = Gateway(
            router=router,
            behaviours=behaviours(service),
            verifier=Verifier({directory.access_key: directory.secret_key}, directory.region),
            settings=settings,
            clock=clock,
            faults=faults,
            journal=journal,
        )
        self._resume: Callable[[], None] | None = None
        if store is not None:
            self._resume = partial(
                resume,
                load(store, directory),
                clock=clock,
                center=self._center,
                agents=agents,
                desks=desks,
                events=self._events,
            )
        routes: list[BaseRoute] = [
            *Pages(settings).routes(),
            WebSocketRoute("/agent/socket", desks.serve),
            WebSocketRoute("/participant/socket/{key}", sockets.serve),
            WebSocketRoute("/control/{meeting_id}", self._center.meetings.serve_signaling),
        ]
        if with_control:
            control = Control(
                settings=settings,
                clock=clock,
                center=self._center,
                events=self._events,
                message_queues=self._message_queues,
                agents=agents,
                desks=desks,
                faults=faults,
                throttle=self._gateway.throttle,
            )
            routes += control.routes()
        self._api = BrowserOrigins(self._gateway, router=router, settings=settings)
        self._pages = Starlette(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
        elif scope["path"].split("/", 2)[1] not in _OWN_ROOTS:
            await self._api(scope, receive, send)
        else:
            with suppress(ClientDisconnect):  # whoever left does not want an answer either
                await self._pages(scope, receive, _noting_refusals(scope, send))

    def open(self) -> None:
        """Go on with what a former process has left, if anything."""
        self._center.meetings.open()
        if self._resume is not None:
            self._resume()
            self._resume = None  # what was read is in use now

    async def close(self) -> None:
        """Drop every call and stop delivering events."""
        await self._center.close()
        await self._events.close()
        self._message_queues.reset()


def _noting_refusals(scope: Scope, send: Send) -> Send:
    async def noted(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            logger.info(
                "Refused %s %a: %d", scope["method"], scope["path"][:100], message["status"]
            )
        await send(message)

    return noted
