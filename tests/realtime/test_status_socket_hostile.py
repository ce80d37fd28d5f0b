"""The real server before clients that mean harm or do not read: sockets, and bodies that are too large."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from benchmarks._processes import resident_kib
from tests.both_servers import both_servers
from tests.contacts_world import after, control, envelope, upstream_contacts
from tests.realtime.raw_socket import (
    BINARY,
    PING,
    PONG,
    TEXT,
    RawSocket,
    Refused,
    frame,
    raw_socket,
)
from tests.realtime.test_whole_call import post
from tests.servers import LocalConnect, Portal

LARGEST = 16 * 1024
FLAT_KIB = 8 * 1024
WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class Call:
    """A call that waits, and the cookie of its customer."""

    id: str
    cookie: str

    @property
    def path(self) -> str:
        return f"/ws/contacts/{self.id}/"


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[LocalConnect, Portal]]:
    with both_servers({"SOCKET_READ_WITHIN_S": "2"}) as (connect_server, portal):
        control(connect_server, "PATCH", "/_local/settings", {"flow_waits_for_media": False})
        yield connect_server, portal


@pytest.fixture(scope="module")
def portal(servers: tuple[LocalConnect, Portal]) -> Portal:
    return servers[1]


@pytest.fixture(scope="module")
def call(portal: Portal) -> Call:
    """A call for tests that do not change it."""
    return start(portal)


def start(portal: Portal) -> Call:
    answer, cookie = post(f"{portal.url}/api/v1/contacts/", {"entry_point": "demo", "name": "Ana"})
    return Call(answer["id"], cookie)


@contextlib.contextmanager
def opened(portal: Portal, call: Call, **options: Any) -> Iterator[RawSocket]:
    """The call's socket, with its first snapshot read."""
    headers = {"Origin": portal.url, "Cookie": call.cookie}
    with raw_socket(portal.url, call.path, headers, **options) as socket:
        assert json.loads(socket.receive().payload)["contact"]["id"] == call.id
        yield socket


def until(condition: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


ATTACKS: dict[str, tuple[Callable[[RawSocket], None], int]] = {
    "a message": (lambda socket: socket.send(TEXT, b"hello"), 1008),
    "bytes": (lambda socket: socket.send(BINARY, b"\x00" * LARGEST), 1008),
    "one byte too many": (lambda socket: socket.send(TEXT, b"x" * (LARGEST + 1)), 1009),
    "a mebibyte announced": (lambda socket: socket.send(TEXT, b"x", length=2**20), 1009),
    "a message without end": (
        lambda socket: [socket.send(0 if n else TEXT, b"x" * 8192, last=False) for n in range(3)],
        1009,
    ),
    "no UTF-8": (lambda socket: socket.send(TEXT, b"\xc3\x28"), 1007),
    "compressed, unasked": (
        lambda socket: socket.send(TEXT, zlib.compress(bytes(10**7))[2:-4], reserved=4),
        1002,
    ),
    "an unknown opcode": (lambda socket: socket.send(3, b""), 1002),
    "a ping that is no control frame": (lambda socket: socket.send(PING, b"x" * 126), 1002),
    "no mask": (lambda socket: socket.connection.sendall(b"\x81\x01x"), 1002),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_frame_that_no_browser_sends_closes_its_socket(
    portal: Portal, call: Call, name: str
) -> None:
    """Should close with the code that says why, and not let the process grow."""
    attack, code = ATTACKS[name]
    before = resident_kib(portal.pid)
    with opened(portal, call) as socket:
        attack(socket)
        assert socket.until_closed() == code
    assert resident_kib(portal.pid) - before < FLAT_KIB


@pytest.mark.parametrize("opcode", [TEXT, PING, PONG])
def test_flood_of_frames_is_cut_off(portal: Portal, call: Call, opcode: int) -> None:
    """Should close with 1008, answer others meanwhile, and stay as large as it was."""
    before = resident_kib(portal.pid)
    flood = frame(opcode, b"x") * 10_000
    with opened(portal, call) as socket:
        sender = threading.Thread(target=_send_all, args=(socket, flood * 20))
        sender.start()
        with contextlib.suppress(ConnectionError):  # it need not wait until we have read the code
            assert socket.until_closed() == 1008
        with opened(portal, call):
            pass
        sender.join()
    assert resident_kib(portal.pid) - before < FLAT_KIB


def _send_all(socket: RawSocket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        socket.connection.sendall(data)


def test_large_frames_of_many_leave_the_process_as_it_was(portal: Portal, call: Call) -> None:
    """Should not take in what is refused."""

    def attack(_: int) -> None:
        with opened(portal, call) as socket:
            socket.connection.sendall(frame(TEXT, b"", length=2**30))
            for _ in range(100):
                _send_all(socket, b"x" * 65536)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attack, range(8)))
        before = resident_kib(portal.pid)
        list(pool.map(attack, range(24)))
    assert resident_kib(portal.pid) - before < FLAT_KIB


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "https://127.0.0.1", "file://", ""]
)
def test_handshake_of_another_sites_page_is_refused(
    portal: Portal, call: Call, origin: str | None
) -> None:
    """Should be refused before anything is read of the contact, whatever cookie comes with it."""
    headers = {"Cookie": call.cookie} | ({} if origin is None else {"Origin": origin})
    with pytest.raises(Refused) as refusal, raw_socket(portal.url, call.path, headers):
        pass
    assert refusal.value.status in (400, 403)


def test_offered_compression_is_not_taken(portal: Portal, call: Call) -> None:
    """Should leave nothing that a small frame could blow up."""
    headers = {
        "Origin": portal.url,
        "Cookie": call.cookie,
        "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
    }
    with raw_socket(portal.url, call.path, headers) as socket:
        assert json.loads(socket.receive().payload)["v"] == 1  # as plain text
        socket.send(TEXT, zlib.compress(bytes(10**7))[2:-4], reserved=4)
        assert socket.until_closed() == 1002


def test_cookie_of_another_call_opens_nothing(portal: Portal, call: Call) -> None:
    """Should close with 4404, as for a call that is not."""
    other = start(portal)
    for cookie in (other.cookie, "", "vcp_customer=" + "A" * 43):
        headers = {"Origin": portal.url, "Cookie": cookie}
        with raw_socket(portal.url, call.path, headers) as socket:
            assert socket.until_closed() == 4404


def test_reader_that_does_not_keep_up_is_closed_and_holds_up_nobody(
    servers: tuple[LocalConnect, Portal],
) -> None:
    """Should skip what was overtaken, close with 1013, and tell another socket of each change meanwhile."""
    connect_server, portal = servers
    others = {one["id"] for one in upstream_contacts(connect_server)}
    call = start(portal)
    [contact_id] = {one["id"] for one in upstream_contacts(connect_server)} - others
    before = resident_kib(portal.pid)
    with opened(portal, call, receive_buffer=4096) as slow, opened(portal, call) as quick:
        told = 0
        while "status_reader_too_slow" not in portal.logs():
            assert told < AGENTS, "the slow reader was never given up"
            tell(portal, contact_id, told)
            told += 1
            while len(json.loads(quick.receive().payload)["contact"]["participants"]) < told + 1:
                pass
        slow.read_fast()  # what is on its way and the close, before the server drops the connection
        versions = []
        while (received := slow.receive()).opcode == TEXT:
            versions.append(json.loads(received.payload)["version"])
        assert received.close_code == 1013
    assert versions == sorted(set(versions))
    assert len(versions) < told
    assert resident_kib(portal.pid) - before < FLAT_KIB


AGENTS = 400  # each makes the snapshot larger, so that buffers fill


def tell(portal: Portal, contact_id: str, number: int) -> None:
    """Post the event that one more agent has answered."""
    arn = f"arn:aws:connect:us-east-1:000000000000:instance/i/agent/{number}"
    body = envelope(contact_id, "CONNECTED_TO_AGENT", after(number), agentInfo={"agentArn": arn})
    post(portal.events_url, body, headers={"X-Events-Key": portal.events_key})


@pytest.mark.parametrize("is_chunked", [False, True])
def test_bodies_that_are_too_large_are_not_taken_in(portal: Portal, is_chunked: bool) -> None:
    """Should answer 413 to each, and stay as large as before."""
    list(map(_post_large, [portal] * 2, [is_chunked] * 2))
    before = resident_kib(portal.pid)
    with ThreadPoolExecutor(4) as pool:
        statuses = set(pool.map(_post_large, [portal] * 12, [is_chunked] * 12))
    assert statuses == {413}
    assert resident_kib(portal.pid) - before < FLAT_KIB


def _post_large(portal: Portal, is_chunked: bool) -> int:
    """Post ten mebibytes; return the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=WITHIN_S)
    part = b"x" * 65536
    headers = {"Content-Type": "application/json"}
    if not is_chunked:
        headers["Content-Length"] = str(160 * len(part))
    with contextlib.closing(connection):
        connection.request(
            "POST",
            "/api/v1/contacts/",
            body=itertools.repeat(part, 160),
            headers=headers,
            encode_chunked=is_chunked,
        )
        return connection.getresponse().status
