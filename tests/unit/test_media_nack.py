"""What is asked for again, what is sent again, and how loss is reported."""

from __future__ import annotations

from localconnect.media import rtcp, rtp
from localconnect.media.nack import HISTORY, LossWindow, PacketHistory
from localconnect.media.reception import Reception


def _packet(number: int) -> bytes:
    return rtp.header(payload_type=96, marker=0, sequence_number=number, timestamp=0, ssrc=1)


def test_gap_is_asked_for_at_once_across_the_wrap() -> None:
    """Should name exactly the missing numbers."""
    window = LossWindow()
    assert window.add(65533, 0.0) is None
    assert window.add(1, 0.0) == [65534, 65535, 0]


def test_missing_packet_is_asked_for_again_until_it_comes() -> None:
    """Should repeat after the retry time, and stop once the packet has arrived."""
    window = LossWindow()
    window.add(1, 0.0)
    window.add(4, 0.0)
    assert window.due(0.01) == []
    assert window.due(0.06) == [2, 3]
    window.add(2, 0.07)
    assert window.due(0.2) == [3]
    window.add(3, 0.21)
    assert window.due(9.0) == []


def test_packet_that_never_comes_is_given_up() -> None:
    """Should stop asking after eight times."""
    window = LossWindow()
    window.add(1, 0.0)
    window.add(3, 0.0)
    asked = 1 + sum(len(window.due(float(second))) for second in range(1, 20))
    assert asked == 8
    assert len(window) == 0


def test_jump_beyond_the_history_asks_for_nothing() -> None:
    """Should report an overrun, which only a key frame repairs."""
    window = LossWindow()
    window.add(1, 0.0)
    assert window.add(1 + HISTORY + 1, 0.0) is None
    assert window.overrun


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
