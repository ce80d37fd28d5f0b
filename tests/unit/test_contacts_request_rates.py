"""The buckets from which all processes take what Amazon Connect allows them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
from threading import Barrier

from django.db import connection

import pytest
from pytest_django.fixtures import Settings

from contacts.models import RequestBucket
from contacts.request_rates import SKEW_S, take_token

NOW = 1_767_323_045.0


@pytest.fixture(autouse=True)
def rates(settings: Settings) -> None:
    """Two a second, five at once."""
    settings.CONNECT_RATES = {"*": (2, 5), "StopContact": (10, 15)}


def take(operation: str, at: float) -> bool:
    """Take a token at a moment that stands still."""
    return take_token(operation, clock=lambda: at)


@pytest.mark.django_db
def test_bucket_gives_its_burst_and_then_its_rate() -> None:
    """Should waste nothing of what the account may do, however much more is asked."""
    offered = [NOW + number / 20 for number in range(20 * 60)]
    given = sum(take("StartWebRTCContact", at) for at in offered)
    assert given == 5 + 2 * 60 - 1


@pytest.mark.django_db
def test_bucket_is_an_operations_own() -> None:
    """Should let calls be ended while none can be started."""
    assert [take("StartWebRTCContact", NOW) for _ in range(6)] == [True] * 5 + [False]
    assert [take("StopContact", NOW) for _ in range(16)] == [True] * 15 + [False]
    assert take("CreateParticipant", NOW)


@pytest.mark.django_db
def test_bucket_is_filled_no_further_than_its_burst() -> None:
    """Should not save what a quiet night left over."""
    assert take("StartWebRTCContact", NOW)
    assert sum(take("StartWebRTCContact", NOW + 36_000) for _ in range(10)) == 5


@pytest.mark.django_db
def test_whoever_waited_for_the_bucket_is_not_refused_for_a_moment_that_has_passed() -> None:
    """Should look again as of now: meanwhile three seconds have passed, and their tokens have come."""
    assert all(take("StartWebRTCContact", NOW) for _ in range(5))
    moments = chain([NOW, NOW, NOW], repeat(NOW + 3))
    assert take_token("StartWebRTCContact", clock=lambda: next(moments))


@pytest.mark.django_db
def test_clock_that_leaps_back_does_not_stop_calls() -> None:
    """Should not wait for a time that comes again in hours."""
    assert take("StartWebRTCContact", NOW + 7200)
    assert take("StartWebRTCContact", NOW)
    assert RequestBucket.objects.get().full_at < NOW + SKEW_S


@pytest.mark.django_db(transaction=True)
def test_processes_take_from_one_bucket() -> None:
    """Should give each token once, whoever comes at the same time. Each thread has a connection of its own."""

    def take_one(_: int) -> bool:
        try:
            return take("StartWebRTCContact", NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(take_one, range(40))) == 5


@pytest.mark.django_db(transaction=True)
def test_first_who_come_at_once_are_all_given() -> None:
    """Should refuse nobody because the bucket is being made just now."""
    ready = Barrier(5)

    def take_one(operation: str) -> bool:
        try:
            ready.wait()
            return take(operation, NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        for number in range(20):
            assert all(pool.map(take_one, [f"Operation{number}"] * 5))
