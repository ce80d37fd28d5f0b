"""One client's ICE, DTLS and SRTP, as a pipe for packets: with ice_guard.py the only module that touches what aiortc keeps private.

aiortc's RTCPeerConnection cannot answer the SDK's offers, so this stands on the ORTC classes below it, and for every
packet it goes past their coroutines: datagrams come from aioice's sockets, which are opened here, straight into
`_datagram_received`, and leave through the socket of the nominated pair. aiortc is pinned, and a contract test holds
what is relied on here.
It must not know what the packets mean.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import aioice.ice
import pylibsrtp
from aioice import Candidate
from aioice.candidate import candidate_foundation, candidate_priority
from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)
from OpenSSL import SSL

from localconnect.media.ice_guard import COMPONENT, IceGuard, usable_candidates
from localconnect.media.network import MediaNetwork, MediaSocket
from localconnect.media.rate import Rate
from localconnect.media.sdp import LocalTransport, Offer

logger = logging.getLogger(__name__)

ICE_TIMEOUT_S = 20.0
DTLS_TIMEOUT_S = 15.0

PACKETS_PER_SECOND = 3000
"""What one client may send: several times three layers of video with sound. The rest is dropped."""

Address = tuple[str, int]


class UnableToConnect(ConnectionError):
    """ICE or DTLS with a client did not come about."""


class PacketSink(Protocol):
    """Who gets what arrives: decrypted packets, and the news that nothing will arrive any more."""

    def rtp_received(self, packet: bytes) -> None: ...

    def rtcp_received(self, packet: bytes) -> None: ...

    def transport_lost(self) -> None: ...


class MediaTransport:
    """A DTLS-SRTP connection to one client, in the ICE-controlled, DTLS-client role."""

    def __init__(
        self,
        sink: PacketSink,
        network: MediaNetwork | None = None,
        *,
        dtls_timeout_s: float = DTLS_TIMEOUT_S,
    ) -> None:
        """Without a `network`, any port of every address this host has."""
        self.packets_in = 0
        self.heard_at = 0.0  # when a genuine packet last came, by the loop's clock
        self.packets_out = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.connected = False
        self._sink = sink
        self._dtls_timeout_s = dtls_timeout_s
        self._network = network or MediaNetwork()
        self._closed = False
        # Without an explicit empty list aiortc would ask a public STUN server.
        self._gatherer = RTCIceGatherer(iceServers=[])
        self._ice = RTCIceTransport(self._gatherer)
        self._dtls = RTCDtlsTransport(self._ice, [RTCCertificate.generateCertificate()])
        self._dtls.on("statechange", self._dtls_state_changed)
        self._connection: Any = self._gatherer._connection
        self._guard = IceGuard(self._connection)
        self._pair: Any = None
        self._sendto: Callable[[bytes, Address], None] = _discard
        self._remote: Address = ("", 0)
        self._loop = asyncio.get_running_loop()
        self._rate = Rate(PACKETS_PER_SECOND)

    async def gather(self) -> LocalTransport:
        """Open sockets and say how to reach them.

        :raises NoMediaSocket: there is no port left to open.
        """
        for media in self._network.open_sockets(host_addresses()):
            await self._listen(media)
        connection = self._connection
        # aioice would open sockets of its own, on any port.
        connection._local_candidates_start = connection._local_candidates_end = True
        await self._gatherer.gather()
        if self._closed:
            await asyncio.gather(*(protocol.close() for protocol in connection._protocols))
            connection._protocols.clear()
        ice = self._gatherer.getLocalParameters()
        fingerprint = next(
            f for f in self._dtls.getLocalParameters().fingerprints if f.algorithm == "sha-256"
        )
        return LocalTransport(
            ice_username=str(ice.usernameFragment),
            ice_password=str(ice.password),
            fingerprint=(fingerprint.algorithm, fingerprint.value),
            candidates=tuple(candidate.to_sdp() for candidate in connection.local_candidates),
        )

    async def _listen(self, media: MediaSocket) -> None:
        """Hand an open socket to aioice, and take what it receives."""
        connection = self._connection
        protocol: Any
        _, protocol = await self._loop.create_datagram_endpoint(
            lambda: aioice.ice.StunProtocol(connection), sock=media.socket
        )
        protocol.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", media.address),
            component=COMPONENT,
            transport="udp",
            priority=candidate_priority(COMPONENT, "host"),
            host=media.address,
            port=media.port,
            type="host",
        )
        protocol.datagram_received = partial(self._datagram_received, protocol.datagram_received)
        connection._protocols.append(protocol)
        connection._local_candidates.append(protocol.local_candidate)

    async def connect(self, offer: Offer) -> None:
        """Run ICE, then DTLS.

        :raises UnableToConnect: no path within 20 seconds, or no handshake within 15 more.
        """
        for candidate in usable_candidates(offer.candidates):
            await self._connection.add_remote_candidate(candidate)
        # End of candidates is never signalled: with mDNS candidates only, aioice would give up before the client's
        # own checks arrive and teach it a peer-reflexive one.
        try:
            async with asyncio.timeout(ICE_TIMEOUT_S):
                await self._ice.start(
                    RTCIceParameters(
                        usernameFragment=offer.ice_username, password=offer.ice_password
                    )
                )
        except TimeoutError as error:
            raise UnableToConnect("no network path to the client") from error
        if self._ice.state != "completed":
            raise UnableToConnect(f"ICE is {self._ice.state}")
        self._dtls._set_role("client")
        fingerprints = [RTCDtlsFingerprint(*pair) for pair in offer.fingerprints]
        try:
            async with asyncio.timeout(self._dtls_timeout_s):
                await self._dtls.start(RTCDtlsParameters(fingerprints))
        except TimeoutError as error:
            raise UnableToConnect("no DTLS handshake") from error
        except (SSL.Error, ValueError) as error:  # the latter for what is no certificate
            raise UnableToConnect("the DTLS handshake failed") from error
        if self._dtls.state != "connected":
            raise UnableToConnect(f"DTLS is {self._dtls.state}")
        self.connected = True

    def send_rtp(self, packet: bytes) -> None:
        """Encrypt and send an RTP packet; before the connection stands, or after, it is dropped."""
        if self.connected:
            try:
                self._send(self._dtls._tx_srtp.protect(packet))
            except pylibsrtp.Error as error:
                logger.debug("an outgoing packet could not be encrypted: %s", error)

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send a compound RTCP packet; before the connection stands, or after, it is dropped."""
        if self.connected:
            self._send(self._dtls._tx_srtp.protect_rtcp(packet))

    def _send(self, data: bytes) -> None:
        pair = self._connection._nominated.get(COMPONENT)
        if pair is None:
            return
        if pair is not self._pair:
            self._pair = pair
            self._sendto = pair.protocol.transport.sendto
            self._remote = pair.remote_addr
        self._sendto(data, self._remote)
        self.packets_out += 1
        self.bytes_out += len(data)

    def _datagram_received(
        self, pass_on: Callable[[bytes, Any], None], data: bytes, address: Any
    ) -> None:
        # RFC 7983: 128-191 is RTP or RTCP, 0-3 is ICE and 20-63 DTLS; anything else would end aiortc's reader.
        if len(data) < 2:
            return
        first = data[0]
        if 127 < first < 192:
            self._media_received(data)
        elif first < 4:
            self._guard.take_check(pass_on, data, address)
        elif 19 < first < 64:
            self._guard.take_record(data, address)

    def _media_received(self, data: bytes) -> None:
        session: Any = self._dtls._rx_srtp
        if session is None:
            return  # media before its keys
        self.packets_in += 1
        self.bytes_in += len(data)
        try:
            if 192 <= data[1] <= 208:
                packet, take = session.unprotect_rtcp(data), self._sink.rtcp_received
            else:
                packet, take = session.unprotect(data), self._sink.rtp_received
            self.heard_at = self._loop.time()
            if self._rate.admit(self.heard_at):
                take(packet)
        except (pylibsrtp.Error, ValueError) as error:
            # Forged, replayed or malformed: anyone can send such datagrams, so they are not worth more than this.
            logger.debug("an incoming packet was refused: %s", error)

    def _dtls_state_changed(self) -> None:
        if self._dtls.state in ("closed", "failed") and self.connected and not self._closed:
            self.connected = False
            self._sink.transport_lost()

    async def close(self) -> None:
        """Say goodbye and free the sockets; closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        self.connected = False
        self._dtls.remove_all_listeners()
        await self._dtls.stop()
        await self._ice.stop()
        self._pair = None
        self._sendto = _discard


def host_addresses() -> list[str]:
    """The IP addresses of this host without loopback."""
    found: list[str] = aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
    return found


def _discard(data: bytes, address: Address) -> None:
    """Where packets go while there is no path."""
