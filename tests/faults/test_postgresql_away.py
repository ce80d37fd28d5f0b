"""PostgreSQL restarts, or has no connection left: 503 for seconds, nobody restarts the portal, and no accepted call is lost."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from devtools import services
from tests.contacts_world import control
from tests.faults.invariants import TASKS, Reply, Row
from tests.faults.portal_world import FOR_TESTS, PortalWorld, wait_until
from tests.servers import LocalConnect, Portal

CONNECTIONS = 20
AWAY_S = 2.0
BACK_WITHIN_S = 60.0


class DatabaseWorld(PortalWorld):
    """A portal on a PostgreSQL of its own."""

    database: services.Service

    def settled(self, key: str) -> Reply:
        """Repeat a request until it is answered for good, as a page does."""

        def answer() -> bool:
            return self.start(key).status not in (0, 409, 503)

        wait_until(answer, within_s=BACK_WITHIN_S)
        return self.replies[-1]

    def rows(self, query: str) -> list[Row]:
        """What is committed, read as soon as the portal leaves a connection for it."""
        until = time.monotonic() + BACK_WITHIN_S
        while True:
            try:
                return super().rows(query)
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def worker_works(self) -> bool:
        """Whether the worker still runs, and does what is left to it."""
        worker = next(one for one in self.portal.processes if one.name == "worker")
        query = (
            f"SELECT count(*) AS n FROM {TASKS}"
            " WHERE status = 'READY' AND run_after < now() - interval '5 seconds'"
        )
        return worker.is_running and not self.rows(query)[0]["n"]


@pytest.fixture(scope="module")
def world() -> Iterator[DatabaseWorld]:
    server = LocalConnect()
    with services.postgresql("-c", f"max_connections={CONNECTIONS}") as own:
        portal = Portal(connect_url=server.url, database_url=own.url, extra_env=FOR_TESTS)
        with (
            server.running(events_url=portal.events_url, events_key=portal.events_key),
            portal.running(),
        ):
            made = DatabaseWorld(server, portal)
            made.database = own
            made.prepare()
            yield made


@contextmanager
def traffic(world: DatabaseWorld) -> Iterator[list[str]]:
    """Have four customers start calls all the time. Yields the keys they used."""
    keys: list[str] = []
    is_over = threading.Event()

    def call() -> None:
        while not is_over.is_set():
            keys.append(str(uuid.uuid4()))
            world.start(keys[-1])
            time.sleep(0.1)

    customers = [threading.Thread(target=call) for _ in range(4)]
    for customer in customers:
        customer.start()
    yield keys
    is_over.set()
    for customer in customers:
        customer.join()


def test_f24_restart_in_traffic_is_survived(world: DatabaseWorld) -> None:
    """Should refuse for seconds, go on by itself, and give every customer who asks again one call."""
    assert world.start().status == 201
    with traffic(world) as keys:
        time.sleep(1)
        world.database.stop()
        time.sleep(AWAY_S)
        world.database.start()
        wait_until(lambda: world.start().status == 201, within_s=BACK_WITHIN_S)
        time.sleep(1)
    assert {reply.status for reply in world.replies} <= {201, 409, 502, 503}
    accepted = sum(reply.status == 201 for reply in world.replies)
    known = world.rows("SELECT count(*) AS n FROM contacts_contact WHERE state <> 'failed'")
    assert known[0]["n"] >= accepted
    for key in keys:
        assert world.settled(key).status in (201, 502)
    wait_until(world.worker_works)
    world.check()


def test_f24_restart_while_connect_is_asked_loses_no_call(world: DatabaseWorld) -> None:
    """Should write down what was begun once it can, and give it to the customer who waits."""
    fault = {"operation": "StartWebRTCContact", "delay_ms": 2000, "times": 1}
    control(world.server, "POST", "/_local/faults", fault)
    key = str(uuid.uuid4())
    asking = threading.Thread(target=world.start, args=(key,))
    asking.start()
    wait_until(lambda: not control(world.server, "GET", "/_local/state")["faults"])
    world.database.stop()
    time.sleep(AWAY_S)  # the answer comes meanwhile
    world.database.start()
    asking.join()
    # A machine under load may need longer to start a database than anybody waits; then the page asks again.
    assert world.settled(key).status == 201
    world.check()


def test_f25_call_without_a_connection_left_is_refused(world: DatabaseWorld) -> None:
    """Should say so within seconds, and go on when there are connections again."""
    with ExitStack() as hogs:
        first = hogs.enter_context(psycopg.connect(world.database.url, autocommit=True))

        def take_all() -> bool:
            """Take each connection that the portal gives up, and make it give up the rest."""
            first.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND application_name <> 'hog'"
                " AND pid <> pg_backend_pid()"
            )
            try:
                while True:
                    hogs.enter_context(psycopg.connect(world.database.url, application_name="hog"))
            except psycopg.OperationalError:
                return world.start().status == 503

        wait_until(take_all)
        refusal = world.replies[-1]
        assert refusal.body["code"] == "unavailable"
        assert world.ask("GET", "/healthz").status == 200
        assert world.readiness()[0] == 503
    wait_until(lambda: world.start().status == 201, within_s=BACK_WITHIN_S)
    wait_until(world.worker_works)
    world.check()
