"""The socket of an agent's desk: whole snapshots out, the agent's wishes in.

One desk per agent: a second one of the same name takes over and the first is told so. A desk that vanishes keeps its
agent's status for a moment, so that a reload is not a shift's end.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from localconnect.agents import Agent, UnableToAddAgent
from localconnect.clock import Clock, Timer
from localconnect.contact_center import ContactCenter
from localconnect.desk.views import desk_view
from localconnect.desk.wishes import grant
from localconnect.routing import UnableToAnswer
from localconnect.settings import Settings

logger = logging.getLogger(__name__)

CLOSE_BAD_REQUEST = 4400
CLOSE_TAKEN_OVER = 4409
_RELOAD_S = 5.0
_RESTART_S = 10.0
"""After a restart every page looks for its connections at once: the desk's and those of its call."""


class Desks:
    """Every open desk, by agent."""

    def __init__(self, *, center: ContactCenter, settings: Settings, clock: Clock) -> None:
        self._center = center
        self._settings = settings
        self._clock = clock
        self._open: dict[str, WebSocket] = {}
        self._leaving: dict[str, Timer] = {}

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one desk until it closes. Only pages of this very server may open one."""
        origin, host = websocket.headers.get("origin", ""), websocket.headers.get("host")
        if origin not in (f"http://{host}", f"https://{host}"):
            await websocket.close(CLOSE_BAD_REQUEST)
            return
        await websocket.accept()
        try:
            agent = self._center.roster.of_desk(websocket.query_params.get("name", ""))
        except UnableToAddAgent as error:
            await websocket.close(CLOSE_BAD_REQUEST, str(error))
            return
        await self._take_over(agent, websocket)
        try:
            await self._run(agent, websocket)
        finally:
            self._release(agent, websocket)

    def expect(self, agent: Agent, within_s: float = _RESTART_S) -> None:
        """Let an agent who sat at a desk of a former process come back, as if they had never been away."""
        self._leaving[agent.id] = self._clock.call_later(within_s, lambda: self._leave(agent))

    def forget_absent(self) -> None:
        """Strike everybody off the roster whose desk is not open now; they have no calls (after a reset)."""
        for timer in self._leaving.values():
            timer.cancel()
        self._leaving.clear()
        for agent in self._center.roster:
            if agent.id not in self._open:
                self._center.routing.dismiss(agent)

    async def _take_over(self, agent: Agent, websocket: WebSocket) -> None:
        former = self._open.get(agent.id)
        self._open[agent.id] = websocket
        leaving = self._leaving.pop(agent.id, None)
        if leaving is not None:
            leaving.cancel()
        if former is not None:
            with suppress(WebSocketDisconnect, RuntimeError):
                await former.send_json(
                    {**self._view(agent, former), "call": None, "taken_over": True}
                )
                await former.close(CLOSE_TAKEN_OVER, "The desk was opened elsewhere")

    async def _run(self, agent: Agent, websocket: WebSocket) -> None:
        changed = asyncio.Event()
        self._center.watchers.add(changed.set)
        writer = asyncio.create_task(self._show(agent, websocket, changed))
        try:
            while True:
                self._obey(agent, await websocket.receive_text())
                changed.set()  # also after a wish that was impossible: the desk must see how things are
        except WebSocketDisconnect:
            pass
        except (ValueError, KeyError, RecursionError):
            with suppress(RuntimeError):
                await websocket.close(CLOSE_BAD_REQUEST, "Not a wish this desk knows")
        finally:
            self._center.watchers.discard(changed.set)
            writer.cancel()
            [outcome] = await asyncio.gather(writer, return_exceptions=True)
            if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                logger.error("A desk could not be shown", exc_info=outcome)

    async def _show(self, agent: Agent, websocket: WebSocket, changed: asyncio.Event) -> None:
        shown = ""
        while True:
            changed.clear()
            view = json.dumps(
                self._view(agent, websocket), separators=(",", ":"), ensure_ascii=False
            )
            if view != shown:
                await websocket.send_text(view)
                shown = view
            await changed.wait()

    def _view(self, agent: Agent, websocket: WebSocket) -> dict[str, Any]:
        scheme = "https" if websocket.url.scheme == "wss" else "http"
        base_url = f"{scheme}://{websocket.headers['host']}"
        return desk_view(self._center, agent, base_url=base_url, settings=self._settings)

    def _obey(self, agent: Agent, text: str) -> None:
        """Do what the desk asks, if it is possible.

        :raises ValueError: not JSON, or not a wish that exists.
        :raises KeyError: a wish without what it is about.
        """
        wish = json.loads(text)
        try:
            grant(self._center, agent, wish)
        except UnableToAnswer as error:
            logger.info("The desk of %s asked for what is not possible: %s", agent.name, error)

    def _release(self, agent: Agent, websocket: WebSocket) -> None:
        if self._open.get(agent.id) is not websocket:
            return
        del self._open[agent.id]
        self.expect(agent, _RELOAD_S)

    def _leave(self, agent: Agent) -> None:
        self._leaving.pop(agent.id, None)
        self._center.transfers.desk_closed(agent)
