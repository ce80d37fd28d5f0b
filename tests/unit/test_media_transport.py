"""What transport.py relies on inside aiortc and aioice, and that packets cross it, between two real transports."""

from __future__ import annotations

import asyncio

import aioice.ice
import pytest
from aiortc import RTCDtlsTransport, RTCIceGatherer, RTCIceTransport

from localconnect.media import rtcp, sdp
from localconnect.media.transport import MediaTransport, UnableToConnect
from tests.unit.transport_pair import Pair, Sink, offer_of, packet, pair, until

__all__ = ["pair"]


async def test_packets_cross_in_both_directions(pair: Pair) -> None:
    """Should hand over decrypted RTP and RTCP, and count them."""
    near, near_sink, far, far_sink = pair
    near.send_rtp(packet(1))
    far.send_rtp(packet(2))
    far.send_rtcp(rtcp.receiver_report(9))
    await until(lambda: far_sink.rtp and near_sink.rtp and near_sink.rtcp)
    assert far_sink.rtp == [packet(1)]
    assert near_sink.rtp == [packet(2)]
    assert near_sink.rtcp == [rtcp.receiver_report(9)]
    assert (near.packets_in, near.packets_out) == (2, 1)


async def test_resent_packet_is_encrypted_again(pair: Pair) -> None:
    """Should let a packet be sent twice: that is how a NACK is answered. The receiver drops the copy."""
    near, _, far, far_sink = pair
    for number in (1, 2, 1):
        near.send_rtp(packet(number))
    await until(lambda: far.packets_in == 3)
    assert far_sink.rtp == [packet(1), packet(2)]


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
    far.send_rtp(packet(1, payload_type=1))
    far.send_rtp(packet(2))
    await until(lambda: near_sink.rtp)
    assert near_sink.rtp == [packet(2)]
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
    transport = MediaTransport(Sink())
    local = await transport.gather()
    connecting = asyncio.create_task(transport.connect(offer_of(local)))
    await asyncio.sleep(0.05)
    await transport.close()
    await asyncio.gather(connecting, return_exceptions=True)
    transport.send_rtp(packet(1))
    await transport.close()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert transport._connection._protocols == []


async def test_candidates_that_cannot_work_are_passed_over() -> None:
    """Should skip mDNS names and TCP, and not signal the end of candidates."""
    transport = MediaTransport(Sink())
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
    transport = MediaTransport(Sink())
    local = await transport.gather()
    await transport.close()
    assert [candidate.split()[4] for candidate in local.candidates] == ["127.0.0.1"]


async def test_transport_closed_while_it_opens_sockets_keeps_none() -> None:
    """Should free what it has opened: the client has gone meanwhile."""
    transport = MediaTransport(Sink())
    gathering = asyncio.create_task(transport.gather())
    await asyncio.sleep(0)
    await transport.close()
    local = await gathering
    assert local.candidates
    assert transport._connection._protocols == []


async def test_private_parts_of_aiortc_are_where_they_are_used() -> None:
    """Should fail on an upgrade that moves what transport.py touches, before a call does."""
    gatherer = RTCIceGatherer(iceServers=[])
    connection = gatherer._connection
    for name in ("_nominated", "_local_candidates", "_protocols"):
        assert hasattr(connection, name), name
    assert connection._local_candidates_start is connection._local_candidates_end is False
    await gatherer.gather()
    assert connection._local_candidates_start is connection._local_candidates_end is True
    assert connection._protocols
    for protocol in connection._protocols:
        assert isinstance(protocol, aioice.ice.StunProtocol)
        assert hasattr(protocol, "datagram_received")
        assert protocol.local_candidate in connection._local_candidates
    await connection.close()
    for name in ("_set_role", "start", "stop"):
        assert hasattr(RTCDtlsTransport, name), name
    assert {"_rx_srtp", "_tx_srtp"} <= set(RTCDtlsTransport.__init__.__code__.co_names)
    assert hasattr(RTCIceTransport, "start")


async def test_client_that_shakes_no_hands_is_given_up() -> None:
    """Should not wait for ever for a client that answers ICE's checks and nothing else."""
    near, far = MediaTransport(Sink(), dtls_timeout_s=0.3), MediaTransport(Sink())
    far._connection.ice_controlling = True
    nears, fars = await asyncio.gather(near.gather(), far.gather())
    far._dtls.start = lambda _: asyncio.sleep(0)
    answering = asyncio.create_task(far.connect(offer_of(nears)))
    with pytest.raises(UnableToConnect, match="handshake"):
        await near.connect(offer_of(fars))
    await asyncio.gather(near.close(), far.close())
    await asyncio.gather(answering, return_exceptions=True)


async def test_client_that_sends_too_much_is_heard_in_part(pair: Pair) -> None:
    """Should drop what is beyond a second's worth, and go on."""
    near, near_sink, far, _ = pair
    now = asyncio.get_running_loop().time()
    while near._rate.admit(now + 3600):
        pass
    far.send_rtp(packet(1))
    await until(lambda: near.packets_in == 1)
    assert near_sink.rtp == []
    assert not near_sink.lost.is_set()
