"""What is sent again, and how much of it."""

from __future__ import annotations

from localconnect.media.retransmission import RetransmissionBudget
from localconnect.media.round_trip import RoundTrip


def test_packet_on_its_way_is_not_sent_twice() -> None:
    """Should repeat a packet at once, and again only when the repetition cannot have arrived; count it once."""
    budget = RetransmissionBudget(RoundTrip())
    assert budget.admit(1, (7, 8), 1.0) == [7, 8]
    assert budget.admit(1, (7, 8, 9), 1.02) == [9]
    assert budget.admit(1, (7,), 1.2) == [7]
    assert budget.admit(2, (7,), 1.2) == [7]
    assert budget.missed == 4


def test_link_that_loses_most_is_not_sent_more_for_it() -> None:
    """Should repeat a quarter of what was sent, and a sixteenth under strain."""
    budget = RetransmissionBudget(RoundTrip())
    budget.renew(400, 1.0, strained=False)
    assert len(budget.admit(1, tuple(range(1000)), 1.1)) == 100
    budget.renew(400, 2.0, strained=True)
    assert len(budget.admit(1, tuple(range(2000, 3000)), 2.1)) == 25
    assert budget.missed == 1000


def test_packets_missed_long_ago_are_forgotten() -> None:
    """Should not grow without end."""
    budget = RetransmissionBudget(RoundTrip())
    budget.admit(1, (7,), 1.0)
    budget.renew(100, 9.0, strained=False)
    budget.admit(1, (7,), 9.1)
    assert budget.missed == 1
