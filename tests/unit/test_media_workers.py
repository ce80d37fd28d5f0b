"""What passes between a server and its processes of media: commands, settings, messages."""

from __future__ import annotations

import asyncio
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from localconnect.media.attendee import Attendee, Capability
from localconnect.media.cues import Cue, Made
from localconnect.media.hosting import MediaHost
from localconnect.media.rooms import Rooms
from localconnect.media.workers.commands import command, obey, settings_command
from localconnect.media.workers.streams import MOST_BYTES, read_message
from localconnect.settings import Settings

_ANA = Attendee("ana", frozenset({Capability.VIDEO}), only_listens=True)
_COMMANDS: list[tuple[Any, ...]] = [
    ("create",),
    ("admit", _ANA),
    ("remove", "a", 411),
    ("set_held", "a", True),
    ("play", "a", Cue(Made.QUEUE_MUSIC, Path("/music.ogg"))),
    ("play", "a", None),
    ("announce", "a", Cue(Made.POSITION, position=3)),
    ("attach_pattern", "a"),
    ("send_as", "a", "topic", b"\x00\xff"),
]
_NO_COMMANDS = {"report_to", "open", "settings_changed", "processes"}
"""What a worker is not told, or by other means."""


class _Recorder(Rooms):
    """Rooms that keep what they are asked."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.asked: list[tuple[Any, ...]] = []

    def __getattribute__(self, name: str) -> Any:
        if name in {one[0] for one in _COMMANDS}:
            return lambda *values: self.asked.append((name, *values))
        return super().__getattribute__(name)


@pytest.mark.parametrize("wish", _COMMANDS, ids=lambda wish: wish[0])
def test_command_arrives_as_it_was_given(wish: tuple[Any, ...]) -> None:
    """Should be carried out with equal values, after having been JSON."""
    settings = Settings()
    rooms = _Recorder(settings)
    name, *values = wish

    obey(rooms, settings, json.loads(json.dumps(command(name, "m", *values))))

    [(asked, meeting_id, *arrived)] = rooms.asked
    assert (asked, meeting_id) == (name, "m")
    assert [_plain(value) for value in arrived] == [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    """An attendee by what it is made of: two of them are never the same."""
    if not isinstance(value, Attendee):
        return value
    return [getattr(value, name) for name in Attendee.__slots__]


def test_every_wish_that_is_not_awaited_is_a_command() -> None:
    """Should spell all that `MediaHost` has, so that none is lost on the way to another process."""
    wishes = {
        name
        for name, member in inspect.getmembers(MediaHost, inspect.isfunction)
        if not name.startswith("_") and not inspect.iscoroutinefunction(member)
    }

    assert wishes - _NO_COMMANDS == {one[0] for one in _COMMANDS}


def test_settings_arrive_without_what_is_secret() -> None:
    """Should give a process all that its media may depend on, and no key of an event target."""
    ours, theirs = Settings(), Settings()
    ours.change(
        {
            "media_ports": "40000-40009",
            "presence_grace_s": 1.5,
            "events_targets": [{"url": "http://127.0.0.1/", "key": "canary"}],
        }
    )
    text = json.dumps(settings_command(ours))

    obey(Rooms(theirs), theirs, json.loads(text))

    assert (theirs.media_ports, theirs.presence_grace_s) == ("40000-40009", 1.5)
    assert "canary" not in text


async def test_stream_out_of_step_is_noticed() -> None:
    """Should not wait for, nor make room for, a message of impossible length; an end is no failure."""
    reader = asyncio.StreamReader()
    reader.feed_data((MOST_BYTES + 1).to_bytes(4, "big"))
    with pytest.raises(ValueError, match="bytes"):
        await read_message(reader)

    ended = asyncio.StreamReader()
    ended.feed_data(b"\x00\x00\x00\x09half")
    ended.feed_eof()
    assert await read_message(ended) is None
