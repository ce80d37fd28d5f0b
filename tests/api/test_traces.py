"""Traces: sent by OTLP where a site wants them, decoded as a collector does, and without anything personal or secret."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.both_servers import both_servers
from tests.servers import LocalConnect, Portal
from tests.webhook_world import Receiver

CANARIES = ("Canaria", "canary-order", "canary-note", "canary-query", "canary-secret")


class Collector:
    """What a collector was sent: the bytes, and the spans in them."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.url = ""

    def spans(self) -> list[Span]:
        """Return every span that has come, in the order of coming."""
        decoded = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in decoded
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def wait_for(self, *names: str) -> None:
        """Return once there is a span of each name."""
        deadline = time.monotonic() + 60
        while missing := set(names) - {span.name for span in self.spans()}:
            assert time.monotonic() < deadline, (missing, {span.name for span in self.spans()})
            time.sleep(0.1)

    def one(self, name: str) -> Span:
        """Return the first span of a name."""
        return next(span for span in self.spans() if span.name == name)


def told(span: Span) -> dict[str, str]:
    """Return a span's attributes, as text."""
    return {one.key: one.value.string_value or str(one.value.int_value) for one in span.attributes}


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    """A collector that listens at a free port."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            collector.bodies.append(gzip.decompress(body) if zipped else body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        collector.url = f"http://127.0.0.1:{server.server_port}"
        yield collector
        server.shutdown()


@pytest.fixture(scope="module")
def servers(collector: Collector) -> Iterator[tuple[LocalConnect, Portal]]:
    """The live portal, which sends its traces to the collector."""
    extra = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
        "no_proxy": "127.0.0.1",
    }
    with both_servers(extra) as servers:
        yield servers


def test_call_can_be_followed_and_nobody_in_it(
    servers: tuple[LocalConnect, Portal], collector: Collector
) -> None:
    """Should have request, statements, the request to Amazon Connect and tasks, with their ids and no value."""
    _connect, portal = servers
    key = portal.manage("create_api_key", "Example", "--entry-point", "demo").split()[-1]
    api = f"{portal.url}/api/v1"
    with requests.Session() as session, Receiver().serving() as receiver:
        session.headers["Authorization"] = f"Bearer {key}"
        made = session.post(f"{api}/webhook-endpoints/", json={"url": receiver.url()})
        call = {
            "entry_point": "demo",
            "name": "Canaria",
            "attributes": {"order": "canary-order"},
        }
        started = session.post(f"{api}/contacts/", json=call)
        assert started.status_code == 201, started.text
        address = f"{api}/contacts/{started.json()['id']}/"
        noted = session.patch(address, json={"notes": "canary-note"}, headers={"If-Match": "*"})
        assert noted.status_code == 200, noted.text
        session.get(f"{api}/contacts/", params={"tag": "canary-query"})
        requests.get(started.json()["join_url"], timeout=30)
        assert session.post(f"{address}end/").status_code == 200
        receiver.wait_for("contact.ended")
    task = (
        f"from contacts.tasks import refresh_contact as r; r.enqueue('{started.json()['id']}', 1)"
    )
    portal.manage("shell", "--no-imports", "-c", task)
    collector.wait_for(
        "POST contact-list", "Connect start_web_rtc_contact", "INSERT contacts_contact"
    )
    collector.wait_for("refresh_contact")
    assert told(collector.one("refresh_contact"))["portal.contact_id"] == started.json()["id"]
    request = collector.one("POST contact-list")
    asked = collector.one("Connect start_web_rtc_contact")
    assert request.trace_id == asked.trace_id == collector.one("INSERT contacts_contact").trace_id
    assert told(asked)["portal.contact_id"] == started.json()["id"]
    assert told(asked)["portal.request_id"] == started.headers["X-Request-ID"]
    assert told(request)["portal.contact_id"] == started.json()["id"]
    assert told(request)["http.response.status_code"] == "201"

    sent = b"".join(collector.bodies)
    secrets = [
        key,
        made.json()["secret"],
        started.json()["join_url"].rstrip("/").rpartition("/")[2],
    ]
    secrets += [started.json()["connection"]["Attendee"]["JoinToken"], *CANARIES]
    assert [secret for secret in secrets if secret.encode() in sent] == []


def test_failure_of_amazon_connect_is_told_by_its_kind(
    servers: tuple[LocalConnect, Portal], collector: Collector
) -> None:
    """Should mark the attempt, and say nothing of what Amazon Connect said."""
    connect, portal = servers
    fault = {"operation": "StartWebRTCContact", "error": "AccessDeniedException", "status": 403}
    requests.post(f"{connect.url}/_local/faults", json={**fault, "times": 1}, timeout=30)
    answer = requests.post(
        f"{portal.url}/api/v1/contacts/",
        json={"entry_point": "demo", "name": "Canaria"},
        headers={"Origin": portal.url},
        timeout=30,
    )
    assert answer.status_code >= 500, answer.text
    deadline = time.monotonic() + 60
    while not (failed := [span for span in collector.spans() if "error.type" in told(span)]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert told(failed[0])["error.type"] == "ConnectForbidden"
    assert failed[0].status.code == Status.STATUS_CODE_ERROR
    assert not failed[0].events
    assert b"Canaria" not in b"".join(collector.bodies)


def test_nothing_is_loaded_where_nobody_wants_traces(portal_without: Portal) -> None:
    """Should not have imported a module of OpenTelemetry."""
    code = (
        "import sys, portal.asgi; print([m for m in sys.modules if m.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=portal_without.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stdout + done.stderr


@pytest.fixture
def portal_without() -> Portal:
    """A portal's settings as they are without traces."""
    return Portal(connect_url="http://127.0.0.1:1")
