"""A site whose only page is the Chime SDK, for tests of the media that no page of the portal shows yet.

The page does what a test tells it through `window.join`, and keeps what it sees in `window.seen`.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_SOURCE = Path(__file__).parent / "sdk_page"
_STATIC = Path(__file__).resolve().parents[2] / "static"


class SdkSite:
    """Serves the page from a thread. Use as a context manager."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="vcp-sdk-site-")
        script = Path(self._folder.name) / "page.js"
        _bundle(script)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> SdkSite:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._folder.cleanup()


def _handler(script: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_script = self.path == "/page.js"
            body = (script if is_script else _SOURCE / "index.html").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Stay silent."""

    return Handler


def _bundle(target: Path) -> None:
    modules = _STATIC / "node_modules"
    messaging = _STATIC / "src" / "no-messaging-client.js"
    subprocess.run(
        [
            modules / ".bin" / "esbuild",
            _SOURCE / "page.js",
            "--bundle",
            "--format=esm",
            "--define:global=globalThis",
            "--log-level=warning",
            f"--alias:@aws-sdk/client-chime-sdk-messaging={messaging}",
            f"--alias:amazon-chime-sdk-js={modules / 'amazon-chime-sdk-js'}",
            f"--outfile={target}",
        ],
        cwd=_STATIC,
        check=True,
    )
