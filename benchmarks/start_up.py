"""How long a process of the portal takes from its command to its first answer, and what memory it then holds.

The subject is `portal.serving` on a prepared PostgreSQL; the peer the Flask application of forty lines in granian, which calls the same
Amazon Connect and keeps nothing. Both take turns. Memory is that of all processes of a server, once it answers and after twenty calls were started.
"""

from __future__ import annotations

import time

from benchmarks._figures import report
from benchmarks._portal_site import prepared, start_request
from benchmarks._processes import resident_of_all_kib
from benchmarks._raw_http import send
from benchmarks._sides import summed_up
from benchmarks._upstream import upstream
from benchmarks._wsgi import FLASK, flask_environment, served

ROUNDS = 5
CALLS = 20


def main() -> None:
    """Measure, print, and remember."""
    samples: dict[str, list[float]] = {}

    def keep(side: str, began: float, url: str, pid: int, path: str) -> None:
        samples.setdefault(f"{side}-start", []).append(time.perf_counter() - began)
        samples.setdefault(f"{side}-idle", []).append(resident_of_all_kib(pid) / 1024)
        calls = [start_request(url, path) for _ in range(CALLS)]
        send(url, calls, connections=4, status=201)
        samples.setdefault(f"{side}-memory", []).append(resident_of_all_kib(pid) / 1024)

    with upstream() as connect, prepared(connect) as portal:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            portal.start_web()
            keep("portal", began, portal.url, portal.pid, "/api/v1/contacts/")
            portal.stop()
            began = time.perf_counter()
            with served(FLASK, flask_environment(portal)) as flask:
                keep("flask", began, flask.url, flask.pid, "/start/")
    figures = [
        summed_up(f"start-up-{what}", samples[f"portal-{key}"], unit, peer=samples[f"flask-{key}"])
        for what, key, unit in (
            ("first-answer", "start", "s"),
            ("memory-idle", "idle", "MiB"),
            ("memory", "memory", "MiB"),
        )
    ]
    report("start-up", figures, samples=samples)


if __name__ == "__main__":
    main()
