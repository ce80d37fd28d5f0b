"""What keeps a slow, failing or limited Amazon Connect from taking the portal with it: three guards before each request.

A circuit breaker refuses while an operation keeps failing, a bulkhead bounds how many requests of it a process has under
way, and the shared rate keeps all processes within the account's limits. Each operation has guards of its own, so that calls can be
ended while none can be started. A refusal costs milliseconds, no network.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from threading import BoundedSemaphore

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

from circuitbreaker import CircuitBreaker

from contacts import metrics
from contacts.errors import ConnectBusy, ConnectUnavailable
from contacts.request_rates import take_token

_held: ContextVar[frozenset[str]] = ContextVar("rooms_held", default=frozenset())


@contextmanager
def room(operation: str) -> Iterator[None]:
    """Hold one of the places for requests of an operation, inside. Whoever holds one already needs no other.

    So whoever has much to write before the request can know beforehand that it will find room.

    :raises ConnectBusy: all are taken.
    """
    held = _held.get()
    if operation in held:
        yield
        return
    slots = _slots(operation)
    if not slots.acquire(blocking=False):
        metrics.CONNECT_REFUSALS.labels(operation, "bulkhead").inc()
        raise ConnectBusy("too many requests are under way")
    before = _held.set(held | {operation})
    try:
        yield
    finally:
        _held.reset(before)
        slots.release()


@contextmanager
def guarded(operation: str) -> Iterator[None]:
    """Make one request of an operation, by its name in Amazon Connect's API, inside.

    :raises ConnectUnavailable: it has kept failing, and is left alone for a while.
    :raises ConnectBusy: too many requests are under way, or the account's rate is used up.
    """
    breaker = _breaker(operation)
    if breaker.opened:
        metrics.CONNECT_REFUSALS.labels(operation, "breaker").inc()
        raise ConnectUnavailable("left alone after repeated failures")
    with room(operation):
        if not take_token(operation):
            metrics.CONNECT_REFUSALS.labels(operation, "rate").inc()
            raise ConnectBusy("the rate of CONNECT_RATES is used up")
        with breaker:
            yield


@cache
def _breaker(operation: str) -> CircuitBreaker:
    return CircuitBreaker(
        failure_threshold=settings.CONNECT_BREAKER_FAILURES,
        recovery_timeout=settings.CONNECT_BREAKER_PAUSE_S,
        expected_exception=ConnectUnavailable,
        name=operation,
    )


@cache
def _slots(operation: str) -> BoundedSemaphore:
    return BoundedSemaphore(settings.CONNECT_POOL_SIZE)


@receiver(setting_changed)
def _forget_guards(*, setting: str, **_: object) -> None:
    if setting.startswith("CONNECT_"):
        _breaker.cache_clear()
        _slots.cache_clear()
