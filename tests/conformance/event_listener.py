"""A real HTTP server that contact events can be sent to."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener:
    """An event target that keeps what it receives and answers as it is told."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """With `tls`, it is reached by https."""
        self.events: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.answers: list[int] = []
        """Statuses of the next answers; afterwards 200."""
        self.retry_after: str | None = None
        """Sent with every answer other than 200."""
        self.agents: list[str | None] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = listener.answers.pop(0) if listener.answers else 200
                if status == 200:
                    listener.events.append(body)
                    listener.keys.append(self.headers["X-Events-Key"])
                listener.agents.append(self.headers["User-Agent"])
                self.send_response(status)
                if status != 200 and listener.retry_after is not None:
                    self.send_header("Retry-After", listener.retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Tests print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}/events"

    def types(self, contact_id: str) -> list[str]:
        """The types of a contact's events, in order of arrival."""
        return [
            event["detail"]["eventType"]
            for event in self.events
            if event["detail"]["contactId"] == contact_id
        ]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
