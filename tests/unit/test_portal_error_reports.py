"""Reports of errors: sent where a site wants them, and without anything that opens a door."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal.error_reports import scrubbed
from tests.server_process import PROJECT_DIR
from tests.servers import DEMO_CONNECT

FAIL = """
import logging, sentry_sdk
from django.test import RequestFactory
def view(token):
    raise RuntimeError("of vcp_live_CANARY1 at postgres://portal:CANARY2@db/portal")
try:
    view("CANARY3")
except RuntimeError:
    logging.getLogger("contacts").exception("it failed at /join/" + "CANARY4" + "x" * 36, extra={"sealed": "gAAAACANARY5" + "x" * 30})
sentry_sdk.flush(10)
"""
SECRETS = [
    "vcp_live_CANARY_x9",
    "whsec_CANARY+/=",
    "gAAAAACANARY" + "x" * 30,
    "eyJCANARY.eyJzdWIi.c2ln",
    "AKIACANARY1234567890",
    "Authorization: Bearer CANARY",
    "redis://me:CANARY@redis:6379/0",
    "/continue/CANARY" + "x" * 37 + "/",
]


@pytest.fixture
def received() -> Iterator[tuple[str, list[bytes]]]:
    """A Sentry: the address it gives, and what it was sent."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            bodies.append(gzip.decompress(body) if zipped else body)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://public@127.0.0.1:{server.server_port}/1", bodies
        server.shutdown()


def test_error_is_reported_without_secrets(received: tuple[str, list[bytes]]) -> None:
    """Should say what failed and where, and no value that it met."""
    dsn, bodies = received
    env = (
        os.environ
        | DEMO_CONNECT
        | {
            "DEBUG": "1",
            "SENTRY_DSN": dsn,
            "CONNECT_ENDPOINT_URL": "http://127.0.0.1:1",
            "no_proxy": "127.0.0.1",
        }
    )
    argv = [sys.executable, "manage.py", "shell", "-v", "0", "-c", FAIL]
    done = subprocess.run(
        argv, cwd=PROJECT_DIR, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    told = b"".join(bodies).decode()
    assert "RuntimeError" in told
    assert '"function":"view"' in told
    assert "CANARY" not in told


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_secret_is_hidden(secret: str) -> None:
    """Should be taken out wherever it stands."""
    event = {
        "message": f"failed with {secret}.",
        "extra": {"list": [secret, {"deep": secret}]},
        "exception": {"values": [{"stacktrace": {"frames": [{"vars": {"x": "CANARY"}}]}}]},
        "request": {
            "url": f"https://calls.example.com/{secret}",
            "method": "POST",
            "cookies": {"sessionid": "CANARY"},
            "headers": {"X-Events-Key": "CANARY"},
            "data": "CANARY",
            "query_string": "key=CANARY",
        },
        "user": {"ip_address": "CANARY"},
    }
    told = repr(scrubbed(event, {}))
    assert "CANARY" not in told
    assert "failed with" in told
    assert "POST" in told
