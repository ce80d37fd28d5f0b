"""Whether one can call, pushed to browsers: through the real processes, and what the socket tells to whom."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator

import pytest
import websockets

from contacts import hubs
from contacts.availability_push import AVAILABILITY
from contacts.hubs import hub_of
from contacts.models import Availability, EntryPoint
from contacts.operations.availabilities import publish_changes
from portal.asgi import application
from tests.both_servers import both_servers
from tests.contacts_world import after, control
from tests.entry_points import save_entry_point
from tests.servers import Portal

pytestmark = pytest.mark.django_db(transaction=True)

HOST = b"portal.example:8000"
ORIGIN = b"http://portal.example:8000"
PUSHED_WITHIN_S = 30  # on a loaded machine; the figures are asked for once a second


async def wait_for_state(socket: Any, state: str, within_s: float = PUSHED_WITHIN_S) -> Any:
    """Read frames until the entry point is in that state; versions only grow."""
    version = 0
    async with asyncio.timeout(within_s):
        while True:
            frame = json.loads(await socket.recv())
            if frame["type"] == "heartbeat":
                continue
            assert frame["version"] > version
            version = frame["version"]
            if frame["availability"]["state"] == state:
                return frame["availability"]


async def open_socket(portal: Portal, slug: str = "demo") -> Any:
    """Watch an entry point as its page does."""
    address = portal.url.replace("http", "ws", 1)
    return await websockets.connect(f"{address}/ws/entry-points/{slug}/", origin=portal.url)


CLOSE_TODAY = """
from datetime import timedelta
from django.utils import timezone
from contacts.models import EntryPoint, HoursOverride
for days in (-1, 0, 1):
    HoursOverride.objects.create(
        entry_point=EntryPoint.objects.get(slug="support"),
        date=timezone.now().date() + timedelta(days=days),
        reason="Inventory",
    )
"""


async def test_page_is_told_of_a_day_that_staff_close() -> None:
    """Should close the open page, and open it again when the day is as usual after all."""
    with both_servers() as (_, portal):
        save_entry_point(portal, "support", ignores_hours=True)
        async with await open_socket(portal, "support") as socket:
            await wait_for_state(socket, "open")
            await asyncio.to_thread(portal.manage, "shell", "-c", CLOSE_TODAY)
            closed = await wait_for_state(socket, "holiday")
            assert closed["holiday_name"] == "Inventory"
            assert closed["opens_at"]
            again = (
                "from contacts.models import HoursOverride; HoursOverride.objects.all().delete()"
            )
            await asyncio.to_thread(portal.manage, "shell", "-c", again)
            await wait_for_state(socket, "open")


async def test_page_becomes_ready_when_an_agent_logs_in() -> None:
    """Should tell whoever watches that nobody is there, then that somebody is, then that they have gone."""
    with both_servers() as (connect_server, portal):
        save_entry_point(portal, "support")
        async with await open_socket(portal, "support") as socket:
            await wait_for_state(socket, "unavailable")

            agent = control(connect_server, "POST", "/_local/agents", {"name": "Robin"})
            told = await wait_for_state(socket, "open")
            assert told["agents_online"] == 1
            assert told["time_zone"] == "UTC"
            assert told["closes_at"] is None

            control(connect_server, "POST", f"/_local/agents/{agent['id']}/remove")
            await wait_for_state(socket, "unavailable")


async def test_socket_tells_everybody_of_one_site(entry_point: EntryPoint) -> None:
    """Should send what is known at once, then each change; take no messages; and let no foreign page in."""
    address = f"/ws/entry-points/{entry_point.slug}/"
    headers = [(b"host", HOST), (b"origin", ORIGIN)]
    communicator = WebsocketCommunicator(application, address, headers)
    assert (await communicator.connect(timeout=10))[0]
    first = await communicator.receive_json_from(timeout=5)
    assert (first["v"], first["type"]) == (1, "availability")
    assert first["availability"]["state"] == "open"
    assert hub_of(AVAILABILITY).is_running

    await database_sync_to_async(close)(entry_point)
    told = await communicator.receive_json_from(timeout=5)
    while told["availability"]["state"] == "open":  # the first evaluation may be told as well
        told = await communicator.receive_json_from(timeout=5)
    assert told["version"] > first["version"]
    assert told["availability"]["state"] == "closed"

    await communicator.send_to(text_data="{}")
    closed = await communicator.receive_output(timeout=5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 1008)
    await communicator.disconnect()
    assert not hub_of(AVAILABILITY).is_running

    foreign = WebsocketCommunicator(
        application, address, [(b"host", HOST), (b"origin", b"http://evil.example")]
    )
    assert not (await foreign.connect(timeout=10))[0]


async def test_socket_of_no_entry_point_is_closed(entry_point: EntryPoint) -> None:
    """Should close with 4404, and keep nothing."""
    communicator = WebsocketCommunicator(
        application, "/ws/entry-points/elsewhere/", [(b"host", HOST), (b"origin", ORIGIN)]
    )
    assert (await communicator.connect(timeout=10))[0]
    closed = await communicator.receive_output(timeout=5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4404)
    await communicator.disconnect()
    assert not hub_of(AVAILABILITY).is_running


async def test_open_socket_keeps_its_entry_point_fresh(
    entry_point: EntryPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should note again and again that somebody looks, as long as somebody does."""
    monkeypatch.setattr(hubs, "NOTE_WATCHED_EVERY_S", 0.0)
    communicator = WebsocketCommunicator(
        application,
        f"/ws/entry-points/{entry_point.slug}/",
        [(b"host", HOST), (b"origin", ORIGIN)],
    )
    await communicator.connect(timeout=10)
    rows = Availability.objects.filter(pk=entry_point.pk)
    await rows.aupdate(watched_at=after(0))
    async with asyncio.timeout(10):
        while (await rows.aget()).watched_at == after(0):  # noqa: ASYNC110 (another task's)
            await asyncio.sleep(0.1)
    await communicator.disconnect()


def close(entry_point: EntryPoint) -> None:
    """Close it, as staff do, and let a worker see it."""
    EntryPoint.objects.filter(pk=entry_point.pk).update(is_open=False)
    watched_at = Availability.objects.get(pk=entry_point.pk).watched_at
    assert watched_at is not None
    assert publish_changes(at=watched_at) == 1
