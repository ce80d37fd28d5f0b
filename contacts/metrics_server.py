"""Shows the metrics of a process that serves nothing else: the worker, and the consumer of contact events."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from contacts import metrics_page


def begin() -> Callable[[], None] | None:
    """Serve `/metrics` at `WORKER_METRICS_ADDRESS`, if there is one. Returns what ends it; else the process's end does."""
    if not settings.WORKER_METRICS_ADDRESS:
        return None
    server = ThreadingHTTPServer(settings.WORKER_METRICS_ADDRESS, _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()

    def end() -> None:
        server.shutdown()
        server.server_close()

    return end


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    timeout = 5
    server_version, sys_version = "portal", ""

    def do_GET(self) -> None:
        """Answer with the metrics, or that there is nothing."""
        authorization = self.headers.get("Authorization", "")
        is_theirs = self.path == "/metrics" and metrics_page.may_read(
            authorization, self.client_address[0]
        )
        if not is_theirs:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            close_old_connections()
            body = metrics_page.page()
        finally:
            close_old_connections()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", metrics_page.CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: what fails is logged elsewhere."""
