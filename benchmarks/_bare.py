"""The peer of `first-frame`: the least page and server that make a call with boto3 and the Chime SDK."""

from __future__ import annotations

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3

from tests.servers import LocalConnect

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "benchmarks" / "bare"
BUILT = ROOT / ".dev" / "benchmarks"


class BareSite:
    """Serves the page and its one endpoint from a thread. Use as a context manager."""

    def __init__(self, connect_url: str) -> None:
        _bundle()
        client = boto3.client(
            "connect",
            endpoint_url=connect_url,
            region_name=LocalConnect.region,
            aws_access_key_id=LocalConnect.access_key,
            aws_secret_access_key=LocalConnect.secret_key,
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(client))
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> BareSite:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(client: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            is_script = self.path == "/bare.js"
            file = BUILT / "bare.js" if is_script else SOURCE / "bare.html"
            self._answer(file.read_bytes(), "text/javascript" if is_script else "text/html")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            video = {"Video": "SEND"}
            reply = client.start_web_rtc_contact(
                InstanceId=LocalConnect.instance_id,
                ContactFlowId=LocalConnect.contact_flow_id,
                ParticipantDetails={"DisplayName": "Bare"},
                AllowedCapabilities={"Customer": video, "Agent": video},
            )
            self._answer(json.dumps(reply["ConnectionData"]).encode(), "application/json")

        def log_message(self, *_arguments: object) -> None:
            """Stay silent."""

        def _answer(self, body: bytes, content_type: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _bundle() -> None:
    static = ROOT / "static"
    esbuild = static / "node_modules" / ".bin" / "esbuild"
    options = [
        "--bundle",
        "--minify",
        "--format=esm",
        "--define:global=globalThis",
        "--log-level=warning",
    ]
    messaging = (
        f"--alias:@aws-sdk/client-chime-sdk-messaging={static / 'src' / 'no-messaging-client.js'}"
    )
    sdk = f"--alias:amazon-chime-sdk-js={static / 'node_modules' / 'amazon-chime-sdk-js'}"
    subprocess.run(
        [esbuild, SOURCE / "bare.js", *options, messaging, sdk, f"--outfile={BUILT / 'bare.js'}"],
        cwd=static,
        check=True,
    )
