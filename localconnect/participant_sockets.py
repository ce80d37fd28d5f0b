"""The WebSocket that CreateParticipantConnection hands out: subscriptions, heartbeats and the news of the end.

A call has no chat, so nothing else ever passes here; clients that insist on the socket (ChatJS) find one that behaves.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from localconnect.clock import Clock
from localconnect.contact_center import ContactCenter
from localconnect.contacts import Contact
from localconnect.people import Purpose
from localconnect.random_ids import new_id
from localconnect.timestamps import iso_time

_ENDED = "application/vnd.amazonaws.connect.event.chat.ended"
_CLOSE_BAD_REQUEST = 4400


class ParticipantSockets:
    """Serves participants' sockets."""

    def __init__(self, *, center: ContactCenter, clock: Clock) -> None:
        self._center = center
        self._clock = clock

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one socket, until it closes or its contact ends. An address that is old or wrong is refused."""
        bearer = self._center.people.with_key(
            websocket.path_params["key"], Purpose.SOCKET, self._clock.time()
        )
        if bearer is None:
            await websocket.close()
            return
        await websocket.accept()
        teller = asyncio.create_task(self._tell_of_end(websocket, bearer.contact))
        try:
            while True:
                await websocket.send_json(_answer(await websocket.receive_text()))
        except (WebSocketDisconnect, RuntimeError):
            pass  # gone, or closed by `_tell_of_end`
        except (ValueError, RecursionError):
            with suppress(RuntimeError):
                await websocket.close(_CLOSE_BAD_REQUEST, "Not a message this socket knows")
        finally:
            teller.cancel()
            await asyncio.gather(teller, return_exceptions=True)

    async def _tell_of_end(self, websocket: WebSocket, contact: Contact) -> None:
        changed = asyncio.Event()
        self._center.watchers.add(changed.set)
        try:
            while not contact.is_over:
                changed.clear()
                await changed.wait()
        finally:
            self._center.watchers.discard(changed.set)
        event = {
            "Id": new_id(),
            "Type": "EVENT",
            "ContentType": _ENDED,
            "ContactId": contact.id,
            "InitialContactId": contact.initial_contact_id or contact.id,
            "AbsoluteTime": iso_time(contact.ended_at),
        }
        with suppress(WebSocketDisconnect, RuntimeError):
            await websocket.send_json(
                {
                    "topic": "aws/chat",
                    "contentType": "application/json",
                    "content": json.dumps(event),
                }
            )
            await websocket.close()


def _answer(text: str) -> dict[str, Any]:
    """What a client's message is answered with.

    :raises ValueError: it is none of the two that exist.
    """
    message = json.loads(text)
    topic = message.get("topic") if isinstance(message, dict) else None
    if topic == "aws/heartbeat":
        return {"topic": topic}
    if topic != "aws/subscribe":
        raise ValueError("Unknown topic")
    content = message.get("content")
    topics = content.get("topics") if isinstance(content, dict) else None
    return {"topic": topic, "content": {"status": "success", "topics": topics or []}}
