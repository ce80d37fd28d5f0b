"""The minute in which a customer may come back, with real media, and what their tokens are good for meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conformance.conftest import ControlApi, RawClient, Reply, start_request, wait_for
from tests.realtime.media_client import MediaClient
from tests.servers import LocalConnect


@dataclass(frozen=True, slots=True)
class Caller:
    """A customer whose contact has been started, and the server they call."""

    control: ControlApi
    raw: RawClient
    contact_id: str
    token: str
    address: str
    join_token: str

    def media(self) -> MediaClient:
        return MediaClient(self.address, self.join_token)

    def present(self) -> list[dict[str, Any]]:
        [meeting] = self.control.call("GET", "state")["meetings"]
        return [person for person in meeting["present"] if not person["lost"]]

    def connection(self) -> Reply:
        body = json.dumps({"Type": ["WEBRTC_CONNECTION"]}).encode()
        return self.raw.send("POST", "/participant/connection", body, {"X-Amz-Bearer": self.token})

    def contact(self) -> dict[str, Any]:
        return self.control.contact(self.contact_id)

    async def until(self, condition: Callable[[], Any]) -> None:
        await asyncio.to_thread(wait_for, condition)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalConnect]:
    with LocalConnect().running() as running:
        yield running


@pytest.fixture
def caller(server: LocalConnect) -> Caller:
    control, raw = ControlApi(server.url), RawClient(server)
    control.call("POST", "reset")
    started = raw.signed("PUT", "/contact/webrtc", start_request()).json
    connection = started["ConnectionData"]
    return Caller(
        control,
        raw,
        started["ContactId"],
        started["ParticipantToken"],
        connection["Meeting"]["MediaPlacement"]["SignalingUrl"],
        connection["Attendee"]["JoinToken"],
    )


async def be_in_the_call(caller: Caller, client: MediaClient) -> None:
    await client.join()
    await client.connect()
    await caller.until(lambda: caller.contact()["state"] == "queued" and caller.present())


async def be_cut_off(caller: Caller) -> None:
    async with caller.media() as client:
        await be_in_the_call(caller, client)
        client.socket.transport.abort()
    await caller.until(lambda: not caller.present())


async def test_customer_cut_off_has_a_minute(caller: Caller) -> None:
    """Should keep contact and token for sixty seconds, and neither any longer."""
    await be_cut_off(caller)
    caller.control.call("POST", "clock", {"advance_s": 50})
    assert caller.connection().status == 200
    assert caller.contact()["state"] == "queued"

    caller.control.call("POST", "clock", {"advance_s": 11})

    assert caller.contact()["disconnect_reason"] == "CUSTOMER_DISCONNECT"
    refused = caller.connection()
    assert (refused.status, refused.error) == (403, "AccessDeniedException")


async def test_customer_who_comes_back_stays(caller: Caller) -> None:
    """Should let them in again with what they had, and forget that they were away."""
    await be_cut_off(caller)
    caller.control.call("POST", "clock", {"advance_s": 50})
    async with caller.media() as client:
        await be_in_the_call(caller, client)

        caller.control.call("POST", "clock", {"advance_s": 3600})

        assert caller.contact()["state"] == "queued"
        assert caller.connection().status == 200


async def test_customer_who_leaves_is_gone_at_once(caller: Caller) -> None:
    """Should end contact and token with the goodbye."""
    async with caller.media() as client:
        await be_in_the_call(caller, client)
        await client.leave()

    await caller.until(lambda: caller.contact()["state"] == "ended")
    assert caller.contact()["disconnect_reason"] == "CUSTOMER_DISCONNECT"
    assert caller.connection().status == 403
