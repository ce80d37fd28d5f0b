"""The clock, its timers, and the token buckets that live by it."""

from __future__ import annotations

import asyncio
from functools import partial

from localconnect.aws.throttle import Throttle
from localconnect.clock import Clock
from localconnect.setting_values import RateLimit


def test_advance_runs_timers_in_order_at_their_own_time() -> None:
    """Should show each callback the instant it was due at, and run what it schedules on the way."""
    clock = Clock(lambda: 1000.0)
    seen: list[tuple[str, float]] = []

    def first() -> None:
        seen.append(("first", clock.time()))
        clock.call_later(5, lambda: seen.append(("inner", clock.time())))

    clock.call_later(20, lambda: seen.append(("second", clock.time())))
    clock.call_later(10, first)
    clock.call_later(31, lambda: seen.append(("never", clock.time())))

    clock.advance(30)

    assert seen == [("first", 1010), ("inner", 1015), ("second", 1020)]
    assert clock.time() == 1030
    assert clock.machine_time() == 1000


def test_cancelled_timer_does_not_run() -> None:
    """Should forget it, however often it is cancelled, and however many there are."""
    clock = Clock(lambda: 0.0)
    seen: list[int] = []
    timers = [clock.call_later(1, partial(seen.append, number)) for number in range(5000)]

    for timer in timers[1:]:
        timer.cancel()
        timer.cancel()
    clock.advance(2)

    assert seen == [0]


def test_failing_callback_does_not_stop_the_others() -> None:
    """Should log it and go on."""
    clock = Clock(lambda: 0.0)
    seen: list[str] = []
    clock.call_later(1, lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    clock.call_later(2, lambda: seen.append("ran"))

    clock.advance(3)

    assert seen == ["ran"]


async def test_timers_run_by_themselves() -> None:
    """Should be woken by the event loop when time really passes, also for one that becomes the first."""
    clock = Clock()
    later, sooner = asyncio.Event(), asyncio.Event()
    clock.call_later(0.05, later.set)
    clock.call_later(0.01, sooner.set)

    async with asyncio.timeout(10):
        await sooner.wait()
        assert not later.is_set()
        await later.wait()


def test_reset_takes_advances_and_timers_back() -> None:
    """Should be as new."""
    clock = Clock(lambda: 50.0)
    seen: list[str] = []
    clock.call_later(10, lambda: seen.append("ran"))
    clock.advance(5)

    clock.reset()
    clock.advance(100)

    assert seen == []
    assert clock.time() == 150


def test_token_bucket_allows_burst_then_rate() -> None:
    """Should let five through at once, then two a second, and never save more than the burst."""
    throttle = Throttle(lambda _: RateLimit(rate=2, burst=5))

    assert [throttle.admits("Op", 100.0) for _ in range(6)] == [True] * 5 + [False]
    assert [throttle.admits("Op", 100.5) for _ in range(2)] == [True, False]
    assert sum(throttle.admits("Op", 10_000.0) for _ in range(20)) == 5
    assert throttle.admits("Other", 100.0)


def test_token_bucket_follows_a_changed_limit() -> None:
    """Should read the limit with each request."""
    limit = RateLimit(rate=0, burst=1)
    throttle = Throttle(lambda _: limit)
    assert throttle.admits("Op", 0)
    assert not throttle.admits("Op", 1)

    limit["rate"] = 100
    limit["burst"] = 100

    assert throttle.admits("Op", 2)
