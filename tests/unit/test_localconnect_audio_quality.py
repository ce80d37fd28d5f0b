"""How good somebody's sound was: the score and the issues that reports come to."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from localconnect.audio_quality import AudioQuality, AudioReading, Issue
from localconnect.media.quality import AudioMeter
from localconnect.media.rtcp import ReportBlock


def _quality(*readings: AudioReading) -> AudioQuality:
    quality = AudioQuality()
    for reading in readings:
        quality.add(reading)
    return quality


def _block(*, lost: int = 0, jitter: int = 0) -> ReportBlock:
    return ReportBlock(
        ssrc=1,
        fraction_lost=lost,
        packets_lost=0,
        highest_sequence=0,
        jitter=jitter,
        last_sr=0,
        delay_since_last_sr=0,
    )


def test_nothing_read_has_no_score() -> None:
    """Should not make a score up."""
    assert _quality().score is None
    assert _quality().issues == []


def test_score_falls_with_each_figure_and_stays_in_range() -> None:
    """Should be best for a network that loses nothing, and within 1 and 5 whatever comes."""
    clean = _quality(*[AudioReading(0.0, 0.02, 0.001)] * 20).score
    assert clean == pytest.approx(4.4, abs=0.05)
    for worse in (
        AudioReading(0.1, 0.02, 0.001),
        AudioReading(0.0, 0.6, 0.001),
        AudioReading(0.0, 0.02, 0.1),
    ):
        score = _quality(*[worse] * 20).score
        assert score is not None
        assert 1.0 <= score < clean
    assert _quality(AudioReading(1.0, 9.0, 9.0)).score == 1.0


def test_issues_name_what_was_high_for_a_while() -> None:
    """Should name what a tenth of the readings show, and not what one does."""
    fine = AudioReading(0.0, 0.02, 0.001)
    assert _quality(*[fine] * 5, AudioReading(0.5, 0.9, 0.2)).issues == []
    lossy = [AudioReading(0.2, 0.02, 0.001)] * 2
    assert _quality(*[fine] * 18, *lossy).issues == [Issue.LOSS]
    assert _quality(*[fine] * 40, *lossy).issues == []
    assert _quality(*[AudioReading(0.0, 0.4, 0.06)] * 3).issues == [Issue.ROUND_TRIP, Issue.JITTER]


def test_meter_takes_the_worse_direction() -> None:
    """Should read loss and jitter of whichever direction is worse, and the last round trip that was told."""
    meter = AudioMeter()
    assert meter.read(_block(lost=64, jitter=480)) == AudioReading(0.25, None, 0.01)
    meter.take(_block(lost=128, jitter=96), 0.2)
    assert meter.read(_block(lost=0, jitter=480)) == AudioReading(0.5, 0.2, 0.01)
    meter.take(_block(), None)
    assert meter.read(_block()) == AudioReading(0.0, 0.2, 0.0)


def test_quality_is_kept_as_a_document() -> None:
    """Should come back from its document as it was."""
    quality = _quality(AudioReading(0.2, 0.4, 0.06))
    assert AudioQuality(**asdict(quality)) == quality
