"""Calls spread over processes of media (`--media-processes`), beside the same calls in the server's own process.

The number of calls grows step by step until somebody's picture stands still for a second, the server cannot keep up,
or the clients cannot: they are one process, so on two cores they and two processes of media want three.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from dataclasses import dataclass, field

from benchmarks._figures import Figure
from benchmarks._media_calls import Call, Subject, sending
from benchmarks._processes import cpu_s
from benchmarks._subject import localconnect
from tests.servers import LocalConnect

PROCESSES = 2
STEPS = (12, 24, 48, 96)
"""Calls at a time. At the first, the cost is compared."""

ATTEMPTS = 2
"""A machine that others use stumbles now and then; calls that are too many stumble always."""

SETTLE_S, WINDOW_S = 1.5, 5.0


@dataclass
class _Held:
    """What a server held."""

    most: int = 0
    cpu_per_call: float = 0.0
    """Percent of a core, all processes together, at the first step."""
    busiest: float = 0.0
    """Percent of a core, the busiest process, at the first step."""
    samples: list[float] = field(default_factory=list)
    """Seconds frozen at each step."""


async def spread(samples: dict[str, list[float]]) -> list[Figure]:
    """The cost of a call and the most calls held, with and without processes of media."""
    alone = await _grow(0)
    spread_out = await _grow(PROCESSES)
    samples["spread-frozen-0"], samples[f"spread-frozen-{PROCESSES}"] = (
        alone.samples,
        spread_out.samples,
    )
    return [
        Figure("media-spread-cpu-per-call", *_with_ratio(spread_out, alone, "cpu_per_call")),
        Figure("media-spread-busiest-process", *_with_ratio(spread_out, alone, "busiest")),
        Figure("media-spread-calls-alone", alone.most, "calls"),
        Figure("media-spread-calls", spread_out.most, "calls"),
    ]


def _with_ratio(ours: _Held, peer: _Held, name: str) -> tuple[float, str, float]:
    value, other = getattr(ours, name), getattr(peer, name)
    return value, "%core", value / other


async def _grow(processes: int) -> _Held:
    """Add calls while all of them keep moving."""
    held = _Held()
    with localconnect("--media-processes", str(processes)) as server:
        subject = Subject(server)
        calls: list[Call] = []
        for count in STEPS:
            calls += [await subject.call() for _ in range(count - len(calls))]
            pids = [server.pid, *_media_pids(server)]
            for _ in range(ATTEMPTS):
                frozen, shares = await _watch(calls, pids)
                held.samples.append(frozen)
                if not frozen:
                    break
            if not held.most:
                held.cpu_per_call, held.busiest = sum(shares) / len(calls), max(shares)
            if frozen:
                break
            held.most = len(calls)
        await asyncio.gather(*(call.close() for call in calls))
    return held


async def _watch(calls: list[Call], pids: list[int]) -> tuple[float, list[float]]:
    """Seconds in which some client completed no frame, and what each process took of a core."""
    loop = asyncio.get_running_loop()
    with sending(calls):
        await asyncio.sleep(SETTLE_S)
        since, began, before = loop.time(), time.monotonic(), [cpu_s(pid) for pid in pids]
        await asyncio.sleep(WINDOW_S)
        until, took = loop.time(), time.monotonic() - began
        shares = [100 * (cpu_s(pid) - was) / took for pid, was in zip(pids, before, strict=True)]
    pictures = [path.picture for call in calls for path in call.paths]
    return sum(picture.frozen_seconds(since, until) for picture in pictures), shares


def _media_pids(server: LocalConnect) -> list[int]:
    with urllib.request.urlopen(f"{server.url}/_local/state", timeout=10) as reply:
        return [process["pid"] for process in json.load(reply)["media_processes"]]
