"""What an Amazon Connect that is slow or refuses costs the portal: everything else it serves, and what is left of the quota.

Slow: two seconds for each start, of which two hundred are wanted at once; meanwhile another client reads its contact twenty times a
second, as before. Refused: Amazon Connect's own default rate, a burst of five and two a second, of which ten times as much is wanted.
The peer is the quota. The portal is one process of `portal.serving`, on PostgreSQL and Redis.
"""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from benchmarks._figures import Figure, quantile, report
from benchmarks._portal_site import BEHIND_A_PROXY, prepared, start_request
from benchmarks._raw_http import send
from benchmarks._sides import summed_up
from benchmarks._upstream import AWAY_MS, Upstream, upstream
from tests.servers import Portal

ROUNDS = 5
SLOW_MS = 2000
WANTED_AT_ONCE = 200
READS, READ_RATE = 160, 20
RATE, BURST = 2, 5
"""Amazon Connect's own, for an account."""
OFFERED_RATE, OFFERED_S = 20, 20


def main() -> None:
    """Measure, print, and remember."""
    with upstream() as connect, prepared(connect) as portal:
        portal.start_web()
        reads, refused = _slow(connect, portal)
    limits = {"StartWebRTCContact": {"rate": RATE, "burst": BURST}}
    with (
        upstream() as connect,
        prepared(connect, CONNECT_RATES=f"StartWebRTCContact={RATE}:{BURST}") as portal,
    ):
        connect.ask("PATCH", "settings", {"rate_limits": limits})
        portal.start_web()
        accepted, refusals = _throttled(portal)
    quota = BURST + RATE * OFFERED_S
    figures = [
        _beside("slow-connect-others-p50", reads, 0.5),
        _beside("slow-connect-others-p99", reads, 0.99),
        Figure("slow-connect-others-refused", refused, "%"),
        Figure("throttled-goodput", accepted, "", accepted / quota),
        Figure("throttled-refusal-p50", quantile(refusals, 0.5), "ms"),
        Figure("throttled-refusal-p99", quantile(refusals, 0.99), "ms"),
    ]
    samples = {f"{name}-p99": [quantile(one, 0.99) for one in of] for name, of in reads.items()}
    report("limits", figures, samples=samples)


def _beside(name: str, reads: dict[str, list[list[float]]], share: float) -> Figure:
    during, before = ([quantile(one, share) for one in reads[key]] for key in ("during", "before"))
    return summed_up(name, during, "ms", peer=before)


def _slow(connect: Upstream, portal: Portal) -> tuple[dict[str, list[list[float]]], float]:
    """Return how long reading took in each round, before the starts and during them, and how many of a hundred were refused."""
    customer = {"X-Customer-Key": secrets.token_urlsafe(32)}
    start = start_request(portal.url, **customer)
    _, [body] = send(portal.url, [start], connections=1, status=201)
    path = f"/api/v1/contacts/{json.loads(body)['id']}/"
    reads: dict[str, list[list[float]]] = {"before": [], "during": []}
    refused = 0

    def read() -> list[float]:
        nonlocal refused
        began = time.monotonic()

        def at(number: int) -> tuple[int, float, float]:
            time.sleep(max(0.0, began + number / READ_RATE - time.monotonic()))
            return _asked(portal, "GET", path, {**BEHIND_A_PROXY, **customer})

        # A slow answer does not keep the next read waiting.
        with ThreadPoolExecutor(READ_RATE) as threads:
            answers = list(threads.map(at, range(READS)))
        refused += sum(status == 503 for status, *_ in answers)
        assert {status for status, *_ in answers} <= {200, 503}
        return [took for _, took, _ in answers]

    for _ in range(ROUNDS):
        reads["before"].append(read())
        connect.delay("StartWebRTCContact", SLOW_MS)
        with _starting(portal):
            reads["during"].append(read())
        connect.delay("*", AWAY_MS)
    return reads, 100 * refused / (ROUNDS * READS)


@contextmanager
def _starting(portal: Portal) -> Iterator[None]:
    """Want many calls at once, and more as soon as some are answered or refused, until the block ends."""
    ended = threading.Event()

    def want() -> None:
        while not ended.is_set():
            _, _, again_after_s = _start(portal)
            ended.wait(again_after_s)

    with ThreadPoolExecutor(WANTED_AT_ONCE) as threads:
        for _ in range(WANTED_AT_ONCE):
            threads.submit(want)
        try:
            yield
        finally:
            ended.set()


def _throttled(portal: Portal) -> tuple[int, list[float]]:
    """Want calls at a pace. Returns how many were started, and how long each refusal took."""
    for _ in range(BURST + 1):
        _start(portal)  # connections and modules; then the bucket fills again
    time.sleep(BURST / RATE)
    began = time.monotonic()

    def at(number: int) -> tuple[int, float, float]:
        time.sleep(max(0.0, began + number / OFFERED_RATE - time.monotonic()))
        return _start(portal)

    with ThreadPoolExecutor(OFFERED_RATE * 2) as threads:
        answers = list(threads.map(at, range(OFFERED_RATE * OFFERED_S)))
    accepted = sum(status == 201 for status, *_ in answers)
    refusals = [took for status, took, _ in answers if status == 503]
    assert accepted + len(refusals) == len(answers), {status for status, *_ in answers}
    return accepted, refusals


def _start(portal: Portal) -> tuple[int, float, float]:
    """Start a call. Returns the status, how long the answer took in milliseconds, and after how many seconds to come again."""
    head, _, body = start_request(portal.url).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    return _asked(
        portal, "POST", "/api/v1/contacts/", dict(line.split(": ", 1) for line in lines), body
    )


def _asked(
    portal: Portal, method: str, path: str, headers: dict[str, str], body: bytes | None = None
) -> tuple[int, float, float]:
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=60)
    began = time.perf_counter()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    took = 1000 * (time.perf_counter() - began)
    connection.close()
    return answer.status, took, float(answer.headers["Retry-After"] or 0)


if __name__ == "__main__":
    main()
