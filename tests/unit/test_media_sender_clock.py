"""Clocks of several machines, told in one time."""

from __future__ import annotations

import time

import pytest

from localconnect.media.rtcp import SenderReport
from localconnect.media.sender_clock import SenderClock, ntp_time, seconds_between

_NOW = 1000.0


def _report(ntp: int) -> SenderReport:
    return SenderReport(ssrc=1, ntp=ntp, rtp_timestamp=5, packets=1, octets=1)


def test_ntp_time_is_the_time_of_day() -> None:
    """Should count seconds since 1900 in its upper half."""
    assert (ntp_time(time.monotonic()) >> 32) - 2_208_988_800 == pytest.approx(time.time(), abs=2)
    assert seconds_between(ntp_time(_NOW), ntp_time(_NOW + 2.5)) == pytest.approx(2.5)
    assert seconds_between(ntp_time(_NOW), ntp_time(_NOW - 1)) == pytest.approx(-1)


def test_reports_of_a_client_keep_their_distances_in_the_servers_time() -> None:
    """Should move all its reports by as much as the quickest of them, however late some come."""
    clock, ahead = SenderClock(), 3600.0
    for sent, took in ((0.0, 0.03), (1.0, 0.01), (2.0, 0.2), (2.1, 0.05)):
        now = _NOW + sent + took
        told = clock.translated(_report(ntp_time(_NOW + sent + ahead)), now).ntp
        if sent:
            assert seconds_between(ntp_time(_NOW), told) == pytest.approx(sent + 0.01, abs=1e-5)


def test_clock_that_is_set_is_followed() -> None:
    """Should not go by what it said before, in either direction."""
    clock = SenderClock()
    for step, difference in enumerate((0.0, 30.0, -30.0)):
        now = _NOW + step
        told = clock.translated(_report(ntp_time(now + difference)), now).ntp
        assert seconds_between(ntp_time(now), told) == pytest.approx(0, abs=1e-5)


def test_sender_without_a_clock_is_timed_by_arrival() -> None:
    """Should take the moment a report comes for the one it tells of."""
    clock = SenderClock()
    clock.translated(_report(0), _NOW)
    assert clock.translated(_report(0), _NOW + 9).ntp == ntp_time(_NOW + 9)
