"""The rooms of this process, and the door through which clients come in.

Every meeting has its room here, or in another process that has rooms of its own. It must not know of contacts, queues
or HTTP.
"""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

from starlette.websockets import WebSocket

from localconnect.background import Background
from localconnect.media.attendee import CONTENT_SUFFIX, Attendee, Capability
from localconnect.media.cues import Cue
from localconnect.media.hosting import Description, MediaObserver
from localconnect.media.network import MediaNetwork
from localconnect.media.room import Room
from localconnect.media.signaling import CloseCode, SignalingSession
from localconnect.media.status import MEETING_ENDED
from localconnect.settings import Settings

_SUBPROTOCOL = "_aws_wt_session"
_GOODBYE_S = 2.5
SOCKETS_PER_ATTENDEE = 6
"""Its own, its content share's, and those a reconnecting client has not closed yet."""


class Rooms:
    """The media of meetings, by their ids: a `MediaHost`. What concerns nobody here does nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._observer: MediaObserver | None = None
        self._background = Background()
        self._rooms: dict[str, Room] = {}
        self._sessions: set[SignalingSession] = set()

    def report_to(self, observer: MediaObserver) -> None:
        """From now on `observer` is told."""
        self._observer = observer

    def open(self) -> None:
        """Nothing is to be got ready."""

    def settings_changed(self) -> None:
        """Whoever needs a value reads it when it is needed."""

    def create(self, meeting_id: str) -> None:
        """Open an empty room for a meeting."""
        if self._observer is None:
            raise RuntimeError("Nobody is told what happens here")
        self._rooms[meeting_id] = Room(
            meeting_id,
            settings=self._settings,
            observer=self._observer,
            background=self._background,
        )

    def find(self, meeting_id: str) -> Room | None:
        """The room of that meeting, unless it has ended."""
        return self._rooms.get(meeting_id)

    def admit(self, meeting_id: str, attendee: Attendee) -> None:
        """Let somebody in who shows the join token."""
        room = self.find(meeting_id)
        if room is not None:
            room.add(attendee)

    def remove(self, meeting_id: str, attendee_id: str, status: int) -> None:
        """Let them in no more; a connected client is told why by an AUDIO_STATUS."""
        room = self.find(meeting_id)
        if room is not None:
            room.remove(attendee_id, status)

    def set_held(self, meeting_id: str, attendee_id: str, held: bool) -> None:
        """Take somebody out of the conversation, or back into it."""
        room = self.find(meeting_id)
        if room is not None:
            room.bridge.set_held(attendee_id, held)

    def play(self, meeting_id: str, attendee_id: str, cue: Cue | None) -> None:
        """Play a sound to somebody in a loop, or nothing more."""
        room = self.find(meeting_id)
        if room is not None:
            room.playback_for(attendee_id).play(cue)

    def announce(self, meeting_id: str, attendee_id: str, cue: Cue) -> None:
        """Play a sound to somebody once; what else is played pauses."""
        room = self.find(meeting_id)
        if room is not None:
            room.playback_for(attendee_id).announce(cue)

    def attach_pattern(self, meeting_id: str, attendee_id: str) -> None:
        """Let a moving test picture and a tone join in somebody's place."""
        room, attendee = self._attendee(meeting_id, attendee_id)
        if room is not None and attendee is not None:
            room.attach_pattern(attendee)

    def send_as(self, meeting_id: str, attendee_id: str, topic: str, data: bytes) -> None:
        """Send everybody else a data message of somebody, who need not be connected."""
        room, attendee = self._attendee(meeting_id, attendee_id)
        if room is not None and attendee is not None:
            room.messages.send_as(attendee, topic, data)

    def _attendee(self, meeting_id: str, attendee_id: str) -> tuple[Room | None, Attendee | None]:
        room = self.find(meeting_id)
        return room, None if room is None else room.attendees.get(attendee_id)

    async def serve_signaling(self, websocket: WebSocket) -> None:
        """Serve one signalling socket; its path has the parameter `meeting_id`.

        A refusal comes after acceptance: the SDK would retry a failed handshake for two minutes.
        """
        offered = await accept(websocket)
        room = self.find(websocket.path_params["meeting_id"])
        if room is None:
            await websocket.close(CloseCode.MEETING_ENDED)
            return
        token = next((name for name in offered if name != _SUBPROTOCOL), "")
        content = token.endswith(CONTENT_SUFFIX)
        attendee = _owner(room, token.removesuffix(CONTENT_SUFFIX))
        if attendee is None or (content and Capability.SCREEN_SHARE not in attendee.capabilities):
            await websocket.close(CloseCode.FORBIDDEN)
            return
        if sum(s.attendee is attendee for s in self._sessions) >= SOCKETS_PER_ATTENDEE:
            await websocket.close(CloseCode.TOO_MANY_SOCKETS)
            return
        network = MediaNetwork.of(self._settings.media_ports, self._settings.media_address)
        session = SignalingSession(
            websocket,
            room=room,
            attendee=attendee,
            content=content,
            network=network,
            join_s=self._settings.signaling_join_s,
        )
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)

    async def end(self, meeting_id: str) -> None:
        """End a meeting for all: clients are told (410), get a moment to leave, and everything is freed."""
        room = self._rooms.pop(meeting_id, None)
        if room is None:
            return
        sessions = [session for session in self._sessions if session.room is room]
        room.finish(MEETING_ENDED)
        for session in sessions:
            session.finish(MEETING_ENDED)
        await _wait_for(sessions)

    async def close(self) -> None:
        """Break everything off without goodbye, so that clients try to come back."""
        sessions = list(self._sessions)
        for room in self._rooms.values():
            room.close()
        self._rooms.clear()
        for session in sessions:
            session.abort()
        await _wait_for(sessions)
        await self._background.close()

    async def describe(self) -> list[Description]:
        """Every meeting's attendees, streams and counters, without tokens."""
        return [room.describe() for room in self._rooms.values()]

    def processes(self) -> list[dict[str, Any]]:
        """None but this."""
        return []


async def accept(websocket: WebSocket) -> list[str]:
    """Accept a signalling socket; gives the subprotocols that its client offers, its token among them."""
    offered: list[str] = websocket.scope.get("subprotocols", [])
    await websocket.accept(_SUBPROTOCOL if _SUBPROTOCOL in offered else None)
    return offered


def _owner(room: Room, token: str) -> Attendee | None:
    for attendee in room.attendees.values():
        if hmac.compare_digest(attendee.join_token.encode(), token.encode()):
            return attendee
    return None


async def _wait_for(sessions: list[SignalingSession]) -> None:
    if sessions:
        waiting = [asyncio.ensure_future(session.closed.wait()) for session in sessions]
        _, late = await asyncio.wait(waiting, timeout=_GOODBYE_S)
        for task in late:
            task.cancel()
