"""A call that is sent to another queue, through the real processes: for the customer it stays one call."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import boto3
import pytest

from tests.both_servers import both_servers
from tests.contacts_world import control, upstream_contacts
from tests.realtime.test_whole_call import post, until, watching
from tests.servers import DEMO_CONNECT, LocalConnect

QUEUE = "33333333-3333-4333-8333-333333333333"
AGENT = {"auto_answer_s": 0, "media": "none"}


def transfer(server: LocalConnect, contact_id: str) -> str:
    """Send a call to the queue, as its agent would. Returns the new contact."""
    client = boto3.client(
        "connect",
        endpoint_url=server.url,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )
    reply = client.transfer_contact(
        InstanceId=DEMO_CONNECT["CONNECT_INSTANCE_ID"],
        ContactId=contact_id,
        ContactFlowId=DEMO_CONNECT["CONNECT_CONTACT_FLOW_ID"],
        QueueId=QUEUE,
    )
    made: str = reply["ContactId"]
    return made


async def shown(socket: Any, wanted: Any) -> dict[str, Any]:
    """Read frames until one is as wanted; the call must not seem over before."""
    async with asyncio.timeout(30):
        while True:
            frame = json.loads(await socket.recv())
            if frame["type"] == "heartbeat":
                continue
            contact: dict[str, Any] = frame["contact"]
            if wanted(contact):
                return contact
            assert contact["state"] != "ended"


@pytest.mark.parametrize("loses_end", [False, True], ids=["told", "end lost"])
async def test_transferred_call_is_one_call_until_its_end(loses_end: bool) -> None:
    """Should lose its agent, get the next, and end with the last leg; the reconciler learns of an end nobody told."""
    with both_servers({"QUIET_CALL_S": "3"}) as (server, portal):
        settings = {"flow_waits_for_media": False, "transfer_calls": True, "wrap_up_s": 0}
        control(server, "PATCH", "/_local/settings", settings)
        start = {"entry_point": "demo", "name": "Ana"}
        answer, cookie = await asyncio.to_thread(post, f"{portal.url}/api/v1/contacts/", start)
        async with watching(portal, answer["id"], cookie) as socket:
            robin = control(
                server, "POST", "/_local/agents", {**AGENT, "name": "Robin", "auto_answer_s": None}
            )
            await until(socket, state="queued")
            control(server, "POST", f"/_local/agents/{robin['id']}/answer")
            await until(socket, state="connected")
            [first] = upstream_contacts(server)

            second = await asyncio.to_thread(transfer, server, first["id"])
            control(server, "POST", f"/_local/agents/{robin['id']}/remove")
            await shown(socket, lambda contact: contact["agent"] is None)
            sam = control(server, "POST", "/_local/agents", {"name": "Sam", **AGENT})
            await shown(socket, lambda contact: contact["agent"] is not None)
            if loses_end:
                control(server, "PATCH", "/_local/events", {"drop": True})
            control(server, "POST", f"/_local/agents/{sam['id']}/hang-up")
            ended = await shown(socket, lambda contact: contact["state"] == "ended")
            assert len(upstream_contacts(server)) == 2
            assert {one["id"] for one in upstream_contacts(server)} == {first["id"], second}
            assert sum(one["role"] == "agent" for one in ended["participants"]) == 2
