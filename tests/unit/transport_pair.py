"""Two real media transports of this server, connected to each other, for tests of what lies between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from localconnect.media import rtp, sdp
from localconnect.media.transport import MediaTransport


@dataclass
class Sink:
    """Everything a transport handed over."""

    rtp: list[bytes] = field(default_factory=list)
    rtcp: list[bytes] = field(default_factory=list)
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    def rtp_received(self, packet: bytes) -> None:
        if packet[1] & 0x7F == 1:
            raise rtp.MalformedPacket("as a reader would say")
        self.rtp.append(packet)

    def rtcp_received(self, packet: bytes) -> None:
        self.rtcp.append(packet)

    def transport_lost(self) -> None:
        self.lost.set()


def packet(number: int, payload_type: int = 96) -> bytes:
    head = rtp.header(
        payload_type=payload_type, marker=0, sequence_number=number, timestamp=1, ssrc=2
    )
    return head + b"payload"


def offer_of(local: sdp.LocalTransport) -> sdp.Offer:
    return sdp.Offer(
        sections=(),
        ice_username=local.ice_username,
        ice_password=local.ice_password,
        fingerprints=(local.fingerprint,),
        candidates=local.candidates,
    )


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)


@pytest.fixture
async def pair() -> AsyncIterator[tuple[MediaTransport, Sink, MediaTransport, Sink]]:
    """Two connected transports; the second plays the browser: ICE-controlling and DTLS server."""
    near_sink, far_sink = Sink(), Sink()
    near, far = MediaTransport(near_sink), MediaTransport(far_sink)
    far._connection.ice_controlling = True
    far._dtls._set_role = lambda role: setattr(far._dtls, "_role", "server")
    locals_ = await asyncio.gather(near.gather(), far.gather())
    await asyncio.gather(near.connect(offer_of(locals_[1])), far.connect(offer_of(locals_[0])))
    yield near, near_sink, far, far_sink
    await asyncio.gather(near.close(), far.close())


Pair = tuple[MediaTransport, Sink, MediaTransport, Sink]
