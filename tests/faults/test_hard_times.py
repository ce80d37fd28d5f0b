"""A disk that is full, and clients that never end what they began: the portal says what it cannot do, and goes on with the rest."""

from __future__ import annotations

import resource
import select
import socket
import statistics
import time
import urllib.request
from collections.abc import Iterator

import pytest

from tests.faults.portal_world import FOR_TESTS, PortalWorld, wait_until
from tests.servers import LocalConnect, Portal

SLOW = 300
WHOLE_WITHIN_S = 10  # of portal/serving/requests.py
HEAD = b"POST /api/v1/contacts/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def world() -> Iterator[PortalWorld]:
    """A portal on a file of SQLite."""
    server = LocalConnect()
    portal = Portal(connect_url=server.url, extra_env=FOR_TESTS)
    with (
        server.running(events_url=portal.events_url, events_key=portal.events_key),
        portal.running(),
    ):
        made = PortalWorld(server, portal)
        made.prepare()
        yield made


def test_f27_full_disk_is_told_of_and_no_call_begun_without_a_record(world: PortalWorld) -> None:
    """Should answer 503, be unready, ask nothing of Amazon Connect, and go on by itself once there is room."""
    assert world.start().status == 201
    begun = len(world.upstream_states())
    # No file may grow: what a process meets on a full disk, and needs no disk of its own.
    none_grows = (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
    usual = resource.prlimit(world.portal.pid, resource.RLIMIT_FSIZE, none_grows)
    try:
        reply = world.start("while it is full")
        assert (reply.status, reply.body["code"]) == (503, "unavailable")
        wait_until(lambda: world.readiness()[0] == 503)
        assert world.readiness()[1]["database"] == "unavailable"
        assert world.ask("GET", "/healthz").status == 200
        assert len(world.upstream_states()) == begun
    finally:
        resource.prlimit(world.portal.pid, resource.RLIMIT_FSIZE, usual)
    assert world.start("while it is full").status == 201
    assert world.readiness()[0] == 200
    world.check()


def open_slow(port: int, number: int) -> socket.socket:
    """Begin a request that is never ended: nothing of it, half of its head, or half of its body."""
    link = socket.create_connection(("127.0.0.1", port))
    whole_head = HEAD + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    link.sendall((b"", HEAD, whole_head)[number % 3])
    link.setblocking(False)
    return link


def closed_of(links: list[socket.socket]) -> list[socket.socket]:
    """Return those that the portal has closed."""
    readable, _, _ = select.select(links, [], [], 0)
    return [link for link in readable if _is_at_end(link)]


def _is_at_end(link: socket.socket) -> bool:
    try:
        return not link.recv(65536)
    except ConnectionError:
        return True
    except BlockingIOError:
        return False


def seconds_of_a_request(world: PortalWorld) -> float:
    """Make a request as browsers do, and return how long it took."""
    began = time.monotonic()
    with urllib.request.urlopen(f"{world.portal.url}/healthz", timeout=20) as answer:
        assert answer.status == 200
    return time.monotonic() - began


def trickle(links: list[socket.socket]) -> None:
    """Send one more byte of each head and body."""
    for link in links:
        try:
            link.send(b"x")
        except OSError:
            continue


def test_f33_requests_that_never_end_are_cut_off_and_hold_up_nobody(world: PortalWorld) -> None:
    """Should serve everybody else meanwhile, and close each some seconds after its first byte, however it trickles."""
    before = statistics.median(seconds_of_a_request(world) for _ in range(20))
    links = [open_slow(world.portal.port, number) for number in range(SLOW)]
    opened_at = time.monotonic()
    meanwhile = []
    trickling = [link for number, link in enumerate(links) if number % 3]
    while links:
        assert time.monotonic() - opened_at < 120
        for link in closed_of(links):
            links.remove(link)
            link.close()
        trickle([link for link in trickling if link.fileno() != -1])
        meanwhile.append(seconds_of_a_request(world))
        time.sleep(0.2)
    assert time.monotonic() - opened_at >= WHOLE_WITHIN_S / 2
    assert statistics.median(meanwhile) < max(10 * before, 5)
    assert world.start().status == 201
    world.check()
