"""Records what real clients send as the first inputs of the media targets: `python -m tests.fuzz.record`.

Two clients meet, see and hear each other through relays; frames are kept as they went over the socket, datagrams as the
network saw them, RTP and RTCP as they were before encryption.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any

from localconnect.media.connection import MediaConnection
from localconnect.media.meetings import Attendee, Meetings
from localconnect.media.transport import MediaTransport
from localconnect.settings import Settings
from tests.fuzz.media_targets import EVERYTHING, joined
from tests.realtime.media_client import MediaClient, Observer, serving

_INPUTS = Path(__file__).parent / "inputs"
_OFFERS = Path(__file__).parents[1] / "unit" / "media_offers"
_KEPT = 12
_CALL_S = 2.0


def _tap(owner: type, method: str, into: list[bytes]) -> None:
    """Keep the first argument of each call that is bytes."""
    original = getattr(owner, method)

    def tapped(self: Any, *arguments: Any) -> Any:
        into.extend(bytes(argument) for argument in arguments if isinstance(argument, bytes))
        return original(self, *arguments)

    setattr(owner, method, tapped)


async def _meet(attendee: Attendee, url: str, sent: list[bytes]) -> None:
    async with MediaClient(url, attendee.join_token) as client:
        send = client.socket.send

        async def keep(message: bytes) -> None:
            sent.append(message)
            await send(message)

        client.socket.send = keep  # type: ignore[method-assign]
        index = (await client.join()).index
        await client.connect(video=True, watch=index.sources[0].stream_id if index.sources else 0)
        await asyncio.sleep(_CALL_S)
        await client.leave()


async def record() -> None:
    """Make a call, and write its inputs."""
    found: dict[str, list[bytes]] = defaultdict(list)
    _tap(MediaConnection, "rtp_received", found["rtp"])
    _tap(MediaConnection, "rtcp_received", found["rtcp"])
    _tap(MediaTransport, "_datagram_received", found["datagram"])
    meetings = Meetings(settings=Settings(), observer=Observer())
    async with serving(meetings) as url:
        meeting = meetings.create()
        clients = [
            meeting.add_attendee(external_user_id=name, capabilities=EVERYTHING)
            for name in ("ana", "ben")
        ]
        frames: list[list[bytes]] = [[], []]
        async with asyncio.TaskGroup() as people:
            for attendee, sent in zip(clients, frames, strict=True):
                people.create_task(_meet(attendee, url + meeting.id, sent))
                await asyncio.sleep(1)
    for number, sent in enumerate(frames):
        _write("signaling", f"call-{number}", joined(sent))
    for packet_type in {packet[1] & 0x7F for packet in found["rtp"]}:
        same = [p for p in found["rtp"] if p[1] & 0x7F == packet_type]
        _write("rtp", f"payload-type-{packet_type}", joined(same[:_KEPT]))
    for number, packet in enumerate(found["rtcp"][:_KEPT]):
        _write("rtcp", f"compound-{number}", packet)
    for name, first, last in (("check", 0, 3), ("record", 20, 63), ("media", 128, 191)):
        some = [data for data in found["datagram"] if first <= data[0] <= last]
        _write("datagram", name, joined(some[:_KEPT]))
    for path in _OFFERS.glob("*.sdp"):
        _write("offer", path.stem, path.read_bytes())


def _write(target: str, name: str, data: bytes) -> None:
    folder = _INPUTS / target
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)


if __name__ == "__main__":
    asyncio.run(record())
