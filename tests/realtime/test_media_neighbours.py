"""A call beside one who means harm: whatever is sent, the two go on hearing each other."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from localconnect.media import rtp
from tests.fuzz.media_targets import pieces
from tests.realtime.light_client import LightClient
from tests.realtime.media_world import MediaWorld

_INPUTS = Path(__file__).parents[1] / "fuzz" / "inputs"


def _recorded(*targets: str) -> list[bytes]:
    return [
        piece
        for target in targets
        for path in sorted((_INPUTS / target).iterdir())
        for piece in pieces(path.read_bytes())
    ]


def _spoilt(data: bytes) -> list[bytes]:
    """The same in versions that are cut short, too long, or wrong in some byte."""
    wrong = [
        data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
        for place in range(0, min(len(data), 64), 3)
    ]
    return [data, data[: len(data) // 2], data * 2, *wrong]


@contextlib.asynccontextmanager
async def _talking(*clients: LightClient) -> AsyncIterator[None]:
    """Let them speak all the time."""

    async def talk() -> None:
        while True:
            for client in clients:
                client.speak()
            await asyncio.sleep(0.02)

    task = asyncio.create_task(talk())
    yield
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _signaling(world: MediaWorld) -> None:
    """One socket after the other, with every recorded frame spoilt."""
    mallory = world.invite("mallory")
    for frame in _recorded("signaling"):
        for spoilt in _spoilt(frame):
            async with world.client(mallory) as client:
                with contextlib.suppress(ConnectionClosed):
                    await client.join()
                    await client.socket.send(spoilt)


async def _strange_datagrams(world: MediaWorld) -> None:
    """Every recorded datagram, spoilt, from an address that no candidate names, to every open port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for data in _recorded("datagram"):
            for spoilt in _spoilt(data)[:12]:
                for host, port in _open_ports(world):
                    with contextlib.suppress(OSError):
                        stranger.sendto(spoilt, (host, port))
            await asyncio.sleep(0)


def _open_ports(world: MediaWorld) -> list[tuple[str, int]]:
    return [
        (candidate.host, candidate.port)
        for session in world.rooms._sessions
        if session._member is not None
        for candidate in session._member.media._transport._connection.local_candidates
        if ":" not in candidate.host
    ]


async def _packets(world: MediaWorld) -> None:
    """Rubbish in proper encryption: from a client that is in the meeting."""
    async with LightClient(world.url + world.meeting.id, world.invite("eve").join_token) as eve:
        await eve.join()
        await eve.connect()
        for data in [*_recorded("rtp"), *[p.read_bytes() for p in (_INPUTS / "rtcp").iterdir()]]:
            for spoilt in _spoilt(data):
                if len(spoilt) >= rtp.HEADER_LENGTH and spoilt[0] >> 6 == 2:
                    with contextlib.suppress(Exception):
                        eve.media.send_rtp(spoilt)
                        eve.media.send_rtcp(spoilt)
            await asyncio.sleep(0)
        for number in range(8000):
            eve.speak(b"\xff" * 1000)
            if number % 200 == 0:
                await asyncio.sleep(0)


@pytest.mark.parametrize("harm", [_signaling, _strange_datagrams, _packets])
async def test_two_go_on_hearing_each_other(world: MediaWorld, harm: object) -> None:
    """Should pass sound between two while another sends rubbish, raise nothing, and close neither."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
    url = world.url + world.meeting.id
    async with (
        LightClient(url, world.invite("ana").join_token) as ana,
        LightClient(url, world.invite("ben").join_token) as ben,
        _talking(ana, ben),
    ):
        for client in (ana, ben):
            await client.join()
            await client.connect()
        await world.until(lambda: ana.heard.rtp > 5 and ben.heard.rtp > 5)

        await harm(world)  # type: ignore[operator]

        for client in (ana, ben):
            before = client.heard.rtp
            await world.until(lambda c=client, n=before: c.heard.rtp > n + 20)
            assert not client.heard.lost
    assert complaints == []
