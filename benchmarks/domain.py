"""How fast changes of contacts reach browsers, how many sockets a process carries, and how fast events are taken in.

The subject is the portal as it is run: PostgreSQL, Redis, `portal.serving`, with changes committed by another process. The
peer is Channels as its documentation has it, a group for each contact, on stock Daphne and channels_redis; it has no
database to read. Both take turns within one run. Times are from before the change's transaction to the socket.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks._domain_servers import domain_servers
from benchmarks._figures import Figure, quantile, report
from benchmarks._processes import cpu_s, resident_kib
from benchmarks._status_sockets import Arrival, StatusSockets
from devtools.services import postgresql_and_redis

SOCKETS = 5000
CROWD = 1000
"""Sockets of one contact, for what is told to many."""
RATE = 300
"""Changes a second, each of another contact."""
ROUNDS = 3
ROUND_S = 4
WITHIN_S = 2.0
"""What has not arrived by then counts as if it took as long."""
BURST = 300
CONVERGE_S = 2.0
SETTLE_S = 3.0
"""For a server to let go of sockets."""
BASE = 500
"""Sockets before memory is first looked at."""

Change = Callable[[int], int]


class Side:
    """A server with sockets on it, and what changes what they show."""

    def __init__(self, name: str, url: str, pid: int, changes: Any) -> None:
        self.name = name
        self.pid = pid
        self.samples: dict[str, list[float]] = {}
        self._changes = changes
        self._url = url

    def turn(self) -> None:
        """Measure all of it once. The other side has no sockets meanwhile, whose pings would cost time."""
        with StatusSockets() as self._sockets:
            self._open_all()
            self.single()
            for _ in range(3):
                self.broadcast()
            self.burst()
        time.sleep(SETTLE_S)

    def _open_all(self) -> None:
        """Open a socket for each contact, and a crowd for the last one."""
        paths = self._changes.paths[:SOCKETS]
        self._open(paths[:BASE])
        before = resident_kib(self.pid)
        took_s = self._open(paths[BASE:])
        if "socket" not in self.samples:  # later sockets are made of what earlier ones left
            self._keep("socket", (resident_kib(self.pid) - before) / (SOCKETS - BASE))
        self._keep("open", (SOCKETS - BASE) / took_s)
        self._open([self._changes.paths[SOCKETS]] * CROWD)
        self._sockets.arrivals()

    def single(self) -> None:
        """Change contacts that one socket each watches."""
        from benchmarks._domain_changes import paced

        numbers = random.sample(range(SOCKETS), RATE * ROUND_S)
        cpu = cpu_s(self.pid)
        made = paced(self._changes.change, numbers, RATE)
        time.sleep(WITHIN_S)
        self._keep("cpu", 1000 * (cpu_s(self.pid) - cpu) / len(numbers))
        arrived = {(one.socket, one.version): one.at for one in self._sockets.arrivals()}
        times = [1000 * (arrived.get(key, at + WITHIN_S) - at) for key, at in made.items()]
        self._keep("lost", 100 * (1 - len(arrived.keys() & made.keys()) / len(made)))
        self._keep("p50", quantile(times, 0.5))
        self._keep("p99", quantile(times, 0.99))

    def broadcast(self) -> None:
        """Change the contact that the crowd watches."""
        at = time.monotonic()
        version = self._changes.change(SOCKETS)
        time.sleep(1)
        arrivals = [one.at for one in self._sockets.arrivals() if one.version == version]
        self._keep("broadcast", 1000 * (max(arrivals) - at) if len(arrivals) == CROWD else 1000)

    def burst(self) -> None:
        """Change the crowd's contact many times in a row."""
        version = 0
        for _ in range(BURST):
            version = self._changes.change(SOCKETS)
        at = time.monotonic()
        time.sleep(CONVERGE_S + 1)
        arrivals = [one for one in self._sockets.arrivals() if one.version == version]
        self._keep("converged", 100 * sum(one.at - at < CONVERGE_S for one in arrivals) / CROWD)
        self._keep("converge", _last(arrivals, at))

    def _open(self, paths: list[str]) -> float:
        return self._sockets.open(self._url, paths, self._changes.cookie)

    def _keep(self, name: str, value: float) -> None:
        self.samples.setdefault(name, []).append(value)


def main() -> None:
    """Measure, print, and remember."""
    with postgresql_and_redis() as addresses, domain_servers(addresses) as (portal, peer):
        from benchmarks import _domain_events
        from benchmarks._domain_changes import OurChanges, TheirChanges

        ours = OurChanges(SOCKETS + 1 + 2 * _domain_events.CONTACTS)
        theirs = TheirChanges(ours, addresses["REDIS_URL"])
        figures, samples = _domain_events.measure(portal, ours.connect_ids[SOCKETS + 1 :])
        print(*figures, sep="\n", file=sys.stderr, flush=True)  # the rest takes minutes
        subject = Side("ours", portal.url, portal.pid, ours)
        stock = Side("stock", peer.url, peer.pid, theirs)
        sides = (subject, stock)
        for number in range(ROUNDS):
            for side in sides if number % 2 else sides[::-1]:
                side.turn()
    for side in (subject, stock):
        samples |= {f"{side.name}-{name}": values for name, values in side.samples.items()}
    report("domain", [*_figures(subject.samples, stock.samples), *figures], samples=samples)


def _figures(ours: dict[str, list[float]], theirs: dict[str, list[float]]) -> list[Figure]:
    def compared(name: str, key: str, unit: str) -> Figure:
        value, peer = median(ours[key]), median(theirs[key])
        return Figure(name, value, unit, value / peer if peer else None)

    return [
        compared("change-to-socket-p50", "p50", "ms"),
        compared("change-to-socket-p99", "p99", "ms"),
        compared("change-to-socket-cpu", "cpu", "ms"),
        compared("change-to-socket-lost", "lost", "%"),
        compared("broadcast-to-last-socket", "broadcast", "ms"),
        compared("burst-converged", "converged", "%"),
        compared("burst-converged-after", "converge", "ms"),
        compared("memory-of-a-socket", "socket", "KiB"),
        Figure("sockets-in-a-gibibyte", 2**20 / median(ours["socket"]), "", None),
        compared("sockets-opened", "open", "/s"),
    ]


def _last(arrivals: list[Arrival], at: float) -> float:
    return 1000 * max((one.at - at for one in arrivals), default=CONVERGE_S + 1)


if __name__ == "__main__":
    main()
