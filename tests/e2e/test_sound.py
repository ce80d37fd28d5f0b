"""Sound among three browsers: each hears both others, and not itself."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import boto3
import pytest

from tests.e2e.browsers import eventually
from tests.e2e.crowd import Crowd
from tests.e2e.tuning_fork import TuningFork
from tests.servers import LocalConnect

pytestmark = pytest.mark.e2e

_PITCHES = (400.0, 1000.0, 1700.0)


def _client(name: str, url: str) -> Any:
    return boto3.client(
        name,
        endpoint_url=url,
        region_name=LocalConnect.region,
        aws_access_key_id=LocalConnect.access_key,
        aws_secret_access_key=LocalConnect.secret_key,
    )


def _local(url: str, path: str, body: object | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{url}/_local/{path}", data=data, timeout=10) as reply:
        return json.load(reply)


def _three_connections(crowd: Crowd, forks: list[TuningFork]) -> list[dict[str, Any]]:
    """A call that an agent without media has answered, and two more people invited into it."""
    url = crowd.stack.connect.url
    connect, participant = _client("connect", url), _client("connectparticipant", url)
    _local(url, "agents", {"name": "Robin", "auto_answer_s": 0, "media": "none"})
    started = connect.start_web_rtc_contact(
        InstanceId=LocalConnect.instance_id,
        ContactFlowId=LocalConnect.contact_flow_id,
        ParticipantDetails={"DisplayName": "Ana"},
    )
    forks[0].join(started["ConnectionData"])
    eventually(
        forks[0].page,
        lambda: [c["state"] for c in _local(url, "state")["contacts"]],
        until=lambda states: "connected" in states,
        what="the agent answers",
    )
    connections = []
    for name in ("Ben", "Eve"):
        invited = connect.create_participant(
            InstanceId=LocalConnect.instance_id,
            ContactId=started["ContactId"],
            ParticipantDetails={"ParticipantRole": "CUSTOMER", "DisplayName": name},
        )
        token = invited["ParticipantCredentials"]["ParticipantToken"]
        reply = participant.create_participant_connection(
            ParticipantToken=token, Type=["WEBRTC_CONNECTION"]
        )
        connections.append(reply["WebRTCConnection"])
    return connections


def test_three_browsers_hear_both_others_and_not_themselves(crowd: Crowd) -> None:
    """Should pass one voice on, mix two, and pass one on again, as people come and go."""
    forks = [TuningFork(crowd.browser(), crowd.stack.connect.url, pitch) for pitch in _PITCHES]
    ana, ben, eve = forks
    for fork, connection in zip((ben, eve), _three_connections(crowd, forks), strict=True):
        fork.join(connection)
        if fork is ben:
            ana.wait_until_hearing(ben.hertz, but_not=(ana.hertz, eve.hertz))
    for fork in forks:
        others = [other.hertz for other in forks if other is not fork]
        fork.wait_until_hearing(*others, but_not=(fork.hertz,))
    eve.browser.close()
    crowd.browsers.remove(eve.browser)
    ana.wait_until_hearing(ben.hertz, but_not=(ana.hertz, eve.hertz))
