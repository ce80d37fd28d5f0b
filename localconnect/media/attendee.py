"""Who may take part in a meeting, and what they may do there. A value without behaviour."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass, field
from enum import StrEnum

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
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    join_token: str = field(default="", repr=False)
    joined: bool = False

    def __post_init__(self) -> None:
        if not self.join_token:
            self.join_token = _token(self.id)


def _token(attendee_id: str) -> str:
    # It travels as a WebSocket subprotocol, whose alphabet has neither "=" nor "/".
    text = f"{attendee_id}:{uuid.uuid4()}"
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
