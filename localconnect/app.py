"""One running localconnect: its parts put together, and the ASGI application that sends each request to its part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute, WebSocketRoute

from localconnect.aws.gateway import Gateway
from localconnect.aws.pagination import Paginator
from localconnect.aws.router import Router
from localconnect.aws.service_model import load_operations
from localconnect.aws.sigv4 import Verifier
from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.contact_events import ContactEvents
from localconnect.control import Control
from localconnect.desk.socket import Desks
from localconnect.directory import Directory, demo_directory
from localconnect.faults import Faults
from localconnect.pages import Pages
from localconnect.participant_sockets import ParticipantSockets
from localconnect.scripted_agents import ScriptedAgents
from localconnect.services import Service, behaviours
from localconnect.settings import Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_OWN_ROOTS = frozenset({"agent", "_local", "healthz", "v1", "v2"})
"""First path segments that are not Amazon Connect's. None of its operations begins with one."""


class LocalConnect:
    """The ASGI application. `close` it before its server goes down, so that calls are dropped the way clients expect."""

    def __init__(
        self,
        settings: Settings,
        *,
        directory: Directory | None = None,
        with_control: bool = True,
    ) -> None:
        directory = directory or demo_directory()
        clock = Clock()
        faults = Faults()
        self._events = ContactEvents(settings=settings, clock=clock)
        self._center = ContactCenter(
            settings=settings, clock=clock, events=self._events, directory=directory
        )
        desks = Desks(center=self._center, settings=settings, clock=clock)
        agents = ScriptedAgents(center=self._center, clock=clock)
        service = Service(
            center=self._center,
            settings=settings,
            clock=clock,
            directory=directory,
            paginator=Paginator(clock),
        )
        sockets = ParticipantSockets(center=self._center, clock=clock)
        self._gateway = Gateway(
            router=Router([*load_operations("connect"), *load_operations("connectparticipant")]),
            behaviours=behaviours(service),
            verifier=Verifier({directory.access_key: directory.secret_key}, directory.region),
            settings=settings,
            clock=clock,
            faults=faults,
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
                agents=agents,
                desks=desks,
                faults=faults,
                throttle=self._gateway.throttle,
            )
            routes += control.routes()
        self._pages = Starlette(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].split("/", 2)[1] not in _OWN_ROOTS:
            await self._gateway(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    async def close(self) -> None:
        """Drop every call and give up undelivered events."""
        await self._center.close()
        await self._events.close()
