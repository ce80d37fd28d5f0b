"""What media costs localconnect, and what it does to sound and picture: CPU, memory, latency, join, loss.

Two-party calls of 640x360 video at 1.5 Mbit/s each way and speech, by synthetic clients that send packets encoded once
and decode nothing: browsers would need the machine for themselves. The peer is stock aiortc, which transcodes; one call
through it takes turns with one through localconnect. What packets take through localconnect is compared with what they
take between the same clients without a server. All in one run and, but for the servers, in one process.
"""

from __future__ import annotations

import asyncio
import gc
import time
from statistics import median

import uvloop

from benchmarks import _media_browsers, _media_peer
from benchmarks._figures import Figure, quantile, report
from benchmarks._media_calls import Call, Subject, direct_call, sending
from benchmarks._media_packets import FPS, bitrate
from benchmarks._media_spread import spread
from benchmarks._processes import cpu_s, resident_kib
from benchmarks._subject import localconnect
from tests.servers import LocalConnect

ROUNDS = 4
"""Of one call; the first warms up and does not count."""

ROUND_S = 2.5
SETTLE_S = 0.75
CALLS_FOR_LATENCY, MANY_CALLS = 10, 12
WINDOW_S = 8.0
LOSS, LOSS_S = 0.05, 20.0

Samples = dict[str, list[float]]


def main() -> None:
    """Measure, print, and remember."""
    gc.disable()  # the clients' own pauses are nobody's latency
    uvloop.run(_measure())


async def _measure() -> None:
    samples: Samples = {}
    with localconnect() as server, _media_peer.running() as peer:
        subject = Subject(server)
        calls = [await subject.call()]
        resident = resident_kib(server.pid)
        figures = [Figure("media-video-bitrate", bitrate() / 1000, "kbit/s")]
        peer_call = await peer.call()
        figures += await _one_call(server, calls[0], peer.pid, peer_call, samples)
        await peer_call.close()
        calls += [await subject.call() for _ in range(CALLS_FOR_LATENCY - 1)]
        figures += await _latency(calls, samples)
        calls += [await subject.call() for _ in range(MANY_CALLS - CALLS_FOR_LATENCY)]
        figures += await _many_calls(server, calls, samples)
        grown = (resident_kib(server.pid) - resident) / 1024 / (MANY_CALLS - 1)
        figures.append(Figure("media-memory-per-call", grown, "MiB"))
        samples["join"] = [call.join_ms for call in calls]
        figures.append(Figure("media-join-p50", quantile(samples["join"], 0.5), "ms"))
        await asyncio.gather(*(call.close() for call in calls))
        figures += await _lossy(subject)
        figures += await _media_browsers.measured(subject, samples)
    figures += await spread(samples)
    report("media", figures, samples=samples)


async def _one_call(
    server: LocalConnect, call: Call, peer_pid: int, peer_call: Call, samples: Samples
) -> list[Figure]:
    """CPU time of one call, beside the peer's."""
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(ROUNDS):
        for pid, one, into in ((server.pid, call, ours), (peer_pid, peer_call, theirs)):
            with sending([one]):
                await asyncio.sleep(SETTLE_S)
                share = await _cpu_share(pid, ROUND_S)
            if number:
                into.append(share)
    samples["cpu-one-call"], samples["cpu-one-call-peer"] = ours, theirs
    ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
    return [Figure("media-cpu-one-call", median(ours), "%core", ratio)]


async def _cpu_share(pid: int, seconds: float) -> float:
    before, began = cpu_s(pid), time.monotonic()
    await asyncio.sleep(seconds)
    return 100 * (cpu_s(pid) - before) / (time.monotonic() - began)


async def _latency(calls: list[Call], samples: Samples) -> list[Figure]:
    """How much older packets are for having gone through the server, at so many calls."""
    direct = [await direct_call() for _ in calls]
    ages: dict[str, list[float]] = {"direct": [], "through": []}
    for _ in range(2):
        for name, some in (("direct", direct), ("through", calls)):
            with sending(some):
                await asyncio.sleep(SETTLE_S)
                _forget_ages(some)
                await asyncio.sleep(WINDOW_S / 2)
                ages[name] += [age for call in some for path in call.paths for age in path.ages_ms]
    await asyncio.gather(*(call.close() for call in direct))
    figures = []
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        through, without = (quantile(ages[key], share) for key in ("through", "direct"))
        samples[f"latency-{name}"] = [through, without]
        ratio = through / without
        figures.append(Figure(f"media-latency-added-{name}", through - without, "ms", ratio))
    return figures


def _forget_ages(calls: list[Call]) -> None:
    for call in calls:
        for path in call.paths:
            path.ages_ms.clear()


async def _many_calls(server: LocalConnect, calls: list[Call], samples: Samples) -> list[Figure]:
    """Whether many calls at a time keep moving, and what each of them costs then."""
    with sending(calls):
        await asyncio.sleep(SETTLE_S)
        since = asyncio.get_running_loop().time()
        share = await _cpu_share(server.pid, WINDOW_S)
        until = asyncio.get_running_loop().time()
    pictures = [path.picture for call in calls for path in call.paths]
    samples["frame-rates"] = [picture.rate(since, until) for picture in pictures]
    frozen = sum(picture.frozen_seconds(since, until) for picture in pictures)
    return [
        Figure("media-many-calls", len(calls), "calls"),
        Figure("media-many-calls-cpu-per-call", share / len(calls), "%core"),
        Figure("media-many-calls-frozen", frozen, "s"),
        Figure("media-many-calls-slowest", min(samples["frame-rates"]), "fps"),
    ]


async def _lossy(subject: Subject) -> list[Figure]:
    """One call of which packets are lost both ways at both ends."""
    call = await subject.call(loss=LOSS)
    with sending([call]):
        await asyncio.sleep(SETTLE_S)
        for path in call.paths:
            path.sound.forget()
        since = asyncio.get_running_loop().time()
        await asyncio.sleep(LOSS_S)
        until = asyncio.get_running_loop().time()
    await call.close()
    freezes = sum(path.picture.freezes(since, until) for path in call.paths)
    rate = min(path.picture.rate(since, until) for path in call.paths)
    return [
        Figure("media-loss-frames", rate, "fps", rate / FPS),
        Figure("media-loss-freezes", freezes / len(call.paths) / LOSS_S * 60, "/min"),
        Figure("media-loss-sound-gaps", 100 * max(p.sound.gaps() for p in call.paths), "%"),
    ]


if __name__ == "__main__":
    main()
