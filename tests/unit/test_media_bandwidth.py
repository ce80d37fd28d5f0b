"""The estimate of a downlink on simulated links, and how it is divided."""

from __future__ import annotations

import random

import pytest

from localconnect.media.allocation import PAUSED, Wish, allocate
from localconnect.media.bandwidth import CEILING, FLOOR, DownlinkEstimate

_TICK_S = 0.75


class _Link:
    """A link with a queue: what does not fit waits, and what does not fit into the queue is lost."""

    def __init__(self, capacity: float, *, queue_s: float = 0.2, noise: float = 0.0) -> None:
        self.capacity = capacity
        self.queue_s = queue_s
        self.noise = noise
        self.estimate = DownlinkEstimate()
        self.now = 0.0
        self.waiting = 0.0
        self.loss = 0.0
        self.sent = 0.0

    def run(self, seconds: float, demand: float) -> list[float]:
        """Send what the estimate allows of `demand` bits per second; the rates sent, tick by tick."""
        rates = []
        for _ in range(round(seconds / _TICK_S)):
            self.now += _TICK_S
            self.sent = min(demand, self.estimate.rate)
            left = self.waiting + (self.sent - self.capacity) * _TICK_S
            self.waiting = min(max(0.0, left), self.capacity * self.queue_s)
            lost = max(0.0, left - self.waiting) / (self.sent * _TICK_S)
            self.loss = min(1.0, lost + self.noise)
            self.estimate.note_round_trip(0.04 + self.waiting / self.capacity, self.now)
            self.estimate.update(now=self.now, sent=self.sent, loss=self.loss)
            rates.append(self.sent)
        return rates

    def strains(self, seconds: float, demand: float) -> int:
        """How often the estimate falls meanwhile."""
        moments = set()
        for _ in range(round(seconds / _TICK_S)):
            self.run(_TICK_S, demand)
            moments.add(self.estimate.strained_at)
        return len(moments) - 1


def _average(values: list[float]) -> float:
    return sum(values) / len(values)


def test_link_that_takes_everything_is_left_alone() -> None:
    """Should never come down from the ceiling."""
    link = _Link(10_000_000)
    assert link.run(120, 2_500_000) == [2_500_000] * 160
    assert link.estimate.rate == CEILING


@pytest.mark.parametrize("capacity", [150_000, 400_000, 1_000_000])
@pytest.mark.parametrize("queue_s", [0.1, 0.6, 2.0])
def test_weak_link_is_used_but_not_flooded(capacity: float, queue_s: float) -> None:
    """Should settle near what fits, whether too much shows as loss or as delay, and seldom exceed it."""
    link = _Link(capacity, queue_s=queue_s)
    link.run(15, 2_500_000)
    rates = link.run(240, 2_500_000)
    assert 0.5 * capacity < _average(rates) < 1.05 * capacity
    assert sum(rate > 1.1 * capacity for rate in rates) < 0.2 * len(rates)


def test_link_that_recovers_is_used_again() -> None:
    """Should feel its way up within a minute or two."""
    link = _Link(300_000)
    link.run(30, 1_500_000)
    link.capacity = 5_000_000
    link.run(120, 1_500_000)
    assert link.sent == 1_500_000


def test_link_at_its_limit_is_probed_ever_less_often() -> None:
    """Should wait twice as long after each probe that failed."""
    link = _Link(300_000)
    link.run(20, 1_500_000)
    early = link.strains(120, 1_500_000)
    link.run(400, 1_500_000)
    late = link.strains(120, 1_500_000)
    assert 0 < late < early


def test_loss_that_is_not_ours_does_not_starve_the_client() -> None:
    """Should stop sinking when sending less does not help: a bad radio link loses a share of whatever is sent."""
    link = _Link(5_000_000, noise=0.15)
    link.run(120, 1_000_000)
    assert link.sent > 300_000


def test_moderate_loss_is_no_strain() -> None:
    """Should not give way below a tenth: retransmission deals with it."""
    link = _Link(5_000_000, noise=0.06)
    link.run(60, 1_000_000)
    assert link.sent == 1_000_000


def test_chance_is_no_strain() -> None:
    """Should stay up, and rise, when one packet in twenty is lost at random: of a hundred that is now two, now ten."""
    chance = random.Random(7)
    estimate = DownlinkEstimate()
    estimate.rate = 400_000
    for tick in range(1, 800):
        lost = sum(chance.random() < 0.05 for _ in range(100))
        sent = min(1_500_000, estimate.rate)
        estimate.update(now=tick * _TICK_S, sent=sent, loss=lost / 100)
        if tick > 160:
            assert sent == 1_500_000


def test_dead_link_leaves_the_floor() -> None:
    """Should never go below what sound takes."""
    link = _Link(5_000)
    link.run(60, 1_000_000)
    assert link.estimate.rate == FLOOR


def test_receivers_own_reckoning_counts_when_it_falls_below_what_is_sent() -> None:
    """Should follow a REMB down when a queue agrees, and pass over one that is merely behind."""
    estimate = DownlinkEstimate()
    for tick in range(1, 5):
        estimate.note_limit(200_000 * 1.08**tick, tick * _TICK_S)
        estimate.update(now=tick * _TICK_S, sent=1_000_000, loss=0.0)
    assert estimate.rate == CEILING
    estimate.note_limit(600_000, 5.0)
    estimate.update(now=5.0, sent=1_000_000, loss=0.0)
    assert estimate.rate == CEILING
    estimate.note_limit(400_000, 6.0)
    estimate.update(now=6.0, sent=1_000_000, loss=0.0)
    assert estimate.rate == CEILING
    estimate.note_round_trip(0.02, 6.1)
    estimate.note_round_trip(0.12, 6.5)
    estimate.update(now=6.75, sent=1_000_000, loss=0.0)
    assert estimate.rate == pytest.approx(380_000)


def test_everything_fits_into_enough() -> None:
    """Should give everybody the largest layer."""
    assert allocate(1e7, [Wish((2e5, 1e6)), Wish((3e5,)), Wish(())]) == [1, 0, PAUSED]


def test_lowest_layers_come_before_anybodys_higher_one() -> None:
    """Should show everybody something first."""
    assert allocate(8e5, [Wish((2e5, 6e5), current=1), Wish((2e5, 6e5))]) == [1, 0]
    assert allocate(5e5, [Wish((2e5, 6e5), current=1), Wish((2e5, 6e5))]) == [0, 0]


def test_most_important_video_is_the_last_to_be_paused() -> None:
    """Should serve the lower number first, wherever it stands."""
    wishes = [Wish((3e5,), current=0, priority=5), Wish((3e5,), current=0, priority=-1)]
    assert allocate(4e5, wishes) == [PAUSED, 0]


def test_going_up_needs_room_to_spare_and_staying_does_not() -> None:
    """Should not flutter between two layers at the border."""
    assert allocate(1.1e6, [Wish((2e5, 1e6), current=1)]) == [1]
    assert allocate(1.1e6, [Wish((2e5, 1e6), current=0)]) == [0]
    assert allocate(1.1e5, [Wish((1e5,), current=0)]) == [0]
    assert allocate(1.1e5, [Wish((1e5,), current=PAUSED)]) == [PAUSED]
