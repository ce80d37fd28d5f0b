"""What takes turns in a run about requests: a server behind HTTP, and what a round with it came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from benchmarks._figures import Figure, quantile
from benchmarks._processes import cpu_of_all_s
from benchmarks._raw_http import send


@dataclass(frozen=True, slots=True)
class Round:
    """Some requests: how long each took, all of them together, and the seconds of CPU that they took of who is measured."""

    times_ms: list[float]
    took_s: float
    cpu_s: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.times_ms) / self.took_s

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU for one request."""
        return 1000 * self.cpu_s / len(self.times_ms)


def over_http(
    url: str, pid: int, requests: Sequence[bytes], *, at_once: int, status: int = 201
) -> Round:
    """Send requests to a server, all of whose processes count."""
    began, cpu = perf_counter(), cpu_of_all_s(pid)
    times, _ = send(url, requests, connections=at_once, status=status)
    return Round(times, perf_counter() - began, cpu_of_all_s(pid) - cpu)


def summed_up(
    name: str, values: Sequence[float], unit: str, *, peer: Sequence[float] | None = None
) -> Figure:
    """The median of the rounds with the least and the most of them; the ratio is of the medians."""
    value = median(values)
    ratio = value / median(peer) if peer and median(peer) else None
    return Figure(name, value, unit, ratio, min(values), max(values))


def added(name: str, ours: Sequence[Round], theirs: Sequence[Round], share: float) -> Figure:
    """How much longer ours take at a quantile, round by round; the ratio is of ours to theirs."""
    mine, others = ([quantile(one.times_ms, share) for one in rounds] for rounds in (ours, theirs))
    more = [one - other for one, other in zip(mine, others, strict=True)]
    return Figure(name, median(more), "ms", median(mine) / median(others), min(more), max(more))
