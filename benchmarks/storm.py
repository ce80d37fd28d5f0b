"""Two thousand status sockets that are all lost at once and come back within ten seconds, as after a deploy.

The portal is one process of `portal.serving` on PostgreSQL and Redis; each socket shows a contact of its own. Looked at is how long each waits
from its handshake to its first snapshot, and what the database is asked meanwhile; then how fast they open if they come as fast as they can.
There is no peer: stock Channels beside it is measured by `bench domain`.
"""

from __future__ import annotations

import os

from benchmarks._figures import quantile, report
from benchmarks._portal_site import IN_PRODUCTION
from benchmarks._processes import cpu_of_all_s
from benchmarks._sides import summed_up
from benchmarks._status_sockets import StatusSockets
from devtools.services import postgresql, redis
from tests.servers import Portal

SOCKETS = 2000
BACK_WITHIN_S = 10.0
ROUNDS = 5
COUNTING = ("-c", "shared_preload_libraries=pg_stat_statements")


def main() -> None:
    """Measure, print, and remember."""
    samples: dict[str, list[float]] = {}

    def keep(name: str, value: float) -> None:
        samples.setdefault(name, []).append(value)

    with postgresql(*COUNTING) as database, redis() as layer:
        portal = Portal(
            connect_url="http://127.0.0.1:9",
            database_url=database.url,
            redis_url=layer.url,
            extra_env=IN_PRODUCTION,
        )
        os.environ.update(portal.environment() | {"DJANGO_SETTINGS_MODULE": "portal.settings"})
        import django

        django.setup()
        try:
            portal.prepare()
            portal.start_web()
            from benchmarks._domain_changes import OurChanges

            ours = OurChanges(SOCKETS)
            queries = _Queries()
            with StatusSockets() as sockets:
                sockets.open(portal.url, ours.paths, ours.cookie)
                for _ in range(ROUNDS):
                    asked, cpu = queries.count(), cpu_of_all_s(portal.pid)
                    times = sockets.come_back(
                        portal.url, ours.paths, ours.cookie, over_s=BACK_WITHIN_S
                    )
                    keep("cpu", 1000 * (cpu_of_all_s(portal.pid) - cpu) / SOCKETS)
                    keep("queries", (queries.count() - asked) / SOCKETS)
                    keep("p50", 1000 * quantile(times, 0.5))
                    keep("p99", 1000 * quantile(times, 0.99))
                took_s = sockets.open(portal.url, ours.paths, ours.cookie)
                keep("rate", SOCKETS / took_s)
        finally:
            portal.close()
    figures = [
        summed_up("storm-first-snapshot-p50", samples["p50"], "ms"),
        summed_up("storm-first-snapshot-p99", samples["p99"], "ms"),
        summed_up("storm-cpu", samples["cpu"], "ms"),
        summed_up("storm-queries-per-socket", samples["queries"], ""),
        summed_up("storm-sockets-opened", samples["rate"], "/s"),
    ]
    report("storm", figures, samples=samples)


class _Queries:
    """What the database has been asked so far, by whomever, without what keeps connections and transactions."""

    def __init__(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION pg_stat_statements")

    def count(self) -> int:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(calls) FROM pg_stat_statements WHERE query ~* '^(select|insert|update|delete)'"
            )
            return int(cursor.fetchone()[0] or 0)


if __name__ == "__main__":
    main()
