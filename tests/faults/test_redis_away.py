"""Redis is away, hangs or forgets: calls start as fast as ever, and pages learn from the database what Redis did not carry."""

from __future__ import annotations

import json
import os
import signal
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis as redis_client
from websockets.sync.client import connect as open_socket

from devtools import services
from tests.faults.portal_world import (
    CONVERGED_WITHIN_S,
    FOR_TESTS,
    LOADED_S,
    PortalWorld,
    wait_until,
)
from tests.fresh_database import fresh_database
from tests.servers import LocalConnect, Portal
from tests.tcp_proxy import TcpProxy

GROUP = "asgi__group__contacts.status"
WITHIN_S = CONVERGED_WITHIN_S + LOADED_S
HANGS_S = 20.0  # that whoever waited for Redis would have waited at least


class RedisWorld(PortalWorld):
    """Two portals on one database and one Redis, the second of which has a way of its own to Redis that can be blocked."""

    redis: services.Service
    proxy: TcpProxy
    other: Portal

    def subscribers(self) -> int:
        """How many processes listen to changes of contacts."""
        with redis_client.Redis.from_url(self.redis.url) as client:
            return int(client.pubsub_numsub(GROUP)[0][1])

    @contextmanager
    def page(self, contact_id: str, cookie: str) -> Iterator[None]:
        """Watch a contact as its customer's page does, at the first portal."""
        address = f"{self.portal.url.replace('http', 'ws')}/ws/contacts/{contact_id}/"
        headers = {"Cookie": cookie, "Origin": self.portal.url}
        with open_socket(address, additional_headers=headers) as socket:

            def read() -> None:
                for message in socket:
                    frame = json.loads(message)
                    if "version" in frame:
                        self.shown[contact_id.replace("-", "")] = frame["version"]

            reader = threading.Thread(target=read)
            reader.start()
            yield
            self.check()
            socket.close()
        reader.join()
        self.shown.clear()

    def shows_what_is(self, contact_id: str) -> bool:
        """Whether the page shows the contact as the database has it."""
        [row] = self.rows(f"SELECT version FROM contacts_contact WHERE id = '{contact_id}'")
        return self.shown.get(contact_id.replace("-", "")) == row["version"]

    def connect_id(self, contact_id: str) -> str:
        """The contact's id in Amazon Connect."""
        query = f"SELECT connect_contact_id FROM contacts_contact WHERE id = '{contact_id}'"
        return str(self.rows(query)[0]["connect_contact_id"])


@pytest.fixture(scope="module")
def world() -> Iterator[RedisWorld]:
    """Both portals, the first with a worker."""
    server = LocalConnect()
    with (
        services.redis() as own,
        TcpProxy(own.port).running() as proxy,
        fresh_database(os.environ["DATABASE_URL"]) as database,
    ):
        portal = Portal(
            connect_url=server.url, database_url=database, redis_url=own.url, extra_env=FOR_TESTS
        )
        by_proxy = {"REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"}
        other = Portal(connect_url=server.url, extra_env=portal.environment() | by_proxy)
        with server.running(), portal.running():
            other.start_web()
            made = RedisWorld(server, portal)
            made.redis, made.proxy, made.other = own, proxy, other
            made.prepare()
            yield made
            other.close()


def cookie_of(headers: object) -> str:
    """The customer's cookie of an answer."""
    fields = dict(headers)  # type: ignore[call-overload]
    return str(fields["Set-Cookie"]).partition(";")[0]


def test_f20_change_of_a_process_that_dies_before_it_tells_is_shown(world: RedisWorld) -> None:
    """Should be found in the database by the process that has the page."""
    call = world.start()
    contact_id = call.body["id"]
    with world.page(contact_id, cookie_of(call.headers)):
        wait_until(lambda: world.shows_what_is(contact_id))
        world.proxy.block()  # so that it certainly has not told yet when it dies
        told = world.tell(world.connect_id(contact_id), "QUEUED", portal=world.other)
        world.other.end_web(signal.SIGKILL)
        assert told.status == 200
        took = wait_until(lambda: world.shows_what_is(contact_id), within_s=WITHIN_S)
        report("f20_converged", took, "s")
    world.proxy.unblock()
    world.other.start_web()


def test_f22_redis_that_stops_and_comes_back_is_only_missed(world: RedisWorld) -> None:
    """Should start calls, show changes by the database, stay in service, and listen again by itself."""
    call = world.start()
    contact_id = call.body["id"]
    with world.page(contact_id, cookie_of(call.headers)):
        wait_until(lambda: world.subscribers() >= 1)
        world.redis.stop()

        during = world.start()
        assert during.status == 201
        status, parts = world.readiness()
        assert (status, parts["channel_layer"]) == (200, "unavailable")
        assert world.tell(world.connect_id(contact_id), "QUEUED").status == 200
        wait_until(lambda: world.shows_what_is(contact_id), within_s=WITHIN_S)

        world.redis.start()
        took = wait_until(lambda: world.subscribers() >= 1, within_s=30)
        report("f22_listens_again", took, "s")
        assert world.readiness() == (200, dict.fromkeys(parts, "ok"))
        world.tell(world.connect_id(contact_id), "CONNECTED_TO_AGENT", portal=world.other)
        wait_until(lambda: world.shows_what_is(contact_id), within_s=WITHIN_S)


def test_f22_redis_that_forgets_everything_is_not_noticed(world: RedisWorld) -> None:
    """Should lose counters at most."""
    call = world.start()
    contact_id = call.body["id"]
    with world.page(contact_id, cookie_of(call.headers)):
        with redis_client.Redis.from_url(world.redis.url) as client:
            client.flushall()
        world.tell(world.connect_id(contact_id), "QUEUED", portal=world.other)
        wait_until(lambda: world.shows_what_is(contact_id), within_s=WITHIN_S)
        assert world.start().status == 201


def test_f22_portal_starts_without_redis(world: RedisWorld) -> None:
    """Should serve calls, and be ready."""
    world.redis.stop()
    world.other.end_web(signal.SIGTERM)
    world.other.start_web()
    assert world.start(portal=world.other).status == 201
    world.redis.start()
    world.check()


def test_f23_redis_that_hangs_slows_nobody(world: RedisWorld) -> None:
    """Should answer as before: nobody who starts a call waits for Redis for longer than a moment."""

    def seconds() -> list[float]:
        replies = [world.start(portal=world.other) for _ in range(8)]
        assert {reply.status for reply in replies} == {201}
        return [reply.seconds for reply in replies]

    before = seconds()
    world.proxy.block()
    during = seconds()
    world.proxy.unblock()
    report("f23_start_before", statistics.median(before), "s")
    report("f23_start_during", statistics.median(during), "s")
    assert max(during) < HANGS_S
    assert statistics.median(during) < 3 * statistics.median(before) + 3
    world.check()


def report(name: str, value: float, unit: str) -> None:
    """Print a figure, for whoever runs the tests with -s."""
    os.write(1, f"{name} {value:.2f} {unit}\n".encode())
