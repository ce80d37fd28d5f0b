"""Signalling frames as bytes: the one place that knows how Chime's messages are wrapped and which fields must be set.

It turns frames into protobuf messages and back. It must not know who sends a frame when (signaling.py) or what is in
an SDP (sdp.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from localconnect.media import signaling_pb2 as pb
from localconnect.media.data_messages import DataMessage

MAX_FRAME_BYTES: Final = 64 * 1024
"""The largest frame accepted. The largest the SDK sends, an offer with 25 videos, is about half of it."""

VIDEO_SUBSCRIPTION_LIMIT: Final = 25

_MOST_KBPS = 100_000
_MOST_FRAMES_PER_SECOND = 1000
_FRAME_TYPE = b"\x05"
_ACCEPTED_FRAME_TYPES = (0x05, 0x02)
_VIEW_ONLY = 206


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

    :raises MalformedFrame: it is too long, not a frame, or asks for what no client does.
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
    if not frame.HasField("type"):
        return None
    # Where a string is not UTF-8, protobuf gives its bytes.
    if not all(isinstance(text, str) for text in _texts(frame)):
        raise MalformedFrame("text that is not UTF-8")
    _check_subscribe(frame.subscribe)
    return frame


def _texts(frame: pb.SignalFrame) -> Iterator[object]:
    """Every string of a client that is read anywhere."""
    subscribe = frame.subscribe
    yield subscribe.sdp_offer
    yield from (stream.track_label for stream in subscribe.send_streams)
    yield from (preference.mid for preference in subscribe.video_preferences)
    yield from (preference.mid for preference in frame.remote_video_update.preferences)
    yield from (message.topic for message in frame.data_message.messages)


def _check_subscribe(subscribe: pb.Subscribe) -> None:
    """What others are told of a stream must fit into their frames, and nobody gets one video many times over."""
    for stream in subscribe.send_streams:
        if stream.max_bitrate_kbps > _MOST_KBPS or stream.framerate > _MOST_FRAMES_PER_SECOND:
            raise MalformedFrame("a stream that no network carries")
    wanted = [stream_id for stream_id in subscribe.receive_stream_ids if stream_id]
    if len(wanted) > VIDEO_SUBSCRIPTION_LIMIT or len(wanted) != len(set(wanted)):
        raise MalformedFrame("too many videos at a time, or the same one twice")


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


def join_ack(join: pb.Join) -> bytes:
    """Welcome, with plain SDP, and TURN credentials without a server: absent credentials slow the client down.

    A client that can leave the choice of layers to the server is told to.
    """
    frame = _frame(pb.SignalFrame.JOIN_ACK)
    frame.join_ack.wants_compressed_sdp = False
    frame.join_ack.video_subscription_limit = VIDEO_SUBSCRIPTION_LIMIT
    if pb.BY_SERVER in join.supported_network_adaptions:
        frame.join_ack.default_network_adaption = pb.BY_SERVER
    turn = frame.join_ack.turn_credentials
    turn.username, turn.password, turn.ttl = "none", "none", 3600
    return encode(frame)


def index(sources: Iterable[VideoSource], participants: int) -> bytes:
    """The complete list of published videos, the reader's own left out: not every policy of the SDK does so."""
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
    *,
    answer: str,
    tracks: Iterable[Track],
    published: Iterable[VideoSource],
    track_label: str,
    view_only: bool = False,
) -> bytes:
    """The answer to an offer, what its sections carry, and the ids of the client's own streams.

    `view_only` says that a camera was offered and will not be taken: the SDK then removes its local tile.
    """
    frame = _frame(pb.SignalFrame.SUBSCRIBE_ACK)
    if view_only:
        frame.error.status = _VIEW_ONLY
        frame.error.description = "This attendee may not send video."
    ack = frame.subscribe_ack
    ack.duplex = pb.RX
    ack.sdp_answer = answer
    for track in tracks:
        ack.tracks.add(stream_id=track.stream_id, ssrc=track.ssrc, track_label=track.label)
    for source in published:
        ack.duplex = pb.DUPLEX
        ack.allocations.add(
            track_label=track_label, stream_id=source.stream_id, group_id=source.group_id
        )
    return encode(frame)


def paused(group_ids: Iterable[int], *, resumed: bool = False) -> bytes:
    """These videos stop for want of bandwidth, or go on."""
    frame = _frame(pb.SignalFrame.RESUME if resumed else pb.SignalFrame.PAUSE)
    frame.pause.group_ids.extend(group_ids)
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


def audio_metadata(states: Iterable[tuple[int, int, int]]) -> bytes:
    """How everybody is heard: audio stream id, decibels below full scale, and signal strength from 0 to 2."""
    frame = _frame(pb.SignalFrame.AUDIO_METADATA)
    for audio_stream_id, volume, strength in states:
        frame.audio_metadata.attendee_states.add(
            audio_stream_id=audio_stream_id, volume=volume, signal_strength=strength
        )
    return encode(frame)


def audio_status(status: int) -> bytes:
    """Why the audio ends: 301 joined elsewhere, 410 meeting over, 411 removed."""
    frame = _frame(pb.SignalFrame.AUDIO_STATUS)
    frame.audio_status.audio_status = status
    return encode(frame)


def data_messages(messages: Iterable[DataMessage]) -> bytes:
    """Messages as the others get them, or as their sender gets back those that were throttled."""
    frame = _frame(pb.SignalFrame.DATA_MESSAGE)
    for message in messages:
        frame.data_message.messages.add(
            topic=message.topic,
            data=message.data,
            lifetime_ms=message.lifetime_ms,
            sender_attendee_id=message.sender_attendee_id,
            sender_external_user_id=message.sender_external_user_id,
            ingest_time_ns=message.ingest_time_ns,
        )
    return encode(frame)
