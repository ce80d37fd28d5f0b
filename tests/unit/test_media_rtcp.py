"""RTCP as bytes: what this server writes is read back by aiortc, and the other way round."""

from __future__ import annotations

import pytest
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    unpack_remb_fci,
)

from localconnect.media import rtcp
from localconnect.media.rtp import MalformedPacket


def test_nack_that_wraps_around_names_every_number() -> None:
    """Should pack and unpack numbers on both sides of the wrap."""
    lost = (65534, 65535, 0, 1, 300)
    assert list(rtcp.parse(rtcp.nack(1, 2, lost))) == [rtcp.Nack(ssrc=2, lost=lost)]


def test_nack_is_understood_by_another_implementation() -> None:
    """Should put neighbours into one entry and keep far ones apart."""
    (packet,) = RtcpPacket.parse(rtcp.nack(1, 2, [10, 11, 26, 27]))
    assert packet.lost == [10, 11, 26, 27]
    assert len(bytes(packet)) == 12 + 2 * 4


def test_feedback_of_another_implementation_is_understood() -> None:
    """Should read a compound of a sender report, a NACK, a PLI and a FIR, and skip what it does not need."""
    info = RtcpSenderInfo(ntp_timestamp=7 << 40, rtp_timestamp=90, packet_count=3, octet_count=4)
    compound = (
        bytes(RtcpSrPacket(ssrc=5, sender_info=info))
        + bytes(RtcpRrPacket(ssrc=5))
        + bytes(RtcpRtpfbPacket(fmt=1, ssrc=5, media_ssrc=6, lost=[9]))
        + bytes(RtcpPsfbPacket(fmt=1, ssrc=5, media_ssrc=6))
        + bytes(RtcpPsfbPacket(fmt=4, ssrc=5, media_ssrc=0, fci=bytes.fromhex("0000000801000000")))
    )
    assert list(rtcp.parse(compound)) == [
        rtcp.SenderReport(ssrc=5, ntp=7 << 40, rtp_timestamp=90, packets=3, octets=4),
        rtcp.Nack(ssrc=6, lost=(9,)),
        rtcp.KeyFrameRequest(ssrc=6),
        rtcp.KeyFrameRequest(ssrc=8),
    ]


def test_receiver_report_is_understood_by_another_implementation() -> None:
    """Should carry every figure, a negative loss among them."""
    block = rtcp.ReportBlock(
        ssrc=9,
        fraction_lost=12,
        packets_lost=-3,
        highest_sequence=70000,
        jitter=44,
        last_sr=5,
        delay_since_last_sr=6,
    )
    (packet,) = RtcpPacket.parse(rtcp.receiver_report(1, [block]))
    (report,) = packet.reports
    assert (report.ssrc, report.fraction_lost, report.packets_lost) == (9, 12, -3)
    assert (report.highest_sequence, report.jitter, report.lsr, report.dlsr) == (70000, 44, 5, 6)


def test_bitrate_limit_is_understood_by_another_implementation() -> None:
    """Should name the rate, rounded to the 18 bits there are, and the streams."""
    (packet,) = RtcpPacket.parse(rtcp.bitrate_limit(1, [77, 78], 2_500_000))
    assert packet.fmt == RTCP_PSFB_APP
    assert unpack_remb_fci(packet.fci) == (2_500_000 >> 4 << 4, [77, 78])


def test_sender_report_comes_back_as_it_was_written() -> None:
    """Should survive the way there and back."""
    report = rtcp.SenderReport(ssrc=1, ntp=2, rtp_timestamp=3, packets=4, octets=5)
    assert list(rtcp.parse(rtcp.sender_report(report))) == [report]


@pytest.mark.parametrize("data", ["80", "80c90004", "00c90001000000ff"])
def test_malformed_report_is_refused(data: str) -> None:
    """Should say so for a cut header, a cut body and a wrong version."""
    with pytest.raises(MalformedPacket):
        list(rtcp.parse(bytes.fromhex(data)))
