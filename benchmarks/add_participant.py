"""What the portal adds to bringing another person into a call: a place and an intent committed, then two requests of Amazon Connect.

The peer makes the same two requests through boto3. One after the other, in turns. The portal is one process of `portal.serving`,
on PostgreSQL (fsync on) and Redis; Amazon Connect is localconnect over TLS, 50 ms away.
"""

from __future__ import annotations

import json
import secrets
import time
import urllib.request
from typing import Any

from benchmarks._figures import report
from benchmarks._portal_site import posted, prepared, start_request
from benchmarks._raw_boto3 import RawBoto3
from benchmarks._raw_http import send
from benchmarks._sides import Round, added, over_http, summed_up
from benchmarks._upstream import Upstream, upstream
from tests.servers import Portal

ROUNDS = 5
CALLS = 10
"""Of each side in a round; each takes one more person."""


def main() -> None:
    """Measure, print, and remember."""
    rounds: dict[str, list[Round]] = {"portal": [], "raw": []}
    with upstream() as connect, prepared(connect) as portal:
        portal.start_web()
        with RawBoto3(connect.caller) as raw:
            for number in range(ROUNDS + 1):
                ours, theirs = _calls(connect, portal, CALLS), _calls(connect, portal, CALLS)
                found = {
                    "portal": over_http(
                        portal.url, portal.pid, [_request(portal, *one) for one in ours], at_once=1
                    ),
                    "raw": raw.add_participants([connect_id for _, connect_id, _ in theirs]),
                }
                if number:  # the first makes connections and imports modules
                    for side, one in found.items():
                        rounds[side].append(one)
    cpu = {side: [one.cpu_ms for one in of] for side, of in rounds.items()}
    figures = [
        added("add-participant-added-p50", rounds["portal"], rounds["raw"], 0.5),
        summed_up("add-participant-cpu", cpu["portal"], "ms", peer=cpu["raw"]),
    ]
    report("add-participant", figures, samples={f"{side}-cpu": of for side, of in cpu.items()})


def _request(portal: Portal, contact_id: str, _: str, customer_key: str) -> bytes:
    path = f"/api/v1/contacts/{contact_id}/participants/"
    return posted(portal.url, path, {"name": "Ben"}, **{"X-Customer-Key": customer_key})


def _calls(connect: Upstream, portal: Portal, count: int) -> list[tuple[str, str, str]]:
    """Start calls that agents answer. Returns their ids here, those in Amazon Connect, and their customers' keys."""
    before = _contacts(connect)
    keys = [secrets.token_urlsafe(32) for _ in range(count)]
    calls = []
    for key in keys:
        start = start_request(portal.url, **{"X-Customer-Key": key})
        _, [body] = send(portal.url, [start], connections=1, status=201)
        [connect_id] = _contacts(connect) - before
        before.add(connect_id)
        connect.ask("POST", "agents", {"name": "Robin", "auto_answer_s": 0, "media": "none"})
        calls.append((json.loads(body)["id"], connect_id, key))
    _wait_until_answered(connect, {connect_id for _, connect_id, _ in calls})
    for _, connect_id, _ in calls:
        _tell_of_agent(portal, connect_id)
    return calls


def _contacts(connect: Upstream) -> set[str]:
    return {one["id"] for one in connect.ask("GET", "state")["contacts"]}


def _wait_until_answered(connect: Upstream, ids: set[str]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        states = {one["id"]: one["state"] for one in connect.ask("GET", "state")["contacts"]}
        if all(states[one].upper().startswith("CONNECTED") for one in ids):
            return
        time.sleep(0.1)
    raise RuntimeError(f"agents did not answer: {sorted(states[one] for one in ids)}")


def _tell_of_agent(portal: Portal, connect_id: str) -> None:
    """Post the contact event that Amazon Connect would have sent."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    agent = {"agentArn": "arn:aws:connect:r:0:instance/i/agent/a", "connectedToAgentTimestamp": at}
    event: dict[str, Any] = {
        "id": secrets.token_hex(16),
        "source": "aws.connect",
        "detail-type": "Amazon Connect Contact Event",
        "time": at,
        "detail": {
            "eventType": "CONNECTED_TO_AGENT",
            "contactId": connect_id,
            "channel": "VOICE",
            "agentInfo": agent,
        },
    }
    request = urllib.request.Request(
        portal.events_url,
        json.dumps(event).encode(),
        {"Content-Type": "application/json", "X-Events-Key": portal.events_key},
    )
    with urllib.request.urlopen(request, timeout=30):
        pass


if __name__ == "__main__":
    main()
