"""Waiting through the real processes: places that are pushed, and customers who go away or come back."""

from __future__ import annotations

import asyncio
import json
import signal
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.both_servers import both_servers
from tests.contacts_world import control, upstream_contacts
from tests.realtime.test_whole_call import post, until, watching
from tests.servers import LocalConnect, Portal

STOPPED_WITHIN_S = 15
GRACE_S = 10  # ABANDONED_AFTER_S as shipped


@pytest.fixture
def servers() -> Iterator[tuple[LocalConnect, Portal]]:
    """The embedded Connect and the portal with its worker."""
    with both_servers() as (connect_server, portal):
        control(connect_server, "PATCH", "/_local/settings", {"flow_waits_for_media": False})
        yield connect_server, portal


async def call(portal: Portal, **headers: str) -> tuple[str, str]:
    """Start a call; return its id and the customer's cookie."""
    start = {"entry_point": "demo", "name": "Ana"}
    answer, cookie = await asyncio.to_thread(
        post, f"{portal.url}/api/v1/contacts/", start, headers=headers
    )
    return answer["id"], cookie


async def wait_for_place(socket: Any, position: int) -> float:
    """Read frames until the contact is told its place. Returns the estimate that came with it."""
    async with asyncio.timeout(STOPPED_WITHIN_S):
        while True:
            queue = json.loads(await socket.recv()).get("contact", {}).get("queue")
            if queue is not None and queue["position"] == position:
                estimate: float = queue["estimated_wait_s"]
                return estimate


def state_of(portal: Portal, contact_id: str, cookie: str) -> tuple[str, str | None]:
    """Ask for the state and the end reason, as a client without a page would."""
    request = urllib.request.Request(
        f"{portal.url}/api/v1/contacts/{contact_id}/", headers={"Cookie": cookie}
    )
    with urllib.request.urlopen(request, timeout=20) as reply:
        contact = json.load(reply)
    return contact["state"], contact["end_reason"]


def waiting(connect_server: LocalConnect) -> int:
    """How many contacts the embedded Connect has that are not over."""
    return sum(one["state"].lower() != "ended" for one in upstream_contacts(connect_server))


async def wait_until_stopped(connect_server: LocalConnect, left: int, within_s: float) -> None:
    """Wait until Amazon Connect has `left` contacts."""
    async with asyncio.timeout(within_s):
        while await asyncio.to_thread(waiting, connect_server) > left:  # noqa: ASYNC110 (another process's)
            await asyncio.sleep(0.5)


async def test_waiting_customers_are_told_their_places_and_leave_no_ghosts(
    servers: tuple[LocalConnect, Portal],
) -> None:
    """Should push places; stop whoever left, moving up the next; keep who reloads and who never had a page."""
    connect_server, portal = servers
    first, first_cookie = await call(portal)
    second, second_cookie = await call(portal)
    partners, partners_cookie = await call(portal)
    first_socket = await watching(portal, first, first_cookie)
    async with watching(portal, second, second_cookie) as socket:
        assert await wait_for_place(first_socket, 1) < await wait_for_place(socket, 2)
    # The second customer's page is loaded anew while the first one's tab is closed for good.
    await first_socket.close()
    await asyncio.sleep(2)
    async with watching(portal, second, second_cookie) as socket:
        closed_at = time.monotonic() - 2
        await wait_until_stopped(connect_server, 2, STOPPED_WITHIN_S)
        assert time.monotonic() - closed_at >= GRACE_S
        await wait_for_place(socket, 1)
        assert state_of(portal, first, first_cookie) == ("ended", "abandoned")
        assert state_of(portal, second, second_cookie) == ("queued", None)
        assert state_of(portal, partners, partners_cookie) == ("queued", None)


async def test_call_of_a_page_that_never_came_for_it_is_stopped(
    servers: tuple[LocalConnect, Portal],
) -> None:
    """Should end what a page asked for if the page was closed before the answer reached it."""
    connect_server, portal = servers
    contact_id, cookie = await call(portal, **{"Sec-Fetch-Site": "same-origin"})

    await wait_until_stopped(connect_server, 0, STOPPED_WITHIN_S)

    assert state_of(portal, contact_id, cookie) == ("ended", "abandoned")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_restart_of_the_portal_ends_nobodys_waiting(
    servers: tuple[LocalConnect, Portal], how: signal.Signals
) -> None:
    """Should give pages the time to find the portal again, however it went down and for however long."""
    connect_server, portal = servers
    contact_id, cookie = await call(portal)
    async with watching(portal, contact_id, cookie) as socket:
        await until(socket, state="queued")
        await asyncio.to_thread(portal.end_web, how)
        await asyncio.sleep(GRACE_S + 4)
    await asyncio.to_thread(portal.start_web)
    async with watching(portal, contact_id, cookie) as socket:
        await until(socket, state="queued")
    assert waiting(connect_server) == 1


async def test_customer_who_left_before_the_web_process_died_is_stopped(
    servers: tuple[LocalConnect, Portal],
) -> None:
    """Should need no web process: the worker knows from the database."""
    connect_server, portal = servers
    contact_id, cookie = await call(portal)
    async with watching(portal, contact_id, cookie) as socket:
        await until(socket, state="queued")
    await asyncio.sleep(1.5)
    await asyncio.to_thread(portal.end_web, signal.SIGKILL)

    await wait_until_stopped(connect_server, 0, STOPPED_WITHIN_S)
