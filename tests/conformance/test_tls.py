"""localconnect over TLS: API, sockets, media and contact events, with nothing trusted but the one authority."""

from __future__ import annotations

import datetime
import http.client
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import SSLError

from devtools.lan_certificate import CertificateFiles, ensure_certificate
from tests.conformance.event_listener import Listener
from tests.realtime.media_client import MediaClient
from tests.servers import PROJECT_DIR, LocalConnect


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    """A certificate for 127.0.0.1."""
    now = datetime.datetime.now(datetime.UTC)
    return ensure_certificate(tmp_path_factory.mktemp("tls"), ["127.0.0.1"], now=now)


@pytest.fixture(scope="module")
def listener(certificate: CertificateFiles) -> Iterator[Listener]:
    """An event target behind the same authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate, certificate.key)
    target = Listener(context)
    yield target
    target.close()


@pytest.fixture(scope="module")
def server(certificate: CertificateFiles, listener: Listener) -> Iterator[LocalConnect]:
    """A localconnect that serves https only."""
    connect = LocalConnect(tls=certificate)
    with connect.running(events_url=listener.url):
        yield connect


def client(server: LocalConnect, verify: str | None) -> Any:
    return boto3.client(
        "connect",
        endpoint_url=server.url,
        region_name=server.region,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        verify=verify,
    )


def start(server: LocalConnect, api: Any) -> dict[str, Any]:
    started: dict[str, Any] = api.start_web_rtc_contact(
        InstanceId=server.instance_id,
        ContactFlowId=server.contact_flow_id,
        ParticipantDetails={"DisplayName": "Ana"},
        AllowedCapabilities={"Customer": {"Video": "SEND"}, "Agent": {"Video": "SEND"}},
    )
    return started


async def test_call_is_made_over_tls(
    server: LocalConnect,
    certificate: CertificateFiles,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Should hand out wss and https addresses, carry signalling and media, and POST events to an https target."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.authority))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
    contact = start(server, client(server, verify=None))
    meeting = contact["ConnectionData"]["Meeting"]["MediaPlacement"]
    token = contact["ConnectionData"]["Attendee"]["JoinToken"]

    assert meeting["SignalingUrl"].startswith(f"wss://127.0.0.1:{server.port}/control/")
    assert meeting["EventIngestionUrl"].startswith(server.url)
    async with MediaClient(meeting["SignalingUrl"], token) as customer:
        await customer.join()
        await customer.connect(video=True)
        await customer.leave()

    deadline = time.monotonic() + 10
    while "QUEUED" not in listener.types(contact["ContactId"]) and time.monotonic() < deadline:
        time.sleep(0.05)  # noqa: ASYNC251 (nothing else runs here)
    assert "QUEUED" in listener.types(contact["ContactId"])


def test_nobody_trusts_it_unasked(server: LocalConnect) -> None:
    """Should be refused by a client that was not given the authority."""
    with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        start(server, client(server, verify=None))


def test_desk_is_served(server: LocalConnect, certificate: CertificateFiles) -> None:
    """Should answer plain pages over https and nothing over http."""
    trust = ssl.create_default_context(cafile=certificate.authority)
    with urllib.request.urlopen(f"{server.url}/healthz", context=trust, timeout=10) as reply:
        assert reply.status == 200
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/healthz", timeout=10)
    assert "Traceback" not in server.logs()


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (("certificate", None), "--tls-key"),
        ((None, "key"), "--tls-cert"),
        (("certificate", "authority"), "authority.pem"),
        (("key", "key"), "no certificate and its key"),
        (("missing", "key"), "missing: No such file"),
    ],
)
def test_wrong_files_are_told(
    certificate: CertificateFiles, names: tuple[str | None, str | None], complaint: str
) -> None:
    """Should say which file is of no use before anything is served."""
    files = [getattr(certificate, name, Path("missing")) if name else None for name in names]
    options = [
        text
        for option, path in zip(("--tls-cert", "--tls-key"), files, strict=True)
        if path is not None
        for text in (option, str(path))
    ]
    done = subprocess.run(
        [sys.executable, "-m", "localconnect", "--port", "0", *options],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
