"""localconnect as a benchmark wants it: no rate limits, room for many calls, and requests ready to be sent."""

from __future__ import annotations

import contextlib
import json
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config

from benchmarks._raw_http import Signer
from tests.servers import LocalConnect

UNLIMITED = {"rate": 1e9, "burst": 1e9}


@contextlib.contextmanager
def localconnect(*options: str, **settings: Any) -> Iterator[LocalConnect]:
    """A server without rate limits whose calls wait without media, with these options and settings besides."""
    with LocalConnect(options=options).running() as server:
        limits = dict.fromkeys(_settings(server)["rate_limits"], UNLIMITED)
        _settings(
            server,
            {
                "rate_limits": limits,
                "flow_waits_for_media": False,
                "concurrent_calls": 1_000_000,
                **settings,
            },
        )
        yield server


def aws_client(
    url: str, *, access_key: str, secret_key: str, region: str, service: str = "connect"
) -> Any:
    """boto3's client for Amazon Connect at `url`; a failure is not hidden by another attempt."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


class Requests:
    """Signed requests of the operations that are measured."""

    def __init__(self, server: LocalConnect) -> None:
        self._signer = Signer(
            server.url,
            access_key=server.access_key,
            secret_key=server.secret_key,
            region=server.region,
        )
        self._instance = server.instance_id
        self._flow = server.contact_flow_id

    def start(self, client_token: bool = True) -> bytes:
        """StartWebRTCContact as a portal sends it: a name, video for both sides, a ClientToken of its own."""
        body = {
            "InstanceId": self._instance,
            "ContactFlowId": self._flow,
            "ParticipantDetails": {"DisplayName": "Ana"},
            "AllowedCapabilities": {"Customer": {"Video": "SEND"}, "Agent": {"Video": "SEND"}},
        }
        if client_token:
            body["ClientToken"] = str(uuid.uuid4())
        return self._signer.request("PUT", "/contact/webrtc", json.dumps(body).encode())

    def stop(self, contact_id: str) -> bytes:
        """StopContact."""
        body = {"InstanceId": self._instance, "ContactId": contact_id}
        return self._signer.request("POST", "/contact/stop", json.dumps(body).encode())

    def describe(self, contact_id: str) -> bytes:
        """DescribeContact."""
        return self._signer.request("GET", f"/contacts/{self._instance}/{contact_id}")

    def describe_instance(self) -> bytes:
        """DescribeInstance, the operation that localconnect and its peer both have."""
        return self._signer.request("GET", f"/instance/{self._instance}")


def _settings(server: LocalConnect, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{server.url}/_local/settings",
        method="GET" if changes is None else "PATCH",
        data=None if changes is None else json.dumps(changes).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        settings: dict[str, Any] = json.load(reply)
    return settings
