"""RTCP: the reports and the feedback this server reads, and those it writes (RFC 3550 §6, RFC 4585, RFC 5104, REMB).

Pure translation between bytes and values. It must not know what a report is about or what follows from it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from localconnect.media.rtp import MalformedPacket

_SR, _RR, _RTPFB, _PSFB = 200, 201, 205, 206
_NACK, _PLI, _FIR, _APPLICATION = 1, 1, 4, 15
_REMB = b"REMB"
_HEAD = struct.Struct("!BBH")
_WORD = struct.Struct("!I")
_TWO_WORDS = struct.Struct("!II")
_SENDER_INFO = struct.Struct("!IQIII")
_REPORT_BLOCK = struct.Struct("!IIIIII")
_PAIR = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class Nack:
    """A receiver misses packets of `ssrc`."""

    ssrc: int
    lost: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyFrameRequest:
    """A receiver cannot decode `ssrc` without a key frame (PLI or FIR)."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What time it was at the sender of `ssrc`; `ntp` is 64-bit NTP time."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """How the packets of `ssrc` arrive, as it stands in a receiver report."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    last_sr: int
    delay_since_last_sr: int


@dataclass(frozen=True, slots=True)
class BitrateLimit:
    """A receiver reckons that its network can take so many bits per second (REMB)."""

    bits_per_second: int


Message = Nack | KeyFrameRequest | SenderReport | ReportBlock | BitrateLimit


def parse(data: bytes) -> Iterator[Message]:
    """The messages of a compound packet that this server acts on; the rest is passed over.

    :raises MalformedPacket: a length does not fit.
    """
    position = 0
    while position < len(data):
        if len(data) < position + 4:
            raise MalformedPacket("truncated RTCP header")
        flags, packet_type, words = _HEAD.unpack_from(data, position)
        body = data[position + 4 : position + 4 + 4 * words]
        if flags >> 6 != 2 or len(body) != 4 * words:
            raise MalformedPacket("RTCP length or version is wrong")
        position += 4 + 4 * words
        yield from _parse_one(packet_type, flags & 0x1F, body)


def _parse_one(packet_type: int, count: int, body: bytes) -> Iterator[Message]:
    if packet_type == _SR and len(body) >= _SENDER_INFO.size:
        yield SenderReport(*_SENDER_INFO.unpack_from(body))
        yield from _blocks(body, _SENDER_INFO.size, count)
    elif packet_type == _RR:
        yield from _blocks(body, _WORD.size, count)
    elif packet_type == _RTPFB and count == _NACK and len(body) >= 12:
        yield Nack(ssrc=_WORD.unpack_from(body, 4)[0], lost=tuple(_lost_in(body)))
    elif packet_type == _PSFB and count == _PLI and len(body) >= 8:
        yield KeyFrameRequest(ssrc=_WORD.unpack_from(body, 4)[0])
    elif packet_type == _PSFB and count == _FIR:
        for offset in range(8, len(body) - 7, 8):
            yield KeyFrameRequest(ssrc=_WORD.unpack_from(body, offset)[0])
    elif (
        packet_type == _PSFB and count == _APPLICATION and body[8:12] == _REMB and len(body) >= 16
    ):
        value = _WORD.unpack_from(body, 12)[0]
        yield BitrateLimit((value & 0x3FFFF) << (value >> 18 & 0x3F))


def _blocks(body: bytes, start: int, count: int) -> Iterator[ReportBlock]:
    for offset in range(start, min(start + 24 * count, len(body) - 23), 24):
        ssrc, lost, highest, jitter, last, delay = _REPORT_BLOCK.unpack_from(body, offset)
        total = lost & 0xFFFFFF
        yield ReportBlock(
            ssrc=ssrc,
            fraction_lost=lost >> 24,
            packets_lost=total - 0x1000000 if total & 0x800000 else total,
            highest_sequence=highest,
            jitter=jitter,
            last_sr=last,
            delay_since_last_sr=delay,
        )


def _lost_in(body: bytes) -> Iterator[int]:
    for offset in range(8, len(body) - 3, 4):
        first, following = _PAIR.unpack_from(body, offset)
        yield first
        for bit in range(16):
            if following >> bit & 1:
                yield (first + bit + 1) & 0xFFFF


def receiver_report(sender_ssrc: int, blocks: Sequence[ReportBlock] = ()) -> bytes:
    """A receiver report; with no block it is what a compound packet must begin with."""
    body = b"".join(
        _REPORT_BLOCK.pack(
            block.ssrc,
            block.fraction_lost << 24 | block.packets_lost & 0xFFFFFF,
            block.highest_sequence,
            block.jitter,
            block.last_sr,
            block.delay_since_last_sr,
        )
        for block in blocks
    )
    return _packet(_RR, len(blocks), _WORD.pack(sender_ssrc) + body)


def sender_report(report: SenderReport) -> bytes:
    """A sender report without report blocks."""
    body = _SENDER_INFO.pack(
        report.ssrc, report.ntp, report.rtp_timestamp, report.packets, report.octets
    )
    return _packet(_SR, 0, body)


def nack(sender_ssrc: int, media_ssrc: int, lost: Iterable[int]) -> bytes:
    """A generic NACK for sequence numbers in the order they were sent."""
    pairs: list[tuple[int, int]] = []
    for number in lost:
        if pairs and 0 < (distance := (number - pairs[-1][0]) & 0xFFFF) <= 16:
            pairs[-1] = (pairs[-1][0], pairs[-1][1] | 1 << distance - 1)
        else:
            pairs.append((number, 0))
    body = b"".join(_PAIR.pack(*pair) for pair in pairs)
    return _packet(_RTPFB, _NACK, _TWO_WORDS.pack(sender_ssrc, media_ssrc) + body)


def picture_loss(sender_ssrc: int, media_ssrc: int) -> bytes:
    """A PLI: please send a key frame."""
    return _packet(_PSFB, _PLI, _TWO_WORDS.pack(sender_ssrc, media_ssrc))


def bitrate_limit(sender_ssrc: int, media_ssrcs: Sequence[int], bits_per_second: int) -> bytes:
    """A REMB: the sender of those streams may use that much for all of them (draft-alvestrand-rmcat-remb-03)."""
    exponent = max(0, bits_per_second.bit_length() - 18)
    value = len(media_ssrcs) << 24 | exponent << 18 | bits_per_second >> exponent
    body = _TWO_WORDS.pack(sender_ssrc, 0) + _REMB + _WORD.pack(value)
    return _packet(_PSFB, _APPLICATION, body + b"".join(map(_WORD.pack, media_ssrcs)))


def _packet(packet_type: int, count: int, body: bytes) -> bytes:
    return _HEAD.pack(0x80 | count, packet_type, len(body) // 4) + body
