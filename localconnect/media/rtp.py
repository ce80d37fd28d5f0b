"""RTP packets as they pass through: where the payload lies, what the audio level is, and a new header in front.

Everything here works on the bytes of one packet (RFC 3550) and keeps no state. It must not know who sent a packet or
who will get it. These functions run for every packet of every call, so they index bytes instead of building objects.
"""

from __future__ import annotations

import secrets
import struct

HEADER_LENGTH = 12
SILENCE_LEVEL = 127
"""Audio level in -dBov of digital silence (RFC 6464)."""

_FIXED = struct.Struct("!BBHII")
_NUMBERS = struct.Struct("!BHI")
_ONE_BYTE_EXTENSIONS = b"\xbe\xde"


class MalformedPacket(ValueError):
    """A datagram that says it is RTP or RTCP and is not."""


def payload_span(data: bytes) -> tuple[int, int]:
    """Where the payload begins and ends, without CSRCs, header extensions and padding.

    :raises MalformedPacket: the header promises more bytes than there are.
    """
    size = len(data)
    if size < HEADER_LENGTH:
        raise MalformedPacket("shorter than an RTP header")
    flags = data[0]
    start = HEADER_LENGTH + 4 * (flags & 0x0F)
    if flags & 0x10:
        if size < start + 4:
            raise MalformedPacket("truncated header extension")
        start += 4 + 4 * (data[start + 2] << 8 | data[start + 3])
    end = size - data[-1] if flags & 0x20 else size
    if start > end:
        raise MalformedPacket("extensions and padding exceed the packet")
    return start, end


def extension(data: bytes, extension_id: int) -> bytes:
    """The header extension of that id in its one-byte form (RFC 8285 §4.2); empty when the packet has none."""
    if not data[0] & 0x10:
        return b""
    position = HEADER_LENGTH + 4 * (data[0] & 0x0F)
    if data[position : position + 2] != _ONE_BYTE_EXTENSIONS:
        return b""
    end = position + 4 + 4 * (data[position + 2] << 8 | data[position + 3])
    position += 4
    while position < end - 1:
        head = data[position]
        if head >> 4 == extension_id:
            return data[position + 1 : position + 2 + (head & 0x0F)]
        position += 1 if head == 0 else (head & 0x0F) + 2
    return b""


def audio_level(data: bytes, extension_id: int) -> int:
    """The sender's level in -dBov, 0 loudest to 127 silent; 127 when the packet carries none (RFC 6464)."""
    level = extension(data, extension_id)
    return level[0] & 0x7F if level else SILENCE_LEVEL


def header(
    *, payload_type: int, marker: int, sequence_number: int, timestamp: int, ssrc: int
) -> bytes:
    """A 12-byte header without extensions; `marker` is 0 or 0x80, as it stands in the second byte."""
    return _FIXED.pack(0x80, marker | payload_type, sequence_number, timestamp, ssrc)


def new_ssrc() -> int:
    """A random SSRC, never 0."""
    return secrets.randbelow(0xFFFFFFFF) + 1


def with_payload_type(packet: bytes, payload_type: int) -> bytes:
    """The same packet under another payload type, its marker kept."""
    return b"%c%c%b" % (packet[0], packet[1] & 0x80 | payload_type, packet[2:])


def renumber(packet: bytearray, payload_type: int, number: int, timestamp: int) -> None:
    """Give a packet another payload type, sequence number and timestamp; its marker stays."""
    _NUMBERS.pack_into(packet, 1, packet[1] & 0x80 | payload_type, number, timestamp)


def sequence_number(packet: bytes) -> int:
    """The 16-bit sequence number of a packet."""
    return packet[2] << 8 | packet[3]


def timestamp(packet: bytes) -> int:
    """The 32-bit media timestamp of a packet, in ticks of its clock rate."""
    return int.from_bytes(packet[4:8])
