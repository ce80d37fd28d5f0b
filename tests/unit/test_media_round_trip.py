"""How far away a client is, and how much it misses, by what its receiver reports say."""

from __future__ import annotations

import pytest

from localconnect.media.loss_reports import LossReports
from localconnect.media.round_trip import NEVER, RoundTrip
from localconnect.media.rtcp import ReportBlock

_QUOTED = 0x12345678


def _block(
    *, quoted: int = 0, held_s: float = 0.0, highest: int = 0, lost: int = 0, ssrc: int = 7
) -> ReportBlock:
    return ReportBlock(
        ssrc=ssrc,
        fraction_lost=0,
        packets_lost=lost,
        highest_sequence=highest,
        jitter=0,
        last_sr=quoted,
        delay_since_last_sr=round(held_s * 65536),
    )


def test_time_that_the_client_held_the_report_does_not_count() -> None:
    """Should take the first measurement as it is, and a quarter of each further one."""
    trip = RoundTrip()

    assert trip.note(_block(quoted=_QUOTED, held_s=0.5), (_QUOTED, 10.0), 10.7) == pytest.approx(
        0.2, abs=1e-3
    )
    assert trip.seconds == pytest.approx(0.2, abs=1e-3)
    trip.note(_block(quoted=_QUOTED), (_QUOTED, 20.0), 20.6)
    assert trip.seconds == pytest.approx(0.3, abs=1e-3)


@pytest.mark.parametrize(
    ("quoted", "reported"), [(0, NEVER), (0, (_QUOTED, 1.0)), (_QUOTED + 1, (_QUOTED, 1.0))]
)
def test_report_that_quotes_nothing_known_says_nothing(
    quoted: int, reported: tuple[int, float]
) -> None:
    """Should neither measure nor learn."""
    trip = RoundTrip()
    before = trip.seconds

    assert trip.note(_block(quoted=quoted), reported, 2.0) is None
    assert trip.seconds == before


def test_client_that_claims_to_have_held_it_longer_than_it_was_away_is_no_time_away() -> None:
    """Should never be less than nothing, whatever a client says."""
    trip = RoundTrip()

    assert trip.note(_block(quoted=_QUOTED, held_s=9.0), (_QUOTED, 1.0), 1.1) == 0.0


def test_loss_is_counted_between_two_moments() -> None:
    """Should take the share of what was sent since the last moment, of all streams together."""
    reports = LossReports()
    reports.note(_block(highest=100, lost=50))
    assert reports.settle() == 0.0
    reports.note(_block(highest=150, lost=55))
    reports.note(_block(highest=200, lost=60))
    reports.note(_block(highest=10, lost=10, ssrc=8))
    assert reports.settle() == pytest.approx(0.1)
    assert reports.settle() == 0.0


def test_loss_of_a_few_packets_or_of_a_stream_that_ended_says_little() -> None:
    """Should not take one of two packets for half of all, nor packets that came twice for a gain."""
    reports = LossReports()
    reports.note(_block(highest=100, lost=0))
    reports.settle()
    reports.note(_block(highest=102, lost=1))
    assert reports.settle() == pytest.approx(1 / 20)
    reports.note(_block(highest=200, lost=-5))
    assert reports.settle() == 0.0
    reports.forget(7)
    reports.note(_block(highest=300, lost=99))
    assert reports.settle() == 0.0
