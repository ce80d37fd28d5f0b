"""Calls between two light clients in a localconnect of its own, and what that localconnect says of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.conformance.conftest import UNLIMITED, ControlApi, RawClient, start_request
from tests.realtime.light_client import LightClient
from tests.servers import LocalConnect

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's way into a meeting."""

    address: str
    join_token: str

    @classmethod
    def of(cls, connection: dict[str, Any]) -> Place:
        placement = connection["Meeting"]["MediaPlacement"]
        return cls(placement["SignalingUrl"], connection["Attendee"]["JoinToken"])

    def client(self) -> LightClient:
        return LightClient(self.address, self.join_token)


@dataclass(frozen=True, slots=True)
class Call:
    """A customer's call that a scripted agent without media has answered, and a guest's place in it."""

    contact_id: str
    agent_id: str
    customer: Place
    guest: Place


class Switchboard:
    """The server, and calls in it."""

    def __init__(self, server: LocalConnect) -> None:
        self.server = server
        self.control = ControlApi(server.url)
        self._raw = RawClient(server)
        self.control.call("POST", "reset")
        limits: dict[str, Any] = dict.fromkeys(
            self.control.call("GET", "settings")["rate_limits"], UNLIMITED
        )
        changes = {"rate_limits": limits, "flow_waits_for_media": False, "presence_grace_s": 0.3}
        self.control.call("PATCH", "settings", changes)

    def begin(self) -> Call:
        """Start a call and have it answered."""
        agent_id = self.control.add_agent()
        started = self._raw.signed("PUT", "/contact/webrtc", start_request()).json
        contact_id = started["ContactId"]
        self.control.wait_for_state(contact_id, "connected")
        invitation = {
            "InstanceId": self.server.instance_id,
            "ContactId": contact_id,
            "ParticipantDetails": {"ParticipantRole": "CUSTOMER", "DisplayName": "Bea"},
        }
        guest = self._raw.signed("POST", "/contact/create-participant", invitation).json
        connected = self._raw.send(
            "POST",
            "/participant/connection",
            json.dumps({"Type": ["WEBRTC_CONNECTION"]}).encode(),
            {"X-Amz-Bearer": guest["ParticipantCredentials"]["ParticipantToken"]},
        )
        return Call(
            contact_id,
            agent_id,
            Place.of(started["ConnectionData"]),
            Place.of(connected.json["WebRTCConnection"]),
        )

    def tell(self, call: Call, command: str) -> None:
        """Have the call's agent do something."""
        self.control.call("POST", f"agents/{call.agent_id}/{command}")

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.control.call("GET", "state")
        return state

    def attendees(self) -> list[dict[str, Any]]:
        """Those of all meetings."""
        return [one for meeting in self.state()["meetings"] for one in meeting["attendees"]]

    def pids(self) -> list[int | None]:
        return [one["pid"] for one in self.state()["media_processes"]]


async def until(condition: Callable[[], Any]) -> Any:
    """The first true value of `condition`, which asks the server."""
    async with asyncio.timeout(_PATIENCE_S):
        while not (value := await asyncio.to_thread(condition)):  # noqa: ASYNC110 (no event)
            await asyncio.sleep(0.1)
    return value


async def enter(*clients: LightClient) -> None:
    """Join, with media."""
    for client in clients:
        await client.join()
        await client.connect()


async def talk(ana: LightClient, ben: LightClient) -> None:
    """Speak until both hear what the other says now."""
    ana.heard.payloads.clear()
    ben.heard.payloads.clear()
    async with asyncio.timeout(_PATIENCE_S):
        while b"\xf8ben" not in ana.heard.payloads or b"\xf8ana" not in ben.heard.payloads:
            ana.speak(b"\xf8ana")
            ben.speak(b"\xf8ben")
            await asyncio.sleep(0.02)
