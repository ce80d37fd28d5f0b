"""RTP headers, levels and VP8 key frames on real bytes."""

from __future__ import annotations

import pytest

from localconnect.media import rtp, vp8

_HEAD = bytes.fromhex("80600102000003e8deadbeef")
_OPUS_WITH_LEVEL = bytes.fromhex("906f1234000003c0cafebabebede00011014ffff") + b"opus"


def test_payload_of_a_plain_packet_begins_after_twelve_bytes() -> None:
    """Should find the whole rest when nothing else stands in the header."""
    assert rtp.payload_span(_HEAD + b"payload") == (12, 19)


def test_payload_of_a_packet_with_extension_leaves_the_extension_out() -> None:
    """Should skip the extension header and its words."""
    start, end = rtp.payload_span(_OPUS_WITH_LEVEL)
    assert _OPUS_WITH_LEVEL[start:end] == b"opus"


def test_payload_of_a_packet_with_csrc_and_padding_leaves_both_out() -> None:
    """Should skip contributing sources in front and padding behind."""
    packet = b"\xa2" + _HEAD[1:] + bytes(8) + b"media" + b"\x00\x00\x03"
    start, end = rtp.payload_span(packet)
    assert packet[start:end] == b"media"


def test_payload_of_a_padding_only_packet_is_empty() -> None:
    """Should give an empty payload, so that numbers stay continuous when it is forwarded."""
    start, end = rtp.payload_span(b"\xa0" + _HEAD[1:] + b"\x00\x00\x00\x04")
    assert start == end


@pytest.mark.parametrize(
    "packet",
    [
        b"\x80\x60",
        b"\x90" + _HEAD[1:],
        b"\x90" + _HEAD[1:] + b"\xbe\xde\x00\x09abcd",
        b"\xa0" + _HEAD[1:] + b"\xff",
        b"\x8f" + _HEAD[1:],
    ],
    ids=["too short", "no extension", "extension too long", "padding too long", "csrc too long"],
)
def test_payload_of_a_malformed_packet_is_refused(packet: bytes) -> None:
    """Should say so instead of reading past the end."""
    with pytest.raises(rtp.MalformedPacket):
        rtp.payload_span(packet)


def test_audio_level_of_a_packet_is_read_from_its_extension() -> None:
    """Should give the level without the voice-activity bit."""
    assert rtp.audio_level(_OPUS_WITH_LEVEL, 1) == 0x14


def test_audio_level_behind_another_extension_is_found() -> None:
    """Should walk over extensions with other ids and over padding."""
    packet = bytes.fromhex("906f1234000003c0cafebabebede000231aabb0010a30000") + b"opus"
    assert rtp.audio_level(packet, 1) == 0x23


def test_audio_level_of_a_packet_without_extension_is_silence() -> None:
    """Should count a packet that says nothing as silent."""
    assert rtp.audio_level(_HEAD + b"opus", 1) == rtp.SILENCE_LEVEL


def test_payload_type_is_replaced_and_the_marker_kept() -> None:
    """Should change seven bits only."""
    marked = b"\x80\xe0" + _HEAD[2:] + b"vp8"
    assert rtp.with_payload_type(marked, 120) == b"\x80\xf8" + _HEAD[2:] + b"vp8"


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        ("10" + "90", True),
        ("10" + "91", False),
        ("00" + "90", False),
        ("11" + "90", False),
        ("9080" + "05" + "90", True),
        ("9080" + "8123" + "90", True),
        ("90e0" + "8123" + "07" + "60" + "90", True),
        ("90e0" + "8123" + "07" + "60" + "91", False),
        ("90", False),
        ("", False),
    ],
)
def test_key_frame_is_told_by_the_first_partition_of_a_vp8_frame(
    payload: str, starts: bool
) -> None:
    """Should read through every length of the payload descriptor."""
    assert vp8.starts_key_frame(bytes.fromhex(payload)) is starts
