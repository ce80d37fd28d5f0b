"""VP8 payloads as far as forwarding needs them: where a key frame begins, and how pictures are counted (RFC 7741 §4).

Everything here works on bytes and keeps no state. Pictures are counted per encoder; a watcher who is moved from one
layer of a simulcast to another must see one count, or its decoder waits for pictures that do not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

_EXTENDED, _START_OF_FIRST_PARTITION, _LONG = 0x80, 0x10, 0x80
_HAS_PICTURE_ID, _HAS_TL0, _HAS_MORE = 0x80, 0x40, 0x30


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a stream has counted: its pictures, and those of its base temporal layer."""

    picture: int
    base: int

    def step_from(self, former: Counts, former_shift: Counts) -> Counts:
        """The shift that makes this count follow on `former`, which was shifted itself."""
        return Counts(
            (former.picture + former_shift.picture + 1 - self.picture) & 0x7FFF,
            (former.base + former_shift.base + 1 - self.base) & 0xFF,
        )


def starts_key_frame(payload: bytes) -> bool:
    """Whether a payload is the first of a key frame."""
    if not payload or payload[0] & 0x17 != _START_OF_FIRST_PARTITION:
        return False
    position = 1
    if payload[0] & _EXTENDED:
        if len(payload) < 2:
            return False
        extended = payload[1]
        position = 2
        if extended & _HAS_PICTURE_ID and len(payload) > position:
            position += 2 if payload[position] & _LONG else 1
        if extended & _HAS_TL0:
            position += 1
        if extended & _HAS_MORE:
            position += 1
    return len(payload) > position and not payload[position] & 0x01


def counts(packet: bytes, start: int) -> Counts | None:
    """What the payload that begins at `start` says of its picture; None when it says nothing."""
    if len(packet) < start + 5 or not packet[start] & _EXTENDED:
        return None
    extended = packet[start + 1]
    if not extended & _HAS_PICTURE_ID:
        return None
    first = packet[start + 2]
    long = first & _LONG
    picture = (first & 0x7F) << 8 | packet[start + 3] if long else first
    base = packet[start + (4 if long else 3)] if extended & _HAS_TL0 else 0
    return Counts(picture, base)


def shift_counts(packet: bytearray, start: int, shift: Counts) -> None:
    """Add `shift` to the counts of the payload that begins at `start`, where it has them."""
    if len(packet) < start + 5 or not packet[start] & _EXTENDED:
        return
    extended = packet[start + 1]
    position = start + 2
    if extended & _HAS_PICTURE_ID:
        first = packet[position]
        if first & _LONG:
            picture = ((first & 0x7F) << 8 | packet[position + 1]) + shift.picture & 0x7FFF
            packet[position] = _LONG | picture >> 8
            packet[position + 1] = picture & 0xFF
            position += 2
        else:
            packet[position] = (first + shift.picture) & 0x7F
            position += 1
    if extended & _HAS_TL0:
        packet[position] = (packet[position] + shift.base) & 0xFF
