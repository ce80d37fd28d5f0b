"""What somebody needs to join a contact's meeting, in the shape Amazon Connect hands it out.

Every address points at this server. Used by the API for customers and by the desk for agents.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from localconnect.contacts import Contact, Participant
from localconnect.settings import Settings


def websocket_address(*, base_url: str, settings: Settings) -> str:
    """`ws://host:port` (or wss) at which clients reach this server's sockets; see `connection_data`."""
    http = settings.public_url or base_url
    return f"ws{http.removeprefix('http')}"


def connection_data(
    contact: Contact, person: Participant, *, base_url: str, settings: Settings
) -> dict[str, Any]:
    """`Attendee` and `Meeting` for `person`.

    :param base_url: `http://host:port` the asker has reached this server at; the setting `public_url` goes before it.
    """
    http = settings.public_url or base_url
    websocket = websocket_address(base_url=base_url, settings=settings)
    return {
        "Attendee": {"AttendeeId": person.attendee_id, "JoinToken": person.join_token},
        "Meeting": {
            "MediaRegion": contact.instance.region,
            "MeetingId": contact.meeting_id,
            "MediaPlacement": {
                # Only told apart from an empty one by clients, never dialled.
                "AudioHostUrl": urlsplit(http).netloc,
                "AudioFallbackUrl": f"{websocket}/calls/{contact.meeting_id}",
                "SignalingUrl": f"{websocket}/control/{contact.meeting_id}",
                "TurnControlUrl": f"{http}/v2/turn_sessions",
                "EventIngestionUrl": f"{http}/v1/client-events",
            },
            "MeetingFeatures": {"Audio": {"EchoReduction": "UNAVAILABLE"}},
        },
    }
