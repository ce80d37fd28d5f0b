"""A status socket of a call, opened as its customer's page does, behind TLS."""

from __future__ import annotations

import json
import ssl
import time
from contextlib import ExitStack
from typing import Any, Self

from requests.cookies import RequestsCookieJar
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

WITHIN_S = 60


class SiteSocket:
    """One socket, which can be opened again when it is lost."""

    def __init__(
        self, url: str, contact_id: str, cookies: RequestsCookieJar, trust: ssl.SSLContext
    ) -> None:
        self._address = f"{url.replace('https', 'wss', 1)}/ws/contacts/{contact_id}/"
        cookie = "; ".join(f"{one.name}={one.value}" for one in cookies)
        self._headers = {"Cookie": cookie, "Origin": url}
        self._trust = trust
        self._opened = ExitStack()
        self._socket: ClientConnection | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: Any) -> None:
        self._opened.close()

    def open(self) -> None:
        """Open it."""
        opening = connect(
            self._address, additional_headers=self._headers, ssl=self._trust, open_timeout=WITHIN_S
        )
        self._socket = self._opened.enter_context(opening)

    def wait_for(self, state: str) -> None:
        """Read until the call is in a state."""
        deadline = time.monotonic() + WITHIN_S
        while True:
            frame = self._read(deadline - time.monotonic())
            if frame.get("contact", {}).get("state") == state:
                return

    def wait_until_lost(self) -> None:
        """Read until the connection ends."""
        deadline = time.monotonic() + WITHIN_S
        while True:
            try:
                self._read(deadline - time.monotonic())
            except ConnectionClosed:
                return

    def _read(self, within_s: float) -> dict[str, Any]:
        assert self._socket is not None
        frame: dict[str, Any] = json.loads(self._socket.recv(timeout=within_s))
        return frame
