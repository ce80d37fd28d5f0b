"""What transport.py relies on inside aiortc and aioice, and that packets cross it, between two real transports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import aioice.ice
import pytest
from aiortc import RTCDtlsTransport, RTCIceGatherer, RTCIceTransport

from localconnect.media import rtcp, rtp, sdp
from localconnect.media.transport import MediaTransport


@dataclass
class _Sink:
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


def _packet(number: int, payload_type: int = 96) -> bytes:
    head = rtp.header(
        payload_type=payload_type, marker=0, sequence_number=number, timestamp=1, ssrc=2
    )
    return head + b"payload"


def _offer(local: sdp.LocalTransport) -> sdp.Offer:
    return sdp.Offer(
        sections=(),
        ice_username=local.ice_username,
        ice_password=local.ice_password,
        fingerprints=(local.fingerprint,),
        candidates=local.candidates,
    )


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)


@pytest.fixture
async def pair() -> AsyncIterator[tuple[MediaTransport, _Sink, MediaTransport, _Sink]]:
    """Two connected transports; the second plays the browser: ICE-controlling and DTLS server."""
    near_sink, far_sink = _Sink(), _Sink()
    near, far = MediaTransport(near_sink), MediaTransport(far_sink)
    far._connection.ice_controlling = True
    far._dtls._set_role = lambda role: setattr(far._dtls, "_role", "server")
    locals_ = await asyncio.gather(near.gather(), far.gather())
    await asyncio.gather(near.connect(_offer(locals_[1])), far.connect(_offer(locals_[0])))
    yield near, near_sink, far, far_sink
    await asyncio.gather(near.close(), far.close())


Pair = tuple[MediaTransport, _Sink, MediaTransport, _Sink]


async def test_packets_cross_in_both_directions(pair: Pair) -> None:
    """Should hand over decrypted RTP and RTCP, and count them."""
    near, near_sink, far, far_sink = pair
    near.send_rtp(_packet(1))
    far.send_rtp(_packet(2))
    far.send_rtcp(rtcp.receiver_report(9))
    await _until(lambda: far_sink.rtp and near_sink.rtp and near_sink.rtcp)
    assert far_sink.rtp == [_packet(1)]
    assert near_sink.rtp == [_packet(2)]
    assert near_sink.rtcp == [rtcp.receiver_report(9)]
    assert (near.packets_in, near.packets_out) == (2, 1)


async def test_resent_packet_is_encrypted_again(pair: Pair) -> None:
    """Should let a packet be sent twice: that is how a NACK is answered. The receiver drops the copy."""
    near, _, far, far_sink = pair
    for number in (1, 2, 1):
        near.send_rtp(_packet(number))
    await _until(lambda: far.packets_in == 3)
    assert far_sink.rtp == [_packet(1), _packet(2)]


async def test_forged_and_malformed_packets_change_nothing(pair: Pair) -> None:
    """Should drop what is not encrypted by the peer, and what its reader refuses, and go on."""
    _near, near_sink, far, _ = pair
    nominated = far._connection._nominated[1]
    for data in (
        b"",
        b"\x80",
        b"\x00\x01" + bytes(30),
        b"\x16\xfe\xff" + bytes(30),
        b"\x80\x60" + bytes(30),
        b"\x80\xc9" + bytes(30),
        b"\xff" * 40,
    ):
        nominated.protocol.transport.sendto(data, nominated.remote_addr)
    far.send_rtp(_packet(1, payload_type=1))
    far.send_rtp(_packet(2))
    await _until(lambda: near_sink.rtp)
    assert near_sink.rtp == [_packet(2)]
    assert not near_sink.lost.is_set()


async def test_loss_of_the_peer_is_reported_once(pair: Pair) -> None:
    """Should call transport_lost when the peer closes, and not when this side does."""
    _near, near_sink, far, far_sink = pair
    await far.close()
    async with asyncio.timeout(5):
        await near_sink.lost.wait()
    assert not far_sink.lost.is_set()


async def test_closed_transport_leaves_no_task_and_no_socket() -> None:
    """Should free everything, also when it never connected, and ignore what is sent later."""
    before = asyncio.all_tasks()
    transport = MediaTransport(_Sink())
    local = await transport.gather()
    connecting = asyncio.create_task(transport.connect(_offer(local)))
    await asyncio.sleep(0.05)
    await transport.close()
    await asyncio.gather(connecting, return_exceptions=True)
    transport.send_rtp(_packet(1))
    await transport.close()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert transport._connection._protocols == []


async def test_candidates_that_cannot_work_are_passed_over() -> None:
    """Should skip mDNS names and TCP, and not signal the end of candidates."""
    transport = MediaTransport(_Sink())
    local = await transport.gather()
    offer = sdp.Offer(
        sections=(),
        ice_username="user",
        ice_password="a-password-of-22-chars",
        fingerprints=(local.fingerprint,),
        candidates=(
            "1 1 udp 1 0f6c.local 9 typ host",
            "2 1 tcp 1 192.0.2.1 9 typ host tcptype active",
            "3 1 udp 1 127.0.0.1 9 typ host",
            "nonsense",
        ),
    )
    connecting = asyncio.create_task(transport.connect(offer))
    await asyncio.sleep(0.05)
    assert [c.host for c in transport._connection.remote_candidates] == ["127.0.0.1"]
    assert not transport._connection._remote_candidates_end
    await transport.close()
    await asyncio.gather(connecting, return_exceptions=True)


async def test_host_without_network_offers_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should offer 127.0.0.1 when the machine has no other address."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda **_: [])
    transport = MediaTransport(_Sink())
    local = await transport.gather()
    await transport.close()
    assert [candidate.split()[4] for candidate in local.candidates] == ["127.0.0.1"]


async def test_private_parts_of_aiortc_are_where_they_are_used() -> None:
    """Should fail on an upgrade that moves what transport.py touches, before a call does."""
    gatherer = RTCIceGatherer(iceServers=[])
    connection = gatherer._connection
    for name in ("_nominated", "_local_candidates", "_protocols", "get_component_candidates"):
        assert hasattr(connection, name), name
    await gatherer.gather()
    assert all(hasattr(p, "datagram_received") for p in connection._protocols)
    await connection.close()
    for name in ("_set_role", "start", "stop"):
        assert hasattr(RTCDtlsTransport, name), name
    assert {"_rx_srtp", "_tx_srtp"} <= set(RTCDtlsTransport.__init__.__code__.co_names)
    assert hasattr(RTCIceTransport, "start")
