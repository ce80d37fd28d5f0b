"""The media of one synthetic client: ICE, DTLS and SRTP by aiortc's lower layers, and bare packets above them.

A client has to cost less than the server it measures, so nothing is decoded and nothing queues. Knows SDP and RTCP as
far as a browser would use them, and nothing of signalling.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Sequence
from typing import Any

import pylibsrtp
from aioice import Candidate
from aiortc import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)
from aiortc.rtp import (
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    pack_remb_fci,
)

from benchmarks._media_arrivals import RETRY_S, Picture, Sound
from benchmarks._media_packets import AUDIO_TYPE, VIDEO_TYPE, Camera, Due, OutgoingStream, age_ms

_GRANT = 5_000_000
_NACK, _PLI, _REMB = 1, 1, 15


class MediaPath:
    """One client's end. With `loss`, that share of packets vanishes on its way, out and in.

    Who is `stamped` sends the time along, and expects it of what arrives.
    """

    def __init__(
        self, *, controlling: bool = True, loss: float = 0.0, stamped: bool = True
    ) -> None:
        self.camera = Camera()
        self.picture, self.sound = Picture(), Sound()
        self.ages_ms: list[float] = []
        self.sent = 0
        self._stamped = stamped
        self._loss = loss
        self._random = random.Random(7)
        self._out = {
            kind: OutgoingStream(random.randrange(1, 1 << 32)) for kind in (AUDIO_TYPE, VIDEO_TYPE)
        }
        self._gatherer = RTCIceGatherer(iceServers=[])
        self._ice = RTCIceTransport(self._gatherer)
        self._connection: Any = self._gatherer._connection
        self._connection.ice_controlling = controlling
        self._ice._role_set = True
        self._dtls: Any = RTCDtlsTransport(self._ice, [RTCCertificate.generateCertificate()])
        self._dtls._set_role("server" if controlling else "client")
        self._loop = asyncio.get_running_loop()
        self._sendto: Any = None
        self._watched: int | None = None
        self._clocks: dict[int, tuple[int, float]] = {}
        self._asking: asyncio.TimerHandle | None = None

    async def offer(self, videos: Sequence[str]) -> str:
        """An SDP with sound and these video sections, by direction."""
        await self._gatherer.gather()
        local, dtls = self._gatherer.getLocalParameters(), self._dtls.getLocalParameters()
        fingerprint = next(f for f in dtls.fingerprints if f.algorithm == "sha-256")
        transport = [
            "c=IN IP4 0.0.0.0",
            f"a=ice-ufrag:{local.usernameFragment}",
            f"a=ice-pwd:{local.password}",
            f"a=fingerprint:sha-256 {fingerprint.value}",
            "a=setup:actpass",
            "a=rtcp-mux",
            *(f"a=candidate:{c.to_sdp()}" for c in self._connection.local_candidates),
            "a=end-of-candidates",
        ]
        mids = " ".join(str(mid) for mid in range(len(videos) + 1))
        lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
        for mid, direction in enumerate(("sendrecv", *videos)):
            kind, number = ("video", VIDEO_TYPE) if mid else ("audio", AUDIO_TYPE)
            lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {number}", *transport, f"a=mid:{mid}"]
            lines += [f"a={direction}", *_codec(kind, number)]
            if direction != "recvonly":
                ssrc = self._out[number].ssrc
                lines += [f"a=ssrc:{ssrc} cname:bench", f"a=msid:bench {kind}"]
        return "".join(f"{line}\r\n" for line in lines)

    async def connect(self, answer: str) -> None:
        """Bring the transport up with whoever wrote the SDP."""
        for text in set(re.findall(r"(?m)^a=candidate:(.*?)\r?$", answer)):
            await self._connection.add_remote_candidate(Candidate.from_sdp(text))
        await self._connection.add_remote_candidate(None)
        for protocol in self._connection._protocols:
            self._divert(protocol)
        await self._ice.start(
            RTCIceParameters(
                usernameFragment=_value(answer, "ice-ufrag"), password=_value(answer, "ice-pwd")
            )
        )
        algorithm, value = _value(answer, "fingerprint").split()
        await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(algorithm, value)]))
        if self._dtls.state != "connected":
            raise ConnectionError(f"DTLS is {self._dtls.state}")
        pair = self._connection._nominated[1]
        send, address = pair.protocol.transport.sendto, pair.remote_addr
        self._sendto = lambda data: send(data, address)

    def _divert(self, protocol: Any) -> None:
        pass_on = protocol.datagram_received

        def received(data: bytes, address: Any) -> None:
            if 127 < data[0] < 192:
                self._media_received(data)
            else:
                pass_on(data, address)

        protocol.datagram_received = received

    # Out ----------------------------------------------------------------------------------------------------------

    def send(self, due: Due) -> None:
        """Send a packet of sound or picture."""
        self._send_rtp(self._out[due.payload_type].packet(due, stamped=self._stamped))
        self.sent += 1

    def _send_rtp(self, packet: bytes) -> None:
        data = self._dtls._tx_srtp.protect(packet)
        if not self._loss or self._random.random() >= self._loss:
            self._sendto(data)

    def report(self) -> None:
        """Send what a browser sends every second or so: its clock, how packets arrive, and what it can take."""
        own = self._out[VIDEO_TYPE].ssrc
        info = RtcpSenderInfo(
            ntp_timestamp=0, rtp_timestamp=0, packet_count=self.sent, octet_count=0
        )
        echoes = [
            RtcpReceiverInfo(ssrc, 0, 0, 0, 0, lsr, int((self._loop.time() - at) * 65536))
            for ssrc, (lsr, at) in self._clocks.items()
        ]
        message = bytes(RtcpSrPacket(ssrc=own, sender_info=info, reports=echoes))
        if self._watched is not None:
            fci = pack_remb_fci(_GRANT, [self._watched])
            message += bytes(RtcpPsfbPacket(fmt=_REMB, ssrc=own, media_ssrc=0, fci=fci))
        self._send_rtcp(message)

    def _send_rtcp(self, message: bytes) -> None:
        self._sendto(self._dtls._tx_srtp.protect_rtcp(message))

    # In -----------------------------------------------------------------------------------------------------------

    def _media_received(self, data: bytes) -> None:
        session = self._dtls._rx_srtp
        if session is None or (self._loss and self._random.random() < self._loss):
            return
        try:
            if 192 <= data[1] <= 208:
                self._take_feedback(session.unprotect_rtcp(data))
            else:
                self._take(session.unprotect(data))
        except pylibsrtp.Error:
            return  # a repeated packet

    def _take(self, packet: bytes) -> None:
        if self._stamped:
            self.ages_ms.append(age_ms(packet))
        number, kind = packet[2] << 8 | packet[3], packet[1] & 0x7F
        if kind == AUDIO_TYPE:
            self.sound.add(number)
            return
        self._watched = int.from_bytes(packet[8:12])
        marker = packet[1] > 0x7F
        self._ask_for(self.picture.add(number, marker=marker, now=self._loop.time()))

    def _ask_for(self, missing: list[int]) -> None:
        if missing:
            own = self._out[VIDEO_TYPE].ssrc
            nack = RtcpRtpfbPacket(
                fmt=_NACK, ssrc=own, media_ssrc=self._watched, lost=sorted(missing)
            )
            self._send_rtcp(bytes(RtcpRrPacket(ssrc=own)) + bytes(nack))
        if self.picture.waits and self._asking is None:
            self._asking = self._loop.call_later(RETRY_S, self._ask_again)

    def _ask_again(self) -> None:
        self._asking = None
        self._ask_for(self.picture.missing(self._loop.time()))

    def _take_feedback(self, data: bytes) -> None:
        for message in RtcpPacket.parse(data):
            if isinstance(message, RtcpRtpfbPacket) and message.fmt == _NACK:
                for packet in self._out[VIDEO_TYPE].again(message.lost):
                    self._send_rtp(packet)
            elif isinstance(message, RtcpPsfbPacket) and message.fmt == _PLI:
                self.camera.ask_key_frame()
            elif isinstance(message, RtcpSrPacket):
                middle = message.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
                self._clocks[message.ssrc] = (middle, self._loop.time())

    async def close(self) -> None:
        """Say goodbye."""
        if self._asking is not None:
            self._asking.cancel()
        await self._dtls.stop()
        await self._ice.stop()


def _codec(kind: str, number: int) -> list[str]:
    if kind == "audio":
        return [f"a=rtpmap:{number} opus/48000/2", f"a=fmtp:{number} useinbandfec=1"]
    feedback = [f"a=rtcp-fb:{number} {name}" for name in ("nack", "nack pli", "goog-remb")]
    return [f"a=rtpmap:{number} VP8/90000", *feedback]


def _value(sdp: str, name: str) -> str:
    found = re.search(rf"(?m)^a={name}:(.*?)\r?$", sdp)
    assert found is not None
    return found[1]
