"""What is asked for again, what is sent again, and how loss is reported."""

from __future__ import annotations

import pytest

from localconnect.media import rtcp, rtp
from localconnect.media.nack import HISTORY, LossWindow, PacketHistory
from localconnect.media.reception import Reception
from localconnect.media.round_trip import RoundTrip
from localconnect.media.rtcp import ReportBlock


def _packet(number: int) -> bytes:
    return rtp.header(payload_type=96, marker=0, sequence_number=number, timestamp=0, ssrc=1)


def test_gap_is_asked_for_at_once_across_the_wrap() -> None:
    """Should name exactly the missing numbers."""
    window = LossWindow(RoundTrip())
    assert window.add(65533, 0.0) is None
    assert window.add(1, 0.0) == [65534, 65535, 0]


def test_missing_packet_is_asked_for_again_until_it_comes() -> None:
    """Should repeat after the retry time, and stop once the packet has arrived."""
    window = LossWindow(RoundTrip())
    window.add(1, 0.0)
    window.add(4, 0.0)
    assert window.due(0.01) == []
    assert window.due(0.08) == [2, 3]
    window.add(2, 0.09)
    assert window.due(0.2) == [3]
    window.add(3, 0.21)
    assert window.due(9.0) == []
    assert window.next_due is None


def test_packet_is_asked_for_again_as_soon_as_an_answer_can_have_come() -> None:
    """Should wait for the way there and back, as it was measured, and a little."""
    round_trip = RoundTrip()
    sent_at, echo = 4.0, ReportBlock(1, 0, 0, 0, 0, last_sr=7, delay_since_last_sr=65536)
    assert round_trip.note(echo, (8, sent_at), 5.2) is None
    assert round_trip.note(echo, (7, sent_at), 5.2) == pytest.approx(0.2)
    window = LossWindow(round_trip)
    window.add(1, 10.0)
    window.add(3, 10.0)
    assert window.next_due == pytest.approx(10.26)
    for _ in range(20):
        round_trip.note(echo, (7, sent_at), 5.001)
    window.due(11.0)
    assert window.next_due == pytest.approx(11.011, abs=0.002)


def test_packet_that_never_comes_is_given_up() -> None:
    """Should ask ten times, ever more seldom, for longer than a short outage lasts, and say that it is lost for good."""
    window = LossWindow(RoundTrip())
    window.add(1, 0.0)
    window.add(3, 0.0)
    moments = [0.0]
    while (due := window.next_due) is not None:
        assert not window.broken
        if window.due(due):
            moments.append(due)
    assert len(moments) == 10
    assert moments[1] < 0.1
    assert moments[-1] > 1
    assert window.broken
    assert len(window) == 0


def test_jump_beyond_the_history_asks_for_nothing() -> None:
    """Should say that it is broken, which only a key frame repairs."""
    window = LossWindow(RoundTrip())
    window.add(1, 0.0)
    assert window.add(1 + HISTORY + 1, 0.0) is None
    assert window.broken


def test_history_finds_the_last_packets_only() -> None:
    """Should give back a kept packet, and nothing for one that was overwritten or never came."""
    history = PacketHistory()
    for number in range(65000, 65000 + HISTORY + 100):
        history.add(number & 0xFFFF, _packet(number & 0xFFFF))
    newest = (65000 + HISTORY + 99) & 0xFFFF
    assert history.find(newest) == _packet(newest)
    assert history.find(65000) is None
    assert history.find(newest + 1) is None


def test_reception_with_loss_reports_it() -> None:
    """Should count expected and received packets over the wrap, and report only the last interval's fraction."""
    reception = Reception(7, 90_000)
    for number in (65534, 65535, 0, 2):
        reception.add(number, 0, 0.0)
    block = reception.block(1.0)
    assert (block.packets_lost, block.fraction_lost, block.highest_sequence) == (1, 51, 65538)
    reception.add(3, 0, 2.0)
    assert reception.block(2.0).fraction_lost == 0


def test_reception_of_an_even_stream_has_no_jitter() -> None:
    """Should see no jitter when packets come as fast as their timestamps say, and some when one is late."""
    reception = Reception(7, 1000)
    for number in range(50):
        reception.add(number, number * 20, number * 0.02)
    assert reception.block(1.0).jitter <= 1
    reception.add(50, 1000, 1.5)
    assert reception.block(1.5).jitter > 20


def test_reception_tells_how_long_ago_the_sender_reported() -> None:
    """Should echo the middle of the NTP time, from which the sender computes the round trip."""
    reception = Reception(7, 90_000)
    reception.add(1, 0, 0.0)
    report = rtcp.SenderReport(
        ssrc=7, ntp=0x0000_1234_5678_0000, rtp_timestamp=0, packets=1, octets=1
    )
    reception.note_report(report, 10.0)
    block = reception.block(10.5)
    assert block.last_sr == 0x12345678
    assert block.delay_since_last_sr == 32768
