"""Who may take part in a meeting, and what they may do there. A value without behaviour."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import StrEnum

from localconnect.random_ids import new_id

CONTENT_SUFFIX = "#content"
"""What the SDK appends to the token and the id of an attendee for its content share."""


class Capability(StrEnum):
    """What an attendee may do besides speaking and listening, which everybody may."""

    VIDEO = "video"
    SCREEN_SHARE = "screen_share"


@dataclass(slots=True, eq=False)
class Attendee:
    """An invitation into one meeting. `joined` is true while its media is connected, short breaks included."""

    external_user_id: str
    capabilities: frozenset[Capability]
    only_listens: bool = False
    """Hears and sees everybody, and is heard, seen and listed by nobody."""
    id: str = field(default_factory=new_id)
    join_token: str = field(default="", repr=False)
    joined: bool = False

    def __post_init__(self) -> None:
        if not self.join_token:
            self.join_token = _token(self.id)


def _token(attendee_id: str) -> str:
    # It travels as a WebSocket subprotocol, whose alphabet has neither "=" nor "/".
    text = f"{attendee_id}:{new_id()}"
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
