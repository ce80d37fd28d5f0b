"""The rates at which Amazon Connect takes requests: a token bucket for each operation, shared by all processes.

The bucket is a row, taken from by one conditional UPDATE: whatever database the site has, it is the one thing that all its
processes share. Knows nothing of the network.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Greatest

from contacts.models import RequestBucket

SKEW_S = 60.0  # by which the clocks of a site's machines may differ
WAITED_S = 0.05  # what a row costs that nobody holds, on a busy machine
FURTHER_LOOKS = 3  # of whoever waits for the row each time: a refusal must come in time, too


def take_token(operation: str, *, clock: Callable[[], float] = time.time) -> bool:
    """Take one token of an operation's bucket; `clock` tells the seconds since 1970. Returns whether there was one.

    Whoever had to wait for the row asked of a moment that has passed, and asks again: those served meanwhile look, from
    there, like a bucket that was emptied.
    """
    rate, burst = _rate_and_burst(operation)
    bucket = _Bucket(operation, interval_s=1 / rate, burst=burst)
    if bucket.take(clock()):
        return True
    bucket.mend(clock())
    for _ in range(FURTHER_LOOKS):
        asked_at = clock()
        if bucket.take(asked_at):
            return True
        if clock() - asked_at < max(bucket.interval_s, WAITED_S):
            break
    return False


def interval_s(operation: str) -> float:
    """Return the seconds between two requests of who spreads them evenly, and so is never refused."""
    rate, _ = _rate_and_burst(operation)
    return 1 / rate


def _rate_and_burst(operation: str) -> tuple[float, float]:
    """An operation without a rate of its own has that of `*`, in a bucket of its own."""
    found: tuple[float, float] = (
        settings.CONNECT_RATES.get(operation) or settings.CONNECT_RATES["*"]
    )
    return found


@dataclass(frozen=True, slots=True)
class _Bucket:
    operation: str
    interval_s: float
    burst: float

    def take(self, now: float) -> bool:
        has_token = RequestBucket.objects.filter(
            operation=self.operation, full_at__lte=now + (self.burst - 1) * self.interval_s
        )
        later = Greatest(F("full_at"), Value(now)) + self.interval_s
        return has_token.update(full_at=later) == 1

    def mend(self, now: float) -> None:
        """Make the row if there is none, and let the bucket be full if clocks leapt back."""
        if not RequestBucket.objects.filter(operation=self.operation).exists():
            RequestBucket.objects.bulk_create(
                [RequestBucket(operation=self.operation)], ignore_conflicts=True
            )
            return
        impossible = now + self.burst * self.interval_s + SKEW_S
        leapt = RequestBucket.objects.filter(operation=self.operation, full_at__gt=impossible)
        leapt.update(full_at=now)
