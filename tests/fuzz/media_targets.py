"""What is fuzzed of a meeting: frames, offers, packets and datagrams of a client that means harm.

Everything runs on one event loop that lasts as long as the process, with the real meeting and real transports. An
exception that nobody caught breaks a promise as much as one that is raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from starlette.websockets import WebSocket

from localconnect.audio_quality import AudioReading
from localconnect.media import rtcp, rtp, sdp
from localconnect.media.attendee import Capability
from localconnect.media.audio import AudioBridge
from localconnect.media.audio_listener import AudioListener
from localconnect.media.audio_sender import AudioSender
from localconnect.media.ice_guard import MAX_ADDRESSES
from localconnect.media.meetings import Attendee, Meeting, Meetings
from localconnect.media.publication import Publication
from localconnect.media.round_trip import RoundTrip
from localconnect.media.signaling import CloseCode
from localconnect.media.transport import MediaTransport
from localconnect.media.uplink import VideoUplink
from localconnect.settings import Settings

_LOOP = asyncio.new_event_loop()
_UNCAUGHT: list[dict[str, Any]] = []
_LOOP.set_exception_handler(lambda _, context: _UNCAUGHT.append(context))
_CLOSES = {*map(int, CloseCode), 1000}
_LOCAL = sdp.LocalTransport("user", "a-password-of-22-chars", ("sha-256", "AA:BB"), ("1 1 udp 1",))
STRANGER = ("192.0.2.99", 9)
EVERYTHING = frozenset(Capability)


def pieces(data: bytes) -> Iterator[bytes]:
    """The frames or packets of an input: each has its length, two bytes, in front."""
    while len(data) > 2:
        size = int.from_bytes(data[:2])
        yield data[2 : 2 + size]
        data = data[2 + size :]


def joined(parts: list[bytes]) -> bytes:
    """An input of these frames or packets."""
    return b"".join(len(part).to_bytes(2) + part for part in parts)


def _run(work: Coroutine[Any, Any, None]) -> None:
    try:
        _LOOP.run_until_complete(work)
        assert _UNCAUGHT == []
    finally:
        _UNCAUGHT.clear()


# Signalling -----------------------------------------------------------------------------------------------------------


class _Observer:
    def attendee_joined(self, meeting: Meeting, attendee: Attendee) -> None:
        """Nobody wants to know."""

    def attendee_left(self, meeting: Meeting, attendee: Attendee, *, dropped: bool) -> None:
        """Nobody wants to know."""

    def attendee_measured(
        self, meeting: Meeting, attendee: Attendee, reading: AudioReading
    ) -> None:
        """Nobody wants to know."""


def signaling(data: bytes) -> None:
    """Any frames end in a documented close, and others in the meeting can go on."""
    _run(_signal(list(pieces(data))))


async def _signal(frames: list[bytes]) -> None:
    settings = Settings(presence_grace_s=0.0, rejoin_window_s=0.0)
    meetings = Meetings(settings=settings, observer=_Observer())
    meeting = meetings.create()
    eve, ben = (
        meeting.add_attendee(external_user_id=name, capabilities=EVERYTHING)
        for name in ("eve", "ben")
    )
    await _socket(meetings, meeting, eve, frames)
    await _socket(meetings, meeting, ben, [b"\x05\x08\x00\x10\x01"])  # a JOIN
    await meetings.describe()
    await meetings.end(meeting)


async def _socket(
    meetings: Meetings, meeting: Meeting, attendee: Attendee, frames: list[bytes]
) -> None:
    incoming: list[dict[str, Any]] = [{"type": "websocket.connect"}]
    incoming += [{"type": "websocket.receive", "bytes": frame} for frame in frames]
    incoming.append({"type": "websocket.disconnect", "code": 1006})
    incoming.reverse()

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return incoming.pop() if incoming else {"type": "websocket.disconnect", "code": 1006}

    async def send(message: Any) -> None:
        if message["type"] == "websocket.close":
            assert message["code"] in _CLOSES, message

    scope = {
        "type": "websocket",
        "subprotocols": ["_aws_wt_session", attendee.join_token],
        "path_params": {"meeting_id": meeting.id},
    }
    await meetings.serve_signaling(WebSocket(scope, receive, send))


def offer(data: bytes) -> None:
    """Any text is refused as malformed or answered, section by section."""
    try:
        read = sdp.parse_offer(data.decode("utf-8", "replace"))
    except sdp.MalformedOffer:
        return
    sent = {section.mid: sdp.Sent(1, "label") for section in read.sections}
    answer = sdp.write_answer(read, _LOCAL, version=1, sent=sent, received=frozenset(sent))
    assert answer.count("\r\nm=") == len(read.sections)
    for section in read.sections:
        assert all(number < 128 for number in section.payload_types) or section.kind not in (
            *("audio", "video"),
        )


# Packets --------------------------------------------------------------------------------------------------------------


def packets(data: bytes) -> None:
    """Any RTP packets are refused as malformed or pass, as sound and as picture, and mixing goes on."""
    _run(_receive(list(pieces(data))))


async def _receive(received: list[bytes]) -> None:
    heard: list[bytes] = []
    bridge = AudioBridge()
    senders = [AudioSender(name, muted=False) for name in ("eve", "ben")]
    for sender in senders:
        sender.level_id = 1
        bridge.add_sender(sender)
    listener = AudioListener(
        "cara", ssrc=1, payload_type=111, send=heard.append, send_report=heard.append
    )
    bridge.add_listener(listener)
    publication = Publication(payload_type=96, ask_key_frame=lambda _: None)
    uplink = VideoUplink(send_rtcp=heard.append, ssrc=1, round_trip=RoundTrip())
    uplink.attach({"": publication})
    for number, packet in enumerate(received):
        if len(packet) < 2:
            continue  # the transport lets no such packet pass
        try:
            bridge.receive(senders[number % 2], packet, _LOOP.time())
            uplink.receive(packet, _LOOP.time())
        except rtp.MalformedPacket:
            continue
    bridge.tick()
    before = len(heard)
    bridge._on_beat()
    assert len(heard) >= before
    uplink.report(_LOOP.time(), 1_000_000)
    uplink.attach({})
    bridge.close()
    publication.close()


def reports(data: bytes) -> None:
    """Any RTCP is refused as malformed or read."""
    try:
        messages = list(rtcp.parse(data))
    except rtp.MalformedPacket:
        return
    assert len(messages) <= len(data)


# Datagrams ------------------------------------------------------------------------------------------------------------


@dataclass
class _Sink:
    packets: list[bytes] = field(default_factory=list)
    lost: bool = False

    def rtp_received(self, packet: bytes) -> None:
        self.packets.append(packet)

    def rtcp_received(self, packet: bytes) -> None:
        """Not looked at."""

    def transport_lost(self) -> None:
        self.lost = True


@cache
def _call() -> tuple[MediaTransport, _Sink, MediaTransport]:
    """A connected transport with what it takes in, and its client."""
    return _LOOP.run_until_complete(_connect())


async def _connect() -> tuple[MediaTransport, _Sink, MediaTransport]:
    sink = _Sink()
    near, far = MediaTransport(sink), MediaTransport(_Sink())
    far._connection.ice_controlling = True
    far._dtls._set_role = lambda role: setattr(far._dtls, "_role", "server")
    ends = await asyncio.gather(near.gather(), far.gather())
    offers = [
        sdp.Offer((), end.ice_username, end.ice_password, (end.fingerprint,), end.candidates)
        for end in ends
    ]
    await asyncio.gather(near.connect(offers[1]), far.connect(offers[0]))
    return near, sink, far


def datagrams(data: bytes) -> None:
    """Any datagrams of a stranger leave a call as it is: its client's next packet is heard."""
    call = _call()
    _run(_deliver(*call, list(pieces(data))))


async def _deliver(
    near: MediaTransport, sink: _Sink, far: MediaTransport, strange: list[bytes]
) -> None:
    protocol = near._connection._protocols[0]
    for data in strange:
        protocol.datagram_received(data, STRANGER)
    sink.packets.clear()
    head = rtp.header(
        payload_type=96, marker=0, sequence_number=near.packets_in & 0xFFFF, timestamp=1, ssrc=2
    )
    async with asyncio.timeout(5):
        while not sink.packets:
            far.send_rtp(head)
            await asyncio.sleep(0.0005)
            head = rtp.header(
                payload_type=96,
                marker=0,
                sequence_number=(rtp.sequence_number(head) + 1) & 0xFFFF,
                timestamp=1,
                ssrc=2,
            )
    assert not sink.lost
    assert near._connection._queue.empty()
    assert len(near._connection.remote_candidates) < MAX_ADDRESSES


MEDIA_TARGETS: dict[str, Callable[[bytes], None]] = {
    "signaling": signaling,
    "offer": offer,
    "rtp": packets,
    "rtcp": reports,
    "datagram": datagrams,
}
