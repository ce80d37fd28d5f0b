"""Clients that keep the server waiting, or come in thousands: nobody else notices, and nothing of them stays."""

from __future__ import annotations

import contextlib
import resource
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect as open_websocket

from tests.conformance.conftest import ControlApi, make_client, start_request, wait_for
from tests.conformance.hostile import (
    HEALTH,
    HOST,
    UPGRADE,
    RawSocket,
    connected,
    descriptors,
    exchange,
    resident_kib,
)
from tests.servers import LocalConnect

CROWD = 10_000
_SPARE_DESCRIPTORS = 2000
_GROWTH_KIB = 32 * 1024
HALF_HEAD = b"PUT /contact/webrtc HTTP/1.1\r\nHost: 127.0"
HALF_BODY = b"PUT /contact/webrtc HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n{"


@pytest.fixture(scope="module")
def server() -> Iterator[LocalConnect]:
    with LocalConnect().running() as started:
        yield started


@pytest.fixture
def settings(server: LocalConnect) -> ControlApi:
    """The control API of the server, which is as good as new."""
    api = ControlApi(server.url)
    api.call("POST", "reset")
    return api


@pytest.fixture
def crowd_size() -> Iterator[int]:
    """How many sockets this machine lets one process have: ten thousand, if it can."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield min(CROWD, hard - _SPARE_DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def dribble(raw: RawSocket, piece: bytes) -> None:
    """Send a byte now and then until the server has had enough."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        raw.send(piece)
        raw.socket.settimeout(0.1)
        try:
            if raw.socket.recv(1, 2):  # MSG_PEEK
                break
        except TimeoutError:
            continue
    raw.socket.settimeout(30)


@pytest.mark.parametrize(
    ("setting", "beginning", "piece"),
    [
        ("request_head_s", HALF_HEAD, b"0"),
        ("request_head_s", b"GET /healthz HTTP/1.1\r\nX: ", b"a"),
        ("request_head_s", b"", b"\r\n"),
        ("request_body_s", HALF_BODY.replace(b"9", b"99999"), b" "),
        ("request_body_s", HALF_BODY.replace(b"PUT /contact/webrtc", b"POST /_local/agents"), b""),
        (
            "request_body_s",
            HALF_BODY.replace(b"PUT /contact/webrtc", b"POST /v1/client-events"),
            b"",
        ),
    ],
)
def test_request_that_never_ends_is_given_up(
    server: LocalConnect, settings: ControlApi, setting: str, beginning: bytes, piece: bytes
) -> None:
    """Should answer 408 after a while however steadily the client goes on, and note it."""
    settings.call("PATCH", "settings", {setting: 0.5})
    before = len(server.logs())

    with connected(server) as raw:
        raw.send(beginning)
        dribble(raw, piece)
        assert raw.reply().status == 408
        assert raw.is_closed_by_server()
    assert ": 408 " in server.logs()[before:]


@pytest.mark.parametrize("first", [b"", HEALTH])
def test_connection_without_a_request_is_closed(
    server: LocalConnect, settings: ControlApi, first: bytes
) -> None:
    """Should end connections that are of no use, before their first request as well as after it."""
    settings.call("PATCH", "settings", {"idle_connection_s": 0.5})

    with connected(server) as raw:
        raw.send(first)
        if first:
            assert raw.reply().status == 200
        assert raw.is_closed_by_server()


def test_client_that_reads_no_answers_is_cut_off(
    server: LocalConnect, settings: ControlApi
) -> None:
    """Should hold no more answers than fit on the way, and not for ever."""
    settings.call("PATCH", "settings", {"stalled_client_s": 0.5})
    request = b"GET /agent/static/dist/desk.js HTTP/1.1\r\n" + HOST + b"\r\n"

    with connected(server, window=4096) as raw:
        deadline = time.monotonic() + 60
        while "did not read its answer" not in server.logs() and time.monotonic() < deadline:
            raw.send(request * 20)
            time.sleep(0.25)
        assert "did not read its answer" in server.logs()
        assert raw.is_closed_by_server()


def test_crowd_that_only_connects_costs_little_and_leaves_nothing(
    server: LocalConnect, settings: ControlApi, crowd_size: int
) -> None:
    """Should serve others beside thousands of idle and half-sent requests, and need no more for the next thousands."""
    open_before = descriptors(server.pid)

    def crowd_came_and_went() -> int:
        """Resident KiB of the server at the height of it."""
        crowd = []
        for number in range(crowd_size):
            raw = RawSocket(server)
            raw.send((b"", HALF_HEAD, HALF_BODY)[number % 3])
            crowd.append(raw)
        assert exchange(server, HEALTH).status == 200
        assert settings.call("GET", "state")["contacts"] == []
        height = resident_kib(server.pid)
        for raw in crowd:
            raw.close()
        wait_for(lambda: descriptors(server.pid) <= open_before + 2)
        return height

    before = resident_kib(server.pid)
    first = crowd_came_and_went()
    # What the allocator keeps of the first crowd is its own affair, as long as the next one lives on it.
    second = crowd_came_and_went()

    assert (first - before) / crowd_size < 24
    assert second - first < _GROWTH_KIB


def test_newcomers_are_served_when_there_is_no_room(
    server: LocalConnect, settings: ControlApi
) -> None:
    """Should close those that have been waiting longest, and say so."""
    settings.call("PATCH", "settings", {"max_connections": 50})
    crowd = [RawSocket(server) for _ in range(200)]
    try:
        assert exchange(server, HEALTH).status == 200
        assert crowd[0].is_closed_by_server()
        crowd[-1].send(HEALTH)
        assert crowd[-1].reply().status == 200
        assert "the most there may be" in server.logs()
    finally:
        for raw in crowd:
            raw.close()


def test_newcomers_are_told_when_everybody_is_busy(
    server: LocalConnect, settings: ControlApi
) -> None:
    """Should answer 503 rather than nothing when no connection can be spared."""
    busy = [RawSocket(server) for _ in range(20)]
    try:
        for raw in busy:
            raw.send(HALF_BODY)
        settings.call("PATCH", "settings", {"max_connections": 10})
        wait_for(lambda: exchange(server, HEALTH).status == 503)
    finally:
        for raw in busy:
            raw.close()
        wait_for(lambda: exchange(server, HEALTH).status == 200)


def test_server_without_descriptors_serves_who_is_there(
    server: LocalConnect, settings: ControlApi
) -> None:
    """Should keep answering on connections it has, take no processor time, and take new ones again later."""
    limits = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    with connected(server) as friend:
        friend.send(HEALTH)
        assert friend.reply().status == 200
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (40, limits[1]))
        crowd = [RawSocket(server) for _ in range(200)]
        try:
            spent = processor_s(server.pid)
            time.sleep(1)
            assert processor_s(server.pid) - spent < 0.5
            friend.send(HEALTH)
            assert friend.reply().status == 200
        finally:
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, limits)
            for raw in crowd:
                raw.close()
    wait_for(lambda: exchange(server, HEALTH).status == 200)


def test_bad_requests_leave_nothing_behind(server: LocalConnect, settings: ControlApi) -> None:
    """Should hold as much memory and as many files after thousands of them as before, and little in its log."""
    kinds = (
        b"BAD\r\n\r\n",
        HEALTH.replace(b"Host", b"Hose"),
        b"GET /contacts/i/c HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /x HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET /agent/socket HTTP/1.1\r\n" + HOST + UPGRADE + b"\r\n",
        b"PUT /contact/webrtc HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n",
    )

    def hammer() -> None:
        for number in range(3000):
            with connected(server) as raw:
                raw.send(kinds[number % len(kinds)])
                if number % len(kinds) in (1, 3):
                    assert raw.reply().status in (400, 431)

    hammer()
    before, open_before = resident_kib(server.pid), descriptors(server.pid)
    logged = len(server.logs())
    hammer()

    wait_for(lambda: descriptors(server.pid) <= open_before + 2)
    assert resident_kib(server.pid) - before < _GROWTH_KIB
    assert len(server.logs()) - logged < 1_000_000
    assert "Traceback" not in server.logs()


def opened_desk(server: LocalConnect, name: bytes) -> RawSocket:
    """A WebSocket with an agent's desk at its other end."""
    host = b"127.0.0.1:%d" % server.port
    raw = RawSocket(server)
    raw.send(
        b"GET /agent/socket?name=%b HTTP/1.1\r\nHost: %b\r\nOrigin: http://%b\r\n%b\r\n"
        % (name, host, host, UPGRADE)
    )
    assert raw.reply().status == 101
    return raw


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        (b"\x01\x80\0\0\0\0" + b"\x00\x80\0\0\0\0" * 5000, "too many fragments"),
        (b"\x81\x82\0\0\0\0\xff\xfe", "text that is not UTF-8"),
        (b"\x81\xff" + struct.pack("!Q", 2**40) + b"\0\0\0\0", ""),
        (b"\x83\x80\0\0\0\0", ""),
        (b"\x81\x02hi", ""),
    ],
)
@pytest.mark.usefixtures("settings")
def test_socket_that_breaks_the_protocol_is_closed(
    server: LocalConnect, frames: bytes, reason: str
) -> None:
    """Should end a WebSocket whose frames are endless, no text, or no frames."""
    raw = opened_desk(server, b"Ben")
    raw.send(frames)

    assert raw.is_closed_by_server()
    raw.close()
    assert reason in server.logs()
    assert "Traceback" not in server.logs()


@pytest.mark.usefixtures("settings")
def test_pings_without_end_do_not_pile_up(server: LocalConnect) -> None:
    """Should stop reading a client that does not read the answers to its pings."""
    raw = opened_desk(server, b"Ben")
    raw.socket.settimeout(0.5)
    before = resident_kib(server.pid)
    ping = b"\x89\xfd\0\0\0\0" + b"p" * 125
    with contextlib.suppress(TimeoutError):
        for _ in range(100):
            raw.socket.sendall(ping * 8000)
    grown = resident_kib(server.pid) - before
    raw.close()

    assert grown < _GROWTH_KIB


def test_signalling_that_never_joins_is_ended(server: LocalConnect, settings: ControlApi) -> None:
    """Should not hold a socket open for a client that has a token and does nothing with it."""
    settings.call("PATCH", "settings", {"signaling_join_s": 0.5})
    client = make_client(server)
    connection = client.start_web_rtc_contact(**start_request())["ConnectionData"]
    client.close()
    token = connection["Attendee"]["JoinToken"]
    url = connection["Meeting"]["MediaPlacement"]["SignalingUrl"]

    with (
        open_websocket(url, subprotocols=["_aws_wt_session", token]) as socket,
        pytest.raises(ConnectionClosed) as closed,
    ):
        socket.recv(timeout=20)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4500


def processor_s(pid: int) -> float:
    """Processor time a process has used, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
