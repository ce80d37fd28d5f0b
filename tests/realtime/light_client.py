"""The lightest client that a server takes for a browser: signalling, ICE and DTLS, and packets made by hand.

Its end of the media is the server's own transport, turned round; so hundreds of calls cost little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from localconnect.media import rtp, sdp
from localconnect.media import signaling_pb2 as pb
from localconnect.media.transport import MediaTransport
from tests.realtime.media_client import BROWSER_OFFER, SignalingClient
from tests.udp_relay import UdpRelay, without_candidates

_KEPT = 1000
AUDIO_TYPE, VIDEO_TYPE = 111, 96
VIDEO_SSRC = 8
_OWN = ("ice-ufrag", "ice-pwd", "fingerprint", "candidate", "end-of-candidates")


@dataclass
class _Heard:
    rtp: int = 0
    lost: bool = False
    ssrcs: set[bytes] = field(default_factory=set)
    payloads: set[bytes] = field(default_factory=set)
    on_rtp: Callable[[bytes], None] = lambda _: None
    on_rtcp: Callable[[bytes], None] = lambda _: None

    def rtp_received(self, packet: bytes) -> None:
        self.rtp += 1
        self.ssrcs.add(packet[8:12])
        if len(self.payloads) < _KEPT:
            start, end = rtp.payload_span(packet)
            self.payloads.add(packet[start:end])
        self.on_rtp(packet)

    def rtcp_received(self, packet: bytes) -> None:
        self.on_rtcp(packet)

    def transport_lost(self) -> None:
        self.lost = True


class LightClient(SignalingClient):
    """A client whose packets are those that `speak` and `show` are told to send. `heard` counts what came."""

    def __init__(self, url: str, token: str, *, relay: UdpRelay | None = None) -> None:
        super().__init__(url, token)
        self._relay = relay
        self.heard = _Heard()
        self.media = MediaTransport(self.heard)
        self.media._connection.ice_controlling = True
        self.media._dtls._set_role = lambda _: setattr(self.media._dtls, "_role", "server")
        self._number = self._video_number = 0
        self._offer = ""

    async def __aexit__(self, *_: object) -> None:
        await self.media.close()
        if self._relay is not None:
            self._relay.close()
        await super().__aexit__()

    async def connect(self, *, watch: int = 0, video: bool = False) -> None:
        """Negotiate and wait for the media to stand."""
        self._offer = _offer_of(await self.media.gather())
        if self._relay is not None:
            self._offer = without_candidates(self._offer)
        ack = await self.subscribe(self._offer, video=video, receive=(0, watch))
        answer = ack.sdp_answer
        if self._relay is not None:
            answer = await self._relay.lead(answer)
        await self.media.connect(sdp.parse_offer(answer))

    async def watch(self, stream_id: int) -> pb.SubscribeAck:
        """Watch somebody from now on, besides showing oneself."""
        return await self.subscribe(self._offer, video=True, receive=(0, stream_id))

    def speak(self, payload: bytes = b"\xf8\xff\xfe") -> None:
        """Send 20 ms of sound."""
        self._number += 1
        head = rtp.header(
            payload_type=AUDIO_TYPE,
            marker=0,
            sequence_number=self._number & 0xFFFF,
            timestamp=self._number * 960 & 0xFFFFFFFF,
            ssrc=7,
        )
        self.media.send_rtp(head + payload)

    def show(self, payloads: Sequence[bytes], at: float) -> None:
        """Send the packets of one picture, taken at that time in seconds."""
        for payload in payloads:
            self._video_number += 1
            head = rtp.header(
                payload_type=VIDEO_TYPE,
                marker=0x80 if payload is payloads[-1] else 0,
                sequence_number=self._video_number & 0xFFFF,
                timestamp=int(at * 90_000) & 0xFFFFFFFF,
                ssrc=VIDEO_SSRC,
            )
            self.media.send_rtp(head + payload)


def _offer_of(local: sdp.LocalTransport) -> str:
    """The browser's offer, with this end in place of the browser's."""
    own = [
        f"a=ice-ufrag:{local.ice_username}",
        f"a=ice-pwd:{local.ice_password}",
        f"a=fingerprint:{local.fingerprint[0]} {local.fingerprint[1]}",
        *(f"a=candidate:{candidate}" for candidate in local.candidates),
    ]
    lines: list[str] = []
    for line in BROWSER_OFFER.splitlines():
        if line.startswith(tuple(f"a={name}" for name in _OWN)):
            continue
        lines.append(line)
        if line.startswith("a=mid:"):
            lines += own
    return "".join(f"{line}\r\n" for line in lines)
