"""Answers that come whole in time, over TCP and TLS, from a server that takes its time over each byte."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from contacts.connect_answers import bound_answers
from devtools.lan_certificate import ensure_certificate

BODY = b'{"ContactId": "c", "ParticipantId": "p", "ParticipantToken": "t"}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
    BODY
)
WITHIN_S = 0.6
SOON_S = 5.0  # on a loaded machine; the whole of a slow answer takes ten


class SlowServer:
    """Answers one request after the other on each connection; bytes of an answer beyond `at_once` come one by one."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self.at_once = len(HEAD + BODY)
        self.connections = 0
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    @contextmanager
    def running(self) -> Iterator[SlowServer]:
        """Serve in a thread."""
        threading.Thread(target=self._listen, daemon=True).start()
        yield self
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        try:
            if self._context is not None:
                link = self._context.wrap_socket(link, server_side=True)
            with link:
                for _ in requests_on(link.makefile("rb")):
                    answer = HEAD + BODY
                    link.sendall(answer[: self.at_once])
                    for byte in answer[self.at_once :]:
                        time.sleep(0.1)
                        link.sendall(bytes([byte]))
        except OSError:
            pass  # the client has had enough


def requests_on(stream: BinaryIO) -> Iterator[bytes]:
    """Read requests until there are no more. Yields their bodies."""
    while stream.readline():
        headers = http.client.parse_headers(stream)
        yield stream.read(int(headers["Content-Length"]))


@pytest.fixture(params=["http", "https"])
def address(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[SlowServer, str, str]]:
    """A slow server, its address, and the file of the authority that signed its certificate."""
    context, authority = None, ""
    if request.param == "https":
        made = ensure_certificate(tmp_path, ["127.0.0.1"], now=datetime.now(UTC))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.certificate, made.key)
        authority = str(made.authority)
    with SlowServer(context).running() as server:
        yield server, f"{request.param}://127.0.0.1:{server.port}", authority


def test_answer_has_the_time_of_one_read_however_it_comes(
    address: tuple[SlowServer, str, str],
) -> None:
    """Should give up an answer whose head or body trickles in, and take quick ones over one connection before and after."""
    server, url, authority = address
    client = bound_answers(
        boto3.session.Session("a", "b", region_name="us-east-1").client(
            "connect",
            endpoint_url=url,
            verify=authority or None,
            config=Config(read_timeout=WITHIN_S, retries={"total_max_attempts": 1}),
        )
    )

    def ask() -> str:
        reply = client.start_web_rtc_contact(
            InstanceId="i", ContactFlowId="f", ParticipantDetails={"DisplayName": "Ana"}
        )
        return str(reply["ContactId"])

    assert [ask(), ask()] == ["c", "c"]
    assert server.connections == 1
    for at_once in (0, 20, len(HEAD) + 5):
        server.at_once = at_once
        began = time.monotonic()
        with pytest.raises(ReadTimeoutError):
            ask()
        assert WITHIN_S * 0.9 < time.monotonic() - began < SOON_S
    server.at_once = len(HEAD + BODY)
    assert ask() == "c"
