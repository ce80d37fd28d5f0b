"""localconnect as a benchmark wants it: no rate limits, room for many calls, and requests ready to be sent."""

from __future__ import annotations

import contextlib
import json
import ssl
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from benchmarks._raw_http import Signer
from devtools.lan_certificate import CertificateFiles
from tests.servers import LocalConnect

UNLIMITED = {"rate": 1e9, "burst": 1e9}


@contextlib.contextmanager
def localconnect(
    *options: str, tls: CertificateFiles | None = None, **settings: Any
) -> Iterator[LocalConnect]:
    """A server without rate limits whose calls wait without media, with these options and settings besides."""
    with LocalConnect(options=options, tls=tls).running() as server:
        limits = dict.fromkeys(
            control(server, "GET", "settings", tls=tls)["rate_limits"], UNLIMITED
        )
        changes = {
            "rate_limits": limits,
            "flow_waits_for_media": False,
            "concurrent_calls": 1_000_000,
            **settings,
        }
        control(server, "PATCH", "settings", changes, tls=tls)
        yield server


def aws_client(
    url: str,
    *,
    access_key: str,
    secret_key: str,
    region: str,
    service: str = "connect",
    authority: Path | None = None,
    connections: int = 10,
) -> Any:
    """boto3's client for Amazon Connect at `url`; a failure is not hidden by another attempt."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        verify=str(authority) if authority else None,
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=connections),
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


def control(
    server: LocalConnect,
    method: str,
    what: str,
    body: dict[str, Any] | None = None,
    *,
    tls: CertificateFiles | None = None,
) -> Any:
    """Ask localconnect's control interface, and return what it answers, if anything."""
    request = urllib.request.Request(
        f"{server.url}/_local/{what}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    trust = ssl.create_default_context(cafile=tls.authority) if tls else None
    with urllib.request.urlopen(request, timeout=10, context=trust) as reply:
        return json.loads(reply.read() or b"null")
