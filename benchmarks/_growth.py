"""What a contact costs when many are there already, and the memory that an ended one takes.

One server for each number of contacts, all running at once and called in turns: the ratio is the CPU time of an
operation over that with ten contacts, in the same round.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from statistics import median

from benchmarks._figures import Figure
from benchmarks._processes import cpu_s, resident_kib
from benchmarks._raw_http import send
from benchmarks._subject import Requests, localconnect
from tests.servers import LocalConnect

SIZES = (10, 1_000, 10_000, 100_000)
ROUNDS = 8
"""The first warms up and does not count."""

CALLS = 1000
"""Of each operation in a round."""

MEASURED = 20_000
"""Contacts over which the memory of an ended one is averaged."""

RETAINED = 1_000
"""Contacts kept by the server that is to stay within bounds, and ..."""

BEYOND = 100_000
"""... contacts it starts and ends after it has reached that number."""

_CONNECTIONS = 8

Samples = dict[str, list[float]]


@dataclass
class Crowded:
    """A server with a number of contacts, and the CPU time its operations have taken, in ms."""

    server: LocalConnect
    requests: Requests
    cpu_ms: dict[str, list[float]] = field(default_factory=dict)

    def start(self, count: int, *, client_tokens: bool = True) -> list[str]:
        """Start contacts; returns their ids."""
        if client_tokens:
            return self._started([self.requests.start() for _ in range(count)])
        return self._started([self.requests.start(client_token=False)] * count)

    def end(self, contact_ids: list[str]) -> None:
        """Stop contacts."""
        self._timed("stop", [self.requests.stop(contact_id) for contact_id in contact_ids])

    def describe(self, contact_ids: list[str]) -> None:
        """Describe contacts."""
        self._timed("describe", [self.requests.describe(contact_id) for contact_id in contact_ids])

    def turn_over(self, count: int) -> None:
        """Start and end as many contacts, some at a time."""
        for _ in range(0, count, CALLS):
            self.end(self.start(min(CALLS, count), client_tokens=False))

    def forget_times(self) -> None:
        """What was measured so far was warming up."""
        self.cpu_ms.clear()

    def _started(self, requests: list[bytes]) -> list[str]:
        return [json.loads(body)["ContactId"] for body in self._timed("start", requests)]

    def _timed(self, operation: str, requests: list[bytes]) -> list[bytes]:
        before = cpu_s(self.server.pid)
        _, bodies = send(self.server.url, requests, connections=_CONNECTIONS)
        passed = cpu_s(self.server.pid) - before
        self.cpu_ms.setdefault(operation, []).append(1000 * passed / len(requests))
        return bodies


def growth_figures() -> tuple[list[Figure], Samples]:
    """Measure. Returns the figures and the samples they come from."""
    live, live_samples = _flatness("live", retained=10)
    ended, ended_samples = _flatness("ended", retained=max(SIZES) + 10 * CALLS)
    return [*live, *ended, *_memory()], live_samples | ended_samples


def _flatness(kind: str, *, retained: int) -> tuple[list[Figure], Samples]:
    with contextlib.ExitStack() as stack:
        crowds = []
        for size in SIZES:
            server = stack.enter_context(localconnect(retained_contacts=retained))
            crowds.append(Crowded(server, Requests(server)))
            if kind == "live":
                crowds[-1].start(size, client_tokens=False)
            else:
                crowds[-1].turn_over(size)
        for number in range(ROUNDS):
            for crowd in crowds:
                if number == 1:
                    crowd.forget_times()
                started = crowd.start(CALLS)
                crowd.describe(started)
                crowd.end(started)
    figures = []
    samples = {}
    for operation in ("start", "describe", "stop"):
        first = crowds[0].cpu_ms[operation]
        for size, crowd in zip(SIZES, crowds, strict=True):
            name, values = (
                f"localconnect-{operation}-beside-{size}-{kind}",
                crowd.cpu_ms[operation],
            )
            ratio = median(a / b for a, b in zip(values, first, strict=True))
            figures.append(Figure(name, 1000 * median(values), "us", ratio))
            samples[name] = values
    return figures, samples


def _memory() -> list[Figure]:
    with localconnect(retained_contacts=10 * MEASURED) as server:
        crowd = Crowded(server, Requests(server))
        crowd.end(crowd.start(CALLS))
        before = resident_kib(server.pid)
        for _ in range(0, MEASURED, CALLS):
            crowd.end(crowd.start(CALLS))
        per_contact = (resident_kib(server.pid) - before) / MEASURED
    with localconnect(retained_contacts=RETAINED) as server:
        crowd = Crowded(server, Requests(server))
        crowd.turn_over(5 * RETAINED)
        before = resident_kib(server.pid)
        crowd.turn_over(BEYOND)
        after = resident_kib(server.pid)
    return [
        Figure("localconnect-ended-contact", per_contact, "KiB"),
        Figure(
            f"localconnect-after-{BEYOND}-beyond-retention", after / 1024, "MiB", after / before
        ),
    ]
