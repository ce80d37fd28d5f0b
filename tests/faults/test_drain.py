"""A portal that is told to end, as by a deploy: it takes nothing new, answers what it has, and sends its sockets elsewhere."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.both_servers import both_servers
from tests.contacts_world import control, upstream_contacts
from tests.realtime.test_whole_call import post, watching
from tests.servers import LocalConnect, Portal

WITHIN_S = 30
NOTICE_S = 2
SOCKETS = 100
START = {"entry_point": "demo", "name": "Ana"}


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[LocalConnect, Portal]]:
    env = {"DRAIN_NOTICE_S": str(NOTICE_S), "CALL_START_RATE": "1000/min"}
    with both_servers(env) as (connect_server, portal):
        control(connect_server, "PATCH", "/_local/settings", {"flow_waits_for_media": False})
        yield connect_server, portal


@pytest.fixture(autouse=True)
def running(servers: tuple[LocalConnect, Portal]) -> Iterator[None]:
    """The web process is up before each test, whatever the one before did to it."""
    _, portal = servers
    if not portal.processes[0].is_running or portal.processes[0].name != "portal":
        portal.start_web()
    yield
    until(lambda: not portal.processes[0].is_running)
    portal.processes.pop(0)


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def status_of(url: str) -> int:
    """Return the status of the answer, or 0 if nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_request_under_way_is_answered_and_nothing_new_is_sent_here(
    servers: tuple[LocalConnect, Portal],
) -> None:
    """Should go red first, then take no connection, answer the call that is being started, and end."""
    connect_server, portal = servers
    before = len(upstream_contacts(connect_server))
    slow = {"operation": "StartWebRTCContact", "delay_ms": 1000 * (NOTICE_S + 1), "times": 1}
    control(connect_server, "POST", "/_local/faults", slow)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(post, f"{portal.url}/api/v1/contacts/", START)
        until(lambda: not control(connect_server, "GET", "/_local/state")["faults"])

        os.kill(portal.pid, signal.SIGTERM)

        until(lambda: status_of(f"{portal.url}/readyz") == 503)
        assert status_of(f"{portal.url}/healthz") == 200
        until(lambda: status_of(f"{portal.url}/healthz") == 0)
        answer, _ = asking.result()
    assert answer["connection"]["Attendee"]["JoinToken"]
    assert len(upstream_contacts(connect_server)) == before + 1


async def test_sockets_are_sent_away_and_come_back_to_the_right_state(
    servers: tuple[LocalConnect, Portal],
) -> None:
    """Should close all with 1012; the next process, whom they storm, should know what changed meanwhile."""
    connect_server, portal = servers
    others = {one["id"] for one in upstream_contacts(connect_server)}
    call, cookie = await asyncio.to_thread(post, f"{portal.url}/api/v1/contacts/", START)
    sockets = await asyncio.gather(
        *(watching(portal, call["id"], cookie).__aenter__() for _ in range(SOCKETS))
    )
    for socket in sockets:
        assert json.loads(await socket.recv())["contact"]["id"] == call["id"]

    os.kill(portal.pid, signal.SIGTERM)
    codes = set(await asyncio.gather(*(_close_code(socket) for socket in sockets)))
    assert codes == {1012}

    [upstream] = [one for one in upstream_contacts(connect_server) if one["id"] not in others]
    assert upstream["state"] != "ended"  # a deploy is no customer who left
    await asyncio.to_thread(until, lambda: not portal.processes[0].is_running)
    portal.processes.pop(0)
    started = asyncio.create_task(asyncio.to_thread(portal.start_web))
    versions = await asyncio.gather(
        *(_first_version(portal, call["id"], cookie) for _ in range(SOCKETS))
    )
    await started
    assert len(set(versions)) == 1
    os.kill(portal.pid, signal.SIGTERM)


async def _close_code(socket: Any) -> int:
    async with asyncio.timeout(WITHIN_S):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            return int(closed.rcvd.code) if closed.rcvd else 0


async def _first_version(portal: Portal, contact_id: str, cookie: str) -> int:
    async with asyncio.timeout(WITHIN_S):
        while True:
            try:
                async with watching(portal, contact_id, cookie) as socket:
                    version: int = json.loads(await socket.recv())["version"]
                    return version
            except (OSError, InvalidHandshake, ConnectionClosed):
                await asyncio.sleep(0.2)
