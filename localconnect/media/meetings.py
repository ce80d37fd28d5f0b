"""Every meeting of this process, and the door through which clients come in.

What the rest of localconnect uses of its media. It must not know of contacts, queues or HTTP.
"""

from __future__ import annotations

import asyncio
import hmac

from starlette.websockets import WebSocket

from localconnect.clock import Clock
from localconnect.media.attendee import CONTENT_SUFFIX, Attendee, Capability
from localconnect.media.meeting import MEETING_ENDED, Meeting, MeetingObserver
from localconnect.media.signaling import CloseCode, SignalingSession
from localconnect.settings import Settings

__all__ = ["Attendee", "Capability", "Meeting", "MeetingObserver", "Meetings"]

_SUBPROTOCOL = "_aws_wt_session"
_GOODBYE_S = 2.5


class Meetings:
    """The registry of meetings. `clock` is what the rejoin window is measured by."""

    def __init__(
        self, *, settings: Settings, observer: MeetingObserver, clock: Clock | None = None
    ) -> None:
        self._settings = settings
        self._observer = observer
        self._clock = clock or Clock()
        self._meetings: dict[str, Meeting] = {}
        self._sessions: set[SignalingSession] = set()

    def create(self) -> Meeting:
        """A new, empty meeting."""
        meeting = Meeting(settings=self._settings, clock=self._clock, observer=self._observer)
        self._meetings[meeting.id] = meeting
        return meeting

    def find(self, meeting_id: str) -> Meeting | None:
        """The meeting of that id, unless it has ended."""
        return self._meetings.get(meeting_id)

    async def serve_signaling(self, websocket: WebSocket) -> None:
        """Serve one signalling socket; its path has the parameter `meeting_id`.

        A refusal comes after acceptance: the SDK would retry a failed handshake for two minutes.
        """
        offered: list[str] = websocket.scope.get("subprotocols", [])
        await websocket.accept(_SUBPROTOCOL if _SUBPROTOCOL in offered else None)
        meeting = self.find(websocket.path_params["meeting_id"])
        if meeting is None:
            await websocket.close(CloseCode.MEETING_ENDED)
            return
        token = next((name for name in offered if name != _SUBPROTOCOL), "")
        content = token.endswith(CONTENT_SUFFIX)
        attendee = _owner(meeting, token.removesuffix(CONTENT_SUFFIX))
        if attendee is None or (content and Capability.SCREEN_SHARE not in attendee.capabilities):
            await websocket.close(CloseCode.FORBIDDEN)
            return
        session = SignalingSession(websocket, meeting=meeting, attendee=attendee, content=content)
        self._sessions.add(session)
        try:
            await session.run()
        finally:
            self._sessions.discard(session)

    async def end(self, meeting: Meeting) -> None:
        """End a meeting for all: clients are told (410), get a moment to leave, and everything is freed."""
        self._meetings.pop(meeting.id, None)
        sessions = [session for session in self._sessions if session.meeting is meeting]
        meeting.finish(MEETING_ENDED)
        for session in sessions:
            session.finish(MEETING_ENDED)
        await _wait_for(sessions)

    async def close(self) -> None:
        """End this process's part in all meetings without goodbye, so that clients try to come back."""
        sessions = list(self._sessions)
        for meeting in self._meetings.values():
            meeting.close()
        self._meetings.clear()
        for session in sessions:
            session.abort()
        await _wait_for(sessions)

    def describe(self) -> list[dict[str, object]]:
        """Every meeting's attendees, streams and counters, without tokens."""
        return [meeting.describe() for meeting in self._meetings.values()]


def _owner(meeting: Meeting, token: str) -> Attendee | None:
    for attendee in meeting.attendees.values():
        if hmac.compare_digest(attendee.join_token.encode(), token.encode()):
            return attendee
    return None


async def _wait_for(sessions: list[SignalingSession]) -> None:
    if sessions:
        waiting = [asyncio.ensure_future(session.closed.wait()) for session in sessions]
        _, late = await asyncio.wait(waiting, timeout=_GOODBYE_S)
        for task in late:
            task.cancel()
