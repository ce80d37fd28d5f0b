"""A portal that is killed while it starts a call: one contact at most, and it ends or is used. Real processes, real SIGKILL."""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contacts_world import control, upstream_contacts
from tests.fresh_database import fresh_database
from tests.servers import LocalConnect, Portal

BODY = {"entry_point": "demo", "name": "Ana"}
WITHIN_S = 60
# Seconds after which a start can no longer be at work: attempts x (connecting + reading + a pause of 1.5).
SHORT = {"CONNECT_ATTEMPTS": "1", "CONNECT_CONNECT_TIMEOUT_S": "1", "CONNECT_READ_TIMEOUT_S": "1"}
LONG = SHORT | {
    "CONNECT_READ_TIMEOUT_S": "8"
}  # time to start the portal again, and still be waited for


@pytest.fixture(scope="module")
def server() -> Iterator[LocalConnect]:
    with LocalConnect().running() as running:
        yield running


@pytest.fixture
def portal(server: LocalConnect, request: pytest.FixtureRequest) -> Iterator[Portal]:
    """A portal whose deadlines the test gives."""
    control(server, "POST", "/_local/reset")
    control(server, "PATCH", "/_local/settings", {"flow_waits_for_media": False})
    with (
        fresh_database(os.environ.get("DATABASE_URL")) as database_url,
        Portal(
            connect_url=server.url,
            database_url=database_url,
            redis_url=os.environ.get("REDIS_URL"),
            extra_env=request.param | {"CALL_START_RATE": "1000/min"},
        ).running() as running,
    ):
        yield running


def start(portal: Portal, key: str) -> tuple[int, Any]:
    """Ask for a call, and return status and body of the answer."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    request = urllib.request.Request(
        f"{portal.url}/api/v1/contacts/", json.dumps(BODY).encode(), headers, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def until(condition: Callable[[], Any]) -> Any:
    """Wait until the condition is true, and return what it returned."""
    deadline = time.monotonic() + WITHIN_S
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def settled_answer(portal: Portal, key: str) -> tuple[int, Any]:
    """Repeat the request until it is no longer said to be at work."""

    def answer() -> tuple[int, Any] | None:
        status, body = start(portal, key)
        return None if status == 409 else (status, body)

    found: tuple[int, Any] = until(answer)
    return found


def kill_while_connect_is_asked(server: LocalConnect, portal: Portal, key: str, drop: str) -> None:
    """Have the portal wait for Amazon Connect, and kill it there."""
    fault = {"operation": "StartWebRTCContact", "delay_ms": 700, "drop": drop, "times": 1}
    control(server, "POST", "/_local/faults", fault)

    def ask() -> None:
        with pytest.raises(ConnectionError):
            start(portal, key)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: not control(server, "GET", "/_local/state")["faults"])
    portal.processes[0].kill()
    asking.join()


@pytest.mark.parametrize("portal", [SHORT], indirect=True)
@pytest.mark.parametrize("replay", ["full", "contact_id_only"])
def test_start_that_nobody_waits_for_is_given_up(
    server: LocalConnect, portal: Portal, replay: str
) -> None:
    """Should stop the one contact that was begun, without the portal, and tell who comes back later."""
    control(server, "PATCH", "/_local/settings", {"replay": replay})
    key = str(uuid.uuid4())
    kill_while_connect_is_asked(server, portal, key, "after")
    until(lambda: upstream_contacts(server))

    until(lambda: upstream_contacts(server)[0]["state"] == "ended")

    portal.start_web()
    status, body = settled_answer(portal, key)
    assert (status, body["code"]) == (502, "upstream_unavailable")
    assert body["contact"]["reference"]
    assert len(upstream_contacts(server)) == 1
    assert start(portal, str(uuid.uuid4()))[0] == 201


@pytest.mark.parametrize("portal", [LONG], indirect=True)
@pytest.mark.parametrize("drop", ["before", "after"])
def test_start_that_is_asked_for_again_goes_on(
    server: LocalConnect, portal: Portal, drop: str
) -> None:
    """Should give the customer the one call, whether or not Amazon Connect had begun it."""
    key = str(uuid.uuid4())
    kill_while_connect_is_asked(server, portal, key, drop)
    portal.start_web()

    status, body = settled_answer(portal, key)

    assert status == 201
    assert body["connection"]["Attendee"]["JoinToken"]
    assert start(portal, key)[1]["id"] == body["id"]
    [contact] = upstream_contacts(server)
    assert contact["state"] != "ended"
