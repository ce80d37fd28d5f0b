"""RTP packets of made-up publishers, as they arrive."""

from __future__ import annotations

from localconnect.media import rtp

KEY, DELTA = b"\x10\x90key", b"\x10\x91delta"


def counted(picture: int, base: int, *, key: bool = False) -> bytes:
    """A VP8 payload that counts its picture in 15 bits and its base layer in 8."""
    head = bytes((0x90, 0xE0, 0x80 | picture >> 8, picture & 0xFF, base, 0x20))
    return head + (b"\x90" if key else b"\x91") + b"picture"


def packet(
    number: int,
    payload: bytes,
    *,
    ssrc: int = 4,
    marker: int = 0x80,
    timestamp: int | None = None,
    extension: bytes = bytes.fromhex("bede000110ff0000"),
) -> bytes:
    """One packet, with a header extension that is not to be forwarded."""
    head = rtp.header(
        payload_type=96,
        marker=marker,
        sequence_number=number & 0xFFFF,
        timestamp=number * 6000 if timestamp is None else timestamp,
        ssrc=ssrc,
    )
    return b"\x90" + head[1:] + extension + payload


def number_of(data: bytes) -> int:
    return data[2] << 8 | data[3]


def time_of(data: bytes) -> int:
    return int.from_bytes(data[4:8])
