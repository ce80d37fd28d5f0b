"""How pictures are counted in VP8 payloads, held against aiortc's reading of the same bytes."""

from __future__ import annotations

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor

from localconnect.media import vp8
from localconnect.media.vp8 import Counts

_START = 4
_PICTURES = [(0x7FFF, 0xFF), (0x80, 3), (300, 0)]


def _payload(picture: int, base: int) -> bytes:
    descriptor = VpxPayloadDescriptor(
        partition_start=1, partition_id=0, picture_id=picture, tl0picidx=base
    )
    return bytes(descriptor) + b"\x90picture"


@pytest.mark.parametrize(("picture", "base"), _PICTURES)
def test_counts_are_read_as_they_were_written(picture: int, base: int) -> None:
    """Should find both counts behind any header, and nothing where there are none."""
    packet = bytes(_START) + _payload(picture, base)

    assert vp8.counts(packet, _START) == Counts(picture, base)
    assert vp8.counts(bytes(_START) + b"\x10\x90key frame", _START) is None
    assert vp8.counts(packet[: _START + 3], _START) is None


@pytest.mark.parametrize(("picture", "base"), _PICTURES)
def test_shifted_counts_follow_on_the_former_ones(picture: int, base: int) -> None:
    """Should let another encoder's next picture be the next one, also across the wrap, and touch nothing else."""
    former = Counts(picture, base)
    packet = bytearray(bytes(_START) + _payload(200, 100))
    shift = Counts(200, 100).step_from(former, Counts(0, 0))

    vp8.shift_counts(packet, _START, shift)

    descriptor, rest = VpxPayloadDescriptor.parse(bytes(packet[_START:]))
    assert descriptor.picture_id == (picture + 1) & 0x7FFF
    assert descriptor.tl0picidx == (base + 1) & 0xFF
    assert rest == b"\x90picture"


def test_count_of_seven_bits_stays_one() -> None:
    """Should wrap a short count where it ends, without growing the packet."""
    packet = bytearray(bytes(_START) + b"\x90\x80\x7f\x90picture")

    vp8.shift_counts(packet, _START, Counts(1, 9))

    descriptor, rest = VpxPayloadDescriptor.parse(bytes(packet[_START:]))
    assert (descriptor.picture_id, descriptor.tl0picidx, rest) == (0, None, b"\x90picture")


def test_payload_without_counts_is_left_alone() -> None:
    """Should change nothing where there is nothing to change."""
    packet = bytearray(bytes(_START) + b"\x10\x90key frame")
    before = bytes(packet)

    vp8.shift_counts(packet, _START, Counts(5, 5))

    assert bytes(packet) == before
