"""Signalling frames as bytes: the one place that knows how Chime's messages are wrapped and which fields must be set.

It turns frames into protobuf messages and back. It must not know who sends a frame when (signaling.py) or what is in
an SDP (sdp.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from localconnect.media import signaling_pb2 as pb

MAX_FRAME_BYTES: Final = 64 * 1024
"""The largest frame accepted. The largest the SDK sends, an offer with 25 videos, is about half of it."""

VIDEO_SUBSCRIPTION_LIMIT: Final = 25

_FRAME_TYPE = b"\x05"
_ACCEPTED_FRAME_TYPES = (0x05, 0x02)


class MalformedFrame(ValueError):
    """A message on the signalling socket is not a signalling frame."""


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """Somebody who is present in the audio of a meeting."""

    audio_stream_id: int
    attendee_id: str
    external_user_id: str
    muted: bool


@dataclass(frozen=True, slots=True)
class VideoSource:
    """A published video as INDEX lists it. A later publication has a higher `stream_id` and `group_id`."""

    stream_id: int
    group_id: int
    attendee_id: str
    external_user_id: str
    framerate: int
    max_bitrate_kbps: int


@dataclass(frozen=True, slots=True)
class Track:
    """A video section of an answer: which stream it carries, under which SSRC and label."""

    stream_id: int
    ssrc: int
    label: str


def decode(message: bytes) -> pb.SignalFrame | None:
    """The frame in one WebSocket message; None for a type newer than this server.

    :raises MalformedFrame: it is too long, or not a frame.
    """
    if not 1 < len(message) <= MAX_FRAME_BYTES:
        raise MalformedFrame(f"{len(message)} bytes are no frame")
    if message[0] not in _ACCEPTED_FRAME_TYPES:
        raise MalformedFrame(f"unknown frame type {message[0]:#04x}")
    frame = pb.SignalFrame()
    try:
        frame.ParseFromString(message[1:])
    except (DecodeError, UnicodeDecodeError) as error:
        raise MalformedFrame("not a SignalFrame") from error
    # Protobuf sets a value that is not in the enum aside as an unknown field, and the type would read as JOIN.
    return frame if frame.HasField("type") else None


def encode(frame: pb.SignalFrame) -> bytes:
    """One WebSocket message; the time of sending is filled in."""
    frame.timestamp_ms = time.time_ns() // 1_000_000
    return _FRAME_TYPE + frame.SerializeToString()


def _frame(kind: pb.SignalFrame.Type) -> pb.SignalFrame:
    frame = pb.SignalFrame()
    frame.type = kind
    return frame


def pong(ping_id: int) -> bytes:
    """The answer to a ping; four unanswered ones make the client reconnect."""
    frame = _frame(pb.SignalFrame.PING_PONG)
    frame.ping_pong.type = pb.PingPong.PONG
    frame.ping_pong.ping_id = ping_id
    return encode(frame)


def join_ack() -> bytes:
    """Welcome, with plain SDP, and TURN credentials without a server: absent credentials slow the client down."""
    frame = _frame(pb.SignalFrame.JOIN_ACK)
    frame.join_ack.wants_compressed_sdp = False
    frame.join_ack.video_subscription_limit = VIDEO_SUBSCRIPTION_LIMIT
    turn = frame.join_ack.turn_credentials
    turn.username, turn.password, turn.ttl = "none", "none", 3600
    return encode(frame)


def index(sources: Iterable[VideoSource], participants: int) -> bytes:
    """The complete list of published videos, the reader's own among them."""
    frame = _frame(pb.SignalFrame.INDEX)
    frame.index.at_capacity = (
        False  # explicit: an index without any field reaches the client as null
    )
    frame.index.num_participants = participants
    for source in sources:
        frame.index.sources.add(
            stream_id=source.stream_id,
            group_id=source.group_id,
            attendee_id=source.attendee_id,
            external_user_id=source.external_user_id,
            media_type=pb.VIDEO,
            framerate=source.framerate,
            max_bitrate_kbps=source.max_bitrate_kbps,
            avg_bitrate_bps=source.max_bitrate_kbps * 1000,
        )
    return encode(frame)


def subscribe_ack(
    *, answer: str, tracks: Iterable[Track], published: VideoSource | None, track_label: str
) -> bytes:
    """The answer to an offer, what its sections carry, and the ids of the client's own video."""
    frame = _frame(pb.SignalFrame.SUBSCRIBE_ACK)
    ack = frame.subscribe_ack
    ack.duplex = pb.DUPLEX if published else pb.RX
    ack.sdp_answer = answer
    for track in tracks:
        ack.tracks.add(stream_id=track.stream_id, ssrc=track.ssrc, track_label=track.label)
    if published is not None:
        ack.allocations.add(
            track_label=track_label, stream_id=published.stream_id, group_id=published.group_id
        )
    return encode(frame)


def leave_ack() -> bytes:
    """Goodbye; without it the client takes 15 seconds to leave."""
    frame = _frame(pb.SignalFrame.LEAVE_ACK)
    frame.leave_ack.SetInParent()
    return encode(frame)


def present(entries: Iterable[RosterEntry]) -> bytes:
    """These are in the meeting. The first one a client gets must hold everybody."""
    frame = _frame(pb.SignalFrame.AUDIO_STREAM_ID_INFO)
    for entry in entries:
        frame.audio_stream_id_info.streams.add(
            audio_stream_id=entry.audio_stream_id,
            attendee_id=entry.attendee_id,
            external_user_id=entry.external_user_id,
            muted=entry.muted,
        )
    return encode(frame)


def left(audio_stream_id: int, *, dropped: bool) -> bytes:
    """That stream's owner is gone; `dropped` when it did not say goodbye."""
    frame = _frame(pb.SignalFrame.AUDIO_STREAM_ID_INFO)
    info = frame.audio_stream_id_info.streams.add(audio_stream_id=audio_stream_id)
    if dropped:
        info.dropped = True
    return encode(frame)


def muted(audio_stream_id: int, muted: bool) -> bytes:
    """That stream's owner muted or unmuted."""
    frame = _frame(pb.SignalFrame.AUDIO_STREAM_ID_INFO)
    frame.audio_stream_id_info.streams.add(audio_stream_id=audio_stream_id, muted=muted)
    return encode(frame)


def audio_metadata(volumes: Iterable[tuple[int, int]]) -> bytes:
    """How loud everybody is: pairs of audio stream id and decibels below full scale."""
    frame = _frame(pb.SignalFrame.AUDIO_METADATA)
    states = frame.audio_metadata.attendee_states
    for audio_stream_id, volume in volumes:
        states.add(audio_stream_id=audio_stream_id, volume=volume, signal_strength=2)
    return encode(frame)


def audio_status(status: int) -> bytes:
    """Why the audio ends: 301 joined elsewhere, 410 meeting over, 411 removed."""
    frame = _frame(pb.SignalFrame.AUDIO_STATUS)
    frame.audio_status.audio_status = status
    return encode(frame)


def data_messages(
    messages: Iterable[pb.DataMessage], *, attendee_id: str, external_user_id: str
) -> bytes:
    """Messages of one attendee as the others get them."""
    frame = _frame(pb.SignalFrame.DATA_MESSAGE)
    for message in messages:
        frame.data_message.messages.add(
            topic=message.topic,
            data=message.data,
            lifetime_ms=message.lifetime_ms,
            sender_attendee_id=attendee_id,
            sender_external_user_id=external_user_id,
            ingest_time_ns=time.time_ns(),
        )
    return encode(frame)
