"""One call through the real processes: embedded Connect, portal, worker; watched over a real socket."""

from __future__ import annotations

import asyncio
import http.cookies
import json
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.both_servers import both_servers
from tests.contacts_world import control
from tests.servers import LocalConnect, Portal

ANSWER_WITHIN_S = 20


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[LocalConnect, Portal]]:
    """The embedded Connect and the portal, each knowing the other."""
    with both_servers() as (connect_server, portal):
        control(connect_server, "PATCH", "/_local/settings", {"flow_waits_for_media": False})
        yield connect_server, portal


def post(
    url: str, body: Any = None, cookie: str = "", headers: Mapping[str, str] | None = None
) -> tuple[Any, str]:
    """POST, and return the answer with the cookie it sets."""
    data = json.dumps(body).encode() if body is not None else b""
    sent = {"Content-Type": "application/json", "Cookie": cookie, **(headers or {})}
    request = urllib.request.Request(url, data=data, headers=sent, method="POST")
    with urllib.request.urlopen(request, timeout=20) as reply:
        jar = http.cookies.SimpleCookie(reply.headers.get("Set-Cookie", ""))
        return json.load(reply), "; ".join(f"{name}={one.value}" for name, one in jar.items())


async def until(socket: ClientConnection, **expected: Any) -> dict[str, Any]:
    """Read frames until the contact is as expected; each must be newer than the one before."""
    version = 0
    async with asyncio.timeout(ANSWER_WITHIN_S):
        while True:
            frame = json.loads(await socket.recv())
            if frame["type"] == "heartbeat":
                continue
            assert frame["version"] > version
            version = frame["version"]
            if all(frame["contact"][key] == value for key, value in expected.items()):
                contact: dict[str, Any] = frame["contact"]
                return contact


def watching(portal: Portal, contact_id: str, cookie: str) -> Any:
    """Open the status socket as the customer's browser does."""
    address = portal.url.replace("http", "ws", 1) + f"/ws/contacts/{contact_id}/"
    return connect(address, additional_headers={"Cookie": cookie, "Origin": portal.url})


async def test_call_is_followed_from_queue_to_the_agents_hang_up(
    servers: tuple[LocalConnect, Portal],
) -> None:
    """Should push each state as Amazon Connect tells it, and in the end say who ended the call."""
    connect_server, portal = servers
    start = {"entry_point": "demo", "name": "Ana"}
    call, cookie = await asyncio.to_thread(post, f"{portal.url}/api/v1/contacts/", start)

    async with watching(portal, call["id"], cookie) as socket:
        await until(socket, state="queued")
        agent = control(
            connect_server,
            "POST",
            "/_local/agents",
            {"name": "Bob", "auto_answer_s": 0, "media": "none"},
        )
        control(connect_server, "POST", f"/_local/agents/{agent['id']}/available")
        connected = await until(socket, state="connected")
        assert connected["connected_at"]
        assert [one["role"] for one in connected["participants"]] == ["customer", "agent"]

        control(connect_server, "POST", f"/_local/agents/{agent['id']}/hang-up")
        ended = await until(socket, state="ended", end_reason="agent_ended")
        assert all(one["left_at"] for one in ended["participants"])

    token = call["connection"]["Attendee"]["JoinToken"]
    assert token not in portal.logs()
    assert token not in connect_server.logs()
