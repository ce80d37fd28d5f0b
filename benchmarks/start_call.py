"""What the portal adds to a start: time, CPU time, and what is left of the throughput.

One call after the other, then fifty at once. The subject is the portal with PostgreSQL (fsync on) and Redis, served twice:
by granian as a WSGI application, and by `portal.serving` as deploy/ has it. The peers are a Flask application of forty
lines that calls boto3 and keeps nothing, in the same granian, and boto3 alone. Each is one process; the portal commits three times
for a call, the peers never. Amazon Connect is localconnect over TLS, 50 ms away. All four take turns.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks._figures import Figure, report
from benchmarks._portal_site import prepared, start_request
from benchmarks._raw_boto3 import RawBoto3
from benchmarks._sides import Round, added, over_http, summed_up
from benchmarks._upstream import upstream
from benchmarks._wsgi import FLASK, PORTAL, flask_environment, served

ROUNDS = 5
ALONE = 20
TOGETHER, AT_ONCE = 200, 50

Caller = Callable[[int, int], Round]
"""Starts so many calls, so many at once."""


def main() -> None:
    """Measure, print, and remember."""
    alone: dict[str, list[Round]] = {}
    together: dict[str, list[Round]] = {}
    with _sides() as sides:
        for side in sides.values():
            side(AT_ONCE, AT_ONCE)  # connections are made, and modules imported
        for number in range(ROUNDS):
            for name in sorted(sides, reverse=bool(number % 2)):
                alone.setdefault(name, []).append(sides[name](ALONE, 1))
                together.setdefault(name, []).append(sides[name](TOGETHER, AT_ONCE))
    samples = {
        f"{name}-{kind}-{what}": [getattr(one, what) for one in rounds]
        for kind, found in (("alone", alone), ("together", together))
        for name, rounds in found.items()
        for what in ("rate", "cpu_ms")
    }
    report("start-call", _figures(alone, together), samples=samples)


def _figures(alone: dict[str, list[Round]], together: dict[str, list[Round]]) -> list[Figure]:
    figures = []
    for side in ("wsgi", "asgi"):
        figures += [
            added(f"start-added-p50-{side}", alone[side], alone["raw"], 0.5),
            added(f"start-added-p99-{side}", alone[side], alone["raw"], 0.99),
        ]
        for name, rounds in (("alone", alone), ("together", together)):
            cpu = {one: [each.cpu_ms for each in rounds[one]] for one in (side, "flask")}
            figures.append(
                summed_up(f"start-cpu-{name}-{side}", cpu[side], "ms", peer=cpu["flask"])
            )
        rate = {one: [each.rate for each in rounds] for one, rounds in together.items()}
        figures += [
            summed_up(f"start-rate-{side}", rate[side], "/s", peer=rate["flask"]),
            summed_up(f"start-rate-to-raw-{side}", rate[side], "/s", peer=rate["raw"]),
        ]
    return figures


@contextlib.contextmanager
def _sides() -> Iterator[dict[str, Caller]]:
    with upstream() as connect, prepared(connect) as portal:
        portal.start_web()
        with (
            served(PORTAL, portal.environment()) as wsgi,
            served(FLASK, flask_environment(portal)) as flask,
            RawBoto3(connect.caller) as raw,
        ):

            def http(url: str, pid: int, path: str, count: int, at_once: int) -> Round:
                wishes = [start_request(url, path) for _ in range(count)]
                return over_http(url, pid, wishes, at_once=at_once)

            api = "/api/v1/contacts/"
            yield {
                "asgi": partial(http, portal.url, portal.pid, api),
                "wsgi": partial(http, wsgi.url, wsgi.pid, api),
                "flask": partial(http, flask.url, flask.pid, "/start/"),
                "raw": lambda count, at_once: raw.start_calls(count, at_once=at_once),
            }


if __name__ == "__main__":
    main()
