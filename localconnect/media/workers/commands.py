"""What a worker is asked, told and tells, as JSON values: a command is `[name, meeting id, ...]`.

The names are those of `MediaHost`; how each further value is spelt stands here once, for both ends.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from localconnect.media.attendee import Attendee, Capability
from localconnect.media.cues import Cue, Made
from localconnect.media.rooms import Rooms
from localconnect.settings import Settings

Document = list[Any]
SETTINGS = "settings"
_KEPT_HERE = frozenset({"events_targets", "expired_session_tokens"})
"""Settings that hold secrets and say nothing of media."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of value, to JSON and back."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _write_attendee(attendee: Attendee) -> dict[str, Any]:
    return {
        "external_user_id": attendee.external_user_id,
        "capabilities": sorted(attendee.capabilities),
        "only_listens": attendee.only_listens,
        "id": attendee.id,
        "join_token": attendee.join_token,
    }


def _read_attendee(document: dict[str, Any]) -> Attendee:
    capabilities = frozenset(Capability(name) for name in document["capabilities"])
    return Attendee(**{**document, "capabilities": capabilities})


def _write_cue(cue: Cue | None) -> list[Any] | None:
    return None if cue is None else [cue.made, cue.own and str(cue.own), cue.position]


def _read_cue(document: list[Any] | None) -> Cue | None:
    if document is None:
        return None
    made, own, position = document
    return Cue(Made(made), own and Path(own), position)


_PLAIN = _Kind(_same, _same)
_ATTENDEE = _Kind(_write_attendee, _read_attendee)
_CUE = _Kind(_write_cue, _read_cue)
_BYTES = _Kind(lambda data: base64.b64encode(data).decode(), base64.b64decode)
_VALUES: dict[str, tuple[_Kind, ...]] = {
    "create": (),
    "admit": (_ATTENDEE,),
    "remove": (_PLAIN, _PLAIN),
    "set_held": (_PLAIN, _PLAIN),
    "play": (_PLAIN, _CUE),
    "announce": (_PLAIN, _CUE),
    "attach_pattern": (_PLAIN,),
    "send_as": (_PLAIN, _PLAIN, _BYTES),
}


def command(name: str, meeting_id: str, *values: Any) -> Document:
    """A command, to be carried out by `obey`."""
    kinds = _VALUES[name]
    return [
        name,
        meeting_id,
        *(kind.write(value) for kind, value in zip(kinds, values, strict=True)),
    ]


def settings_command(settings: Settings) -> Document:
    """The command that gives a worker these settings."""
    names = [item.name for item in fields(settings) if item.name not in _KEPT_HERE]
    return [SETTINGS, {name: getattr(settings, name) for name in names}]


def obey(rooms: Rooms, settings: Settings, document: Document) -> None:
    """Carry a command out.

    :raises LookupError: there is no such command.
    """
    name, first, *values = document
    if name == SETTINGS:
        settings.change(first)
        return
    kinds = _VALUES[name]
    getattr(rooms, name)(
        first, *(kind.read(value) for kind, value in zip(kinds, values, strict=True))
    )
