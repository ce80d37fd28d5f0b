"""Signalling frames as bytes, with the fields that the SDK cannot do without."""

from __future__ import annotations

import pytest

from localconnect.media import frames
from localconnect.media import signaling_pb2 as pb

# A PING as amazon-chime-sdk-js 3.32 sends it.
_PING = bytes.fromhex("0508959aef3a1013a2010408011007")


def _decoded(message: bytes) -> pb.SignalFrame:
    frame = frames.decode(message)
    assert frame is not None
    return frame


def test_ping_of_the_sdk_is_read() -> None:
    """Should read the type, the time and the id."""
    frame = _decoded(_PING)
    assert frame.type == pb.SignalFrame.PING_PONG
    assert (frame.ping_pong.type, frame.ping_pong.ping_id) == (pb.PingPong.PING, 7)


def test_pong_answers_the_ping_of_that_id() -> None:
    """Should carry the id back, and begin with the frame type."""
    answer = frames.pong(7)
    assert answer[0] == 0x05
    assert _decoded(answer).ping_pong.ping_id == 7


def test_index_without_sources_is_not_empty() -> None:
    """Should hold at_capacity: an index without any field reaches the client as null and it never joins."""
    index = _decoded(frames.index([], 1)).index
    assert index.HasField("at_capacity")
    assert not index.at_capacity


def test_index_names_video_explicitly() -> None:
    """Should set the media type, whose default is audio."""
    source = frames.VideoSource(3, 3, "id", "name", 15, 1400)
    (described,) = _decoded(frames.index([source], 2)).index.sources
    assert described.media_type == pb.VIDEO
    assert described.avg_bitrate_bps == 1_400_000


def test_departure_names_the_stream_only() -> None:
    """Should have neither attendee nor mute state, which would mean something else."""
    (clean,) = _decoded(frames.left(4, dropped=False)).audio_stream_id_info.streams
    (broken,) = _decoded(frames.left(4, dropped=True)).audio_stream_id_info.streams
    assert not clean.HasField("attendee_id")
    assert not clean.HasField("muted")
    assert not clean.HasField("dropped")
    assert broken.dropped


def test_join_ack_has_turn_credentials_without_a_server() -> None:
    """Should hold credentials, which spare the client a wait, and no uri, which would force it through a relay."""
    ack = _decoded(frames.join_ack(pb.Join())).join_ack
    assert ack.HasField("turn_credentials")
    assert not ack.turn_credentials.uris
    assert not ack.wants_compressed_sdp


def test_leave_ack_holds_its_message() -> None:
    """Should encode the empty submessage."""
    assert _decoded(frames.leave_ack()).HasField("leave_ack")


@pytest.mark.parametrize(
    "message",
    [b"", b"\x05", b"\x07" + _PING[1:], b"\x05\xff\xff", b"\x05" + bytes(frames.MAX_FRAME_BYTES)],
    ids=["empty", "no frame", "other type", "not protobuf", "too long"],
)
def test_message_that_is_no_frame_is_refused(message: bytes) -> None:
    """Should say so for everything that cannot be read."""
    with pytest.raises(frames.MalformedFrame):
        frames.decode(message)


@pytest.mark.parametrize(
    "frame",
    [
        pb.SignalFrame(subscribe=pb.Subscribe(sdp_offer="~~")),
        pb.SignalFrame(data_message=pb.DataMessages(messages=[pb.DataMessage(topic="~~")])),
    ],
    ids=["offer", "topic"],
)
def test_text_that_is_no_text_is_refused(frame: pb.SignalFrame) -> None:
    """Should not hand bytes on where a string is expected, which is what protobuf makes of them."""
    frame.timestamp_ms, frame.type = 1, pb.SignalFrame.SUBSCRIBE
    with pytest.raises(frames.MalformedFrame):
        frames.decode(b"\x05" + frame.SerializePartialToString().replace(b"~~", b"\xff\xfe"))


def test_frame_of_an_unknown_type_is_none() -> None:
    """Should not take a type it does not know for one it does."""
    assert frames.decode(bytes.fromhex("0508011063")) is None
