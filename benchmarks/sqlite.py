"""Starts on SQLite, as `dev.py run` has them: sixteen at once, with the worker beside them.

The peer is the same portal on PostgreSQL (fsync on), and both take turns. Amazon Connect is localconnect over TLS, 50 ms away. A start that
is not answered 201 ends the run: there may be none.
"""

from __future__ import annotations

from benchmarks._figures import Figure, quantile, report
from benchmarks._portal_site import IN_PRODUCTION, prepared, start_request
from benchmarks._sides import over_http, summed_up
from benchmarks._upstream import upstream
from tests.servers import Portal

ROUNDS = 5
AT_ONCE = 16
CALLS = 96


def main() -> None:
    """Measure, print, and remember."""
    times: dict[str, list[list[float]]] = {"sqlite": [], "postgresql": []}
    with upstream() as connect, prepared(connect) as on_postgresql:
        settings = {**IN_PRODUCTION, **connect.environment}
        on_sqlite = Portal(connect_url=connect.server.url, extra_env=settings)
        portals = {"sqlite": on_sqlite, "postgresql": on_postgresql}
        try:
            on_sqlite.prepare()
            for portal in portals.values():
                portal.start()
            for number in range(ROUNDS + 1):
                for name, portal in portals.items():
                    starts = [start_request(portal.url) for _ in range(CALLS)]
                    found = over_http(portal.url, portal.pid, starts, at_once=AT_ONCE)
                    if number:  # the first makes connections and imports modules
                        times[name].append(found.times_ms)
        finally:
            on_sqlite.close()
    samples = {
        f"{name}-p{round(100 * share)}": [quantile(one, share) for one in of]
        for name, of in times.items()
        for share in (0.5, 0.99)
    }
    figures = [
        summed_up(
            f"sqlite-start-{p}", samples[f"sqlite-{p}"], "ms", peer=samples[f"postgresql-{p}"]
        )
        for p in ("p50", "p99")
    ]
    worst = max(max(one) for one in times["sqlite"])
    report("sqlite", [*figures, Figure("sqlite-start-worst", worst, "ms")], samples=samples)


if __name__ == "__main__":
    main()
