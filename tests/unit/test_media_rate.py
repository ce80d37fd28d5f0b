"""The limit on what one client may do in a second."""

from __future__ import annotations

from localconnect.media.rate import Rate


def test_second_is_counted_from_the_first_of_it() -> None:
    """Should admit as many as allowed, refuse the rest of the second, and begin anew after it."""
    rate = Rate(2)
    assert [rate.admit(now) for now in (5.0, 5.1, 5.2, 5.9, 6.0, 6.1, 6.2)] == [
        *(True, True, False, False),
        *(True, True, False),
    ]
