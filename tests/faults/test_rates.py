"""More calls are asked for than Amazon Connect begins: all that it begins are used, by whoever comes."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from django.db import connections

from pytest_django.fixtures import Settings

from tests.contacts_world import control
from tests.faults.fault_world import FaultWorld

RATE, BURST = 2, 5
OFFERED_PER_S = 20
SECONDS = 6


def test_f3_quota_is_used_up_and_shared_out(world: FaultWorld, settings: Settings) -> None:
    """Should begin at least 0.95 of the calls that the quota allows, some of each of two callers, and refuse the rest."""
    assert world.start().status == 201  # what only the first call has to do is done
    settings.CONNECT_RATES = {"*": (1000, 1000), "StartWebRTCContact": (RATE, BURST)}
    limits = {"StartWebRTCContact": {"rate": RATE, "burst": BURST}}
    control(world.server, "PATCH", "/_local/settings", {"rate_limits": limits})
    began: list[float] = []
    ended: list[float] = []
    begun: Counter[int] = Counter()

    def start(number: int) -> None:
        began.append(time.monotonic())
        try:
            if world.start().status == 201:
                begun[number % 2] += 1
        finally:
            ended.append(time.monotonic())
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        until = time.monotonic() + SECONDS
        number = 0
        while time.monotonic() < until:
            pool.submit(start, number)
            number += 1
            time.sleep(1 / OFFERED_PER_S)

    settings.CONNECT_RATES = {"*": (1000, 1000)}
    # Of what becomes free while a loaded machine asks for nothing, no more than the burst is kept.
    visits = [at for at in sorted(ended) if at <= max(began)]
    counted_s = sum(min(later - at, BURST / RATE) for at, later in pairwise(visits))
    quota = BURST + int(RATE * counted_s)
    assert begun.total() >= 0.95 * quota
    assert min(begun.values()) >= 2
    assert {reply.status for reply in world.replies} == {201, 503}
