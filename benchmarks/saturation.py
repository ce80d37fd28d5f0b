"""How many changes a second reach their sockets in time, with more and more sockets there.

Subject and peer are those of `bench domain`. Changes are of contacts that one socket each shows, committed twenty at a time as a batch
of events is, ever faster, until one in a hundred takes longer than a tenth of a second. Where a newer version overtook one, the newer
one counts. Rates are those that were reached, which is less than was tried where whoever makes the changes is the slower one.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from typing import Any

from benchmarks._domain_servers import domain_servers
from benchmarks._figures import Figure, quantile, report
from benchmarks._sides import summed_up
from benchmarks._status_sockets import StatusSockets
from devtools.services import postgresql_and_redis

SOCKETS = (1000, 3000, 5000)
RATES = (250, 500, 1000, 1500, 2000)
"""Changes a second that are tried."""
AT_ONCE = 20
ROUNDS = 3
TRY_S = 3
IN_TIME_MS = 100
WITHIN_S = 2.0
"""What has not arrived by then counts as if it took as long."""
SETTLE_S = 3.0
"""For a server to let go of sockets."""


class Side:
    """A server, and what changes what its sockets show."""

    def __init__(self, url: str, changes: Any) -> None:
        self._url = url
        self._changes = changes
        self.reached: dict[int, list[float]] = defaultdict(list)
        """Changes a second by the number of sockets."""

    def turn(self) -> None:
        """Find the highest rate once for each number of sockets."""
        with StatusSockets() as sockets:
            there = 0
            for count in SOCKETS:
                sockets.open(self._url, self._changes.paths[there:count], self._changes.cookie)
                there = count
                sockets.arrivals()
                self.reached[count].append(self._highest(sockets, count))
        time.sleep(SETTLE_S)

    def _highest(self, sockets: StatusSockets, count: int) -> float:
        highest = 0.0
        for rate in RATES:
            reached, p99_ms = self._tried(sockets, count, rate)
            if p99_ms > IN_TIME_MS or reached < highest:
                break
            highest = reached
        return highest

    def _tried(self, sockets: StatusSockets, count: int, rate: int) -> tuple[float, float]:
        """Return the rate that was reached, and the p99 of the time to the socket in milliseconds."""
        began = time.monotonic()
        made: list[tuple[int, int, float]] = []
        for turn in range(rate * TRY_S // AT_ONCE):
            time.sleep(max(0.0, began + turn * AT_ONCE / rate - time.monotonic()))
            numbers, at = random.sample(range(count), AT_ONCE), time.monotonic()
            versions = self._changes.change_some(numbers)
            made += [(*one, at) for one in zip(numbers, versions, strict=True)]
        reached = len(made) / (time.monotonic() - began)
        time.sleep(WITHIN_S)
        return reached, quantile(_times_ms(made, sockets), 0.99)


def _times_ms(made: list[tuple[int, int, float]], sockets: StatusSockets) -> list[float]:
    """Return how long each change took to be shown, it or a newer one."""
    shown: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for one in sockets.arrivals():
        shown[one.socket].append((one.version, one.at))

    def took_s(number: int, version: int, at: float) -> float:
        since = [when for told, when in shown[number] if told >= version]
        return min(min(since, default=at + WITHIN_S) - at, WITHIN_S)

    return [1000 * took_s(*one) for one in made]


def main() -> None:
    """Measure, print, and remember."""
    with postgresql_and_redis() as addresses, domain_servers(addresses) as (portal, peer):
        from benchmarks._domain_changes import OurChanges, TheirChanges

        ours = OurChanges(max(SOCKETS))
        theirs = TheirChanges(ours, addresses["REDIS_URL"])
        subject, stock = Side(portal.url, ours), Side(peer.url, theirs)
        for number in range(ROUNDS):
            for side in (subject, stock) if number % 2 else (stock, subject):
                side.turn()
    report("saturation", _figures(subject, stock), samples=_samples(subject, stock))


def _figures(subject: Side, stock: Side) -> list[Figure]:
    return [
        summed_up(
            f"saturation-at-{count}", subject.reached[count], "/s", peer=stock.reached[count]
        )
        for count in SOCKETS
    ]


def _samples(subject: Side, stock: Side) -> dict[str, list[float]]:
    sides = {"ours": subject, "stock": stock}
    return {
        f"{name}-{count}": values
        for name, side in sides.items()
        for count, values in side.reached.items()
    }


if __name__ == "__main__":
    main()
