"""What a site needs for so many calls a day: draws its busiest hour, and reckons with what was measured.

    python3 dev.py bench plan

Prints the table of docs/explanation/scaling.md, which `dev.py bench --report` puts there. Calls come by chance (Poisson) and last by chance; Amazon Connect
takes them by its quota, a bucket of tokens. What they cost is of docs/reference/benchmarks.jsonl. The
same table comes of the same figures: the seed is fixed.
"""

from __future__ import annotations

import heapq
import json
import math
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CALLS_A_DAY = (1_000, 10_000, 100_000, 1_000_000)
SITE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "benchmarks.jsonl"

# What is assumed of a site. Change these for your own.
BUSY_HOUR = 0.12  # of the day's calls
WAIT_S, TALK_S = 60.0, 360.0  # means; exponential
EVENTS_A_CALL = 6  # of Amazon Connect: initiated, queued, connected, a few more, disconnected
CHANGES_A_CALL = 8  # versions that the page is told of
REQUESTS_A_CALL = 3  # in CPU time of a start: the page, what is asked during the call, the end
FULL = 0.5  # of a core, at most, in the busiest hour
STATUS_SOCKETS_MOST = 5_000  # of one process: as many as were measured
DEFAULT_RATE, DEFAULT_BURST, DEFAULT_CALLS = 2.0, 5.0, 10  # of an account; of an instance
REFUSED_AT_MOST = 0.001

SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Hour:
    """The busiest hour of a site."""

    starts: int
    most_a_second: int
    most_at_once: int
    """Calls under way, of those that wait and those that talk."""
    rate_needed: float
    """Starts a second that Amazon Connect must take for hardly anybody to be refused, with a burst of two and a half times as many."""
    refused_by_default: float
    """The share that the default quota refuses at first."""


def main() -> None:
    """Print the table."""
    print(table(figures()))


def figures() -> dict[str, float]:
    """Return the kept figures by their names."""
    runs = [json.loads(line) for line in SITE.read_text().splitlines()]
    return {one["name"]: one["value"] for run in runs for one in run["figures"]}


def table(measured: Mapping[str, float]) -> str:
    """Return the table as Markdown."""
    columns = [f"{calls:,}" for calls in CALLS_A_DAY]
    hours = [busiest_hour(calls) for calls in CALLS_A_DAY]
    rows = {
        "Starts a second in the busiest hour, mean": [
            f"{one.starts / SECONDS:.2g}" for one in hours
        ],
        "The same, in its busiest second": [f"{one.most_a_second}" for one in hours],
        "Calls under way at once, the most": [f"{one.most_at_once:,}" for one in hours],
        "Refused at first by the default quota, 2 a second and a burst of 5": [
            f"{one.refused_by_default:.0%}" for one in hours
        ],
        "StartWebRTCContact a second to ask AWS for": [f"{one.rate_needed:g}" for one in hours],
        "Concurrent calls to ask AWS for (default: 10)": [
            f"{max(DEFAULT_CALLS, math.ceil(1.2 * one.most_at_once)):,}" for one in hours
        ],
        "Web processes, a core each": [str(_web(one, measured)) for one in hours],
        "Socket processes": [str(_sockets(one, measured)) for one in hours],
        "Processes that take contact events in": [str(_events(one, measured)) for one in hours],
        "Commits of PostgreSQL a second": [
            f"{(3 + 2 + EVENTS_A_CALL) * one.starts / SECONDS:,.1f}" for one in hours
        ],
        "Messages through Redis a second": [
            f"{CHANGES_A_CALL * one.starts / SECONDS:,.1f}" for one in hours
        ],
        "Memory of the status sockets, MiB": [
            f"{one.most_at_once * measured['memory-of-a-socket'] / 1024:,.1f}" for one in hours
        ],
    }
    lines = [["Calls a day", *columns], ["---"] * (len(columns) + 1)]
    lines += [[name, *values] for name, values in rows.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def busiest_hour(calls_a_day: int) -> Hour:
    """Draw the busiest hour of a site with so many calls a day."""
    chance = random.Random(calls_a_day)
    mean = calls_a_day * BUSY_HOUR / SECONDS
    # Those of half an hour before are still under way.
    starts = _arrivals(chance, mean, -SECONDS / 2, SECONDS)
    lengths = [chance.expovariate(1 / WAIT_S) + chance.expovariate(1 / TALK_S) for _ in starts]
    counted = [int(at) for at in starts if at >= 0]
    return Hour(
        starts=len(counted),
        most_a_second=_most(counted),
        most_at_once=_most_at_once(starts, lengths),
        rate_needed=_rate_needed(starts),
        refused_by_default=_refused(starts, DEFAULT_RATE, DEFAULT_BURST),
    )


def _arrivals(chance: random.Random, mean: float, begin: float, end: float) -> list[float]:
    found, at = [], begin
    while (at := at + chance.expovariate(mean)) < end:
        found.append(at)
    return found


def _most(seconds: list[int]) -> int:
    return max(Counter(seconds).values())


def _most_at_once(starts: list[float], lengths: list[float]) -> int:
    ends: list[float] = []
    most = 0
    for at, length in zip(starts, lengths, strict=True):
        while ends and ends[0] <= at:
            heapq.heappop(ends)
        heapq.heappush(ends, at + length)
        most = max(most, len(ends))
    return most


def _refused(starts: list[float], rate: float, burst: float) -> float:
    """Return the share of calls whose request finds no token. Who is refused is counted once, and does not come again."""
    tokens, since, refused = burst, starts[0] if starts else 0.0, 0
    for at in starts:
        tokens, since = min(burst, tokens + (at - since) * rate), at
        if tokens >= 1:
            tokens -= 1
        else:
            refused += 1
    return refused / max(1, len(starts))


def _rate_needed(starts: list[float]) -> float:
    rate = DEFAULT_RATE
    while _refused(starts, rate, 2.5 * rate) > REFUSED_AT_MOST:
        rate = math.ceil(rate * 1.1)
    return rate


def _web(hour: Hour, measured: Mapping[str, float]) -> int:
    cpu_ms = REQUESTS_A_CALL * measured["start-cpu-together-asgi"]
    return _processes(hour.starts / SECONDS * cpu_ms)


def _sockets(hour: Hour, measured: Mapping[str, float]) -> int:
    by_cpu = _processes(hour.starts / SECONDS * CHANGES_A_CALL * measured["change-to-socket-cpu"])
    return max(by_cpu, 1 + hour.most_at_once // STATUS_SOCKETS_MOST)


def _events(hour: Hour, measured: Mapping[str, float]) -> int:
    return _processes(hour.starts / SECONDS * EVENTS_A_CALL * measured["event-ingest-cpu"])


def _processes(cpu_ms_a_second: float) -> int:
    """Two at least: one may be restarted."""
    return max(2, math.ceil(cpu_ms_a_second / 1000 / FULL))


if __name__ == "__main__":
    main()
