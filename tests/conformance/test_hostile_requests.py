"""Requests that no honest client sends: each is answered with a 4xx and one line in the log, and never with a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.conformance.conftest import ControlApi, wait_for
from tests.conformance.hostile import HEALTH, HOST, UPGRADE, connected, exchange
from tests.servers import LocalConnect

START = b"PUT /contact/webrtc HTTP/1.1\r\n" + HOST
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"
SIGNED_BY_NOBODY = (
    b"Authorization: AWS4-HMAC-SHA256 Credential=localconnect/20260102/us-east-1/connect/aws4_request, "
    b"SignedHeaders=host, Signature=x\r\n"
)


def get(target: bytes, *headers: bytes) -> bytes:
    return b"GET %b HTTP/1.1\r\n%b%b\r\n" % (target, HOST, b"".join(headers))


def order(method: bytes, path: bytes, body: bytes) -> bytes:
    head = b"%b /_local/%b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n"
    return head % (method, path, HOST, len(body)) + body


NOT_HTTP = {
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
    "TLS hello": bytes.fromhex("1603010200010001fc0303") + bytes(200),
    "null bytes": bytes(100),
    "no version": b"GET /healthz\r\n\r\n",
    "HTTP/1.2": HEALTH.replace(b"1.1", b"1.2"),
    "HTTP/2.0": HEALTH.replace(b"1.1", b"2.0"),
    "HTTP/9.9": HEALTH.replace(b"1.1", b"9.9"),
    "unknown verb": HEALTH.replace(b"GET", b"BREW"),
    "verb in lower case": HEALTH.replace(b"GET", b"get"),
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": get(b"/healthz", HOST),
    "host that is none": HEALTH.replace(b"127.0.0.1", b"["),
    "host with a path": HEALTH.replace(b"127.0.0.1", b"a/b"),
    "target *": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "target of another host": get(b"http://evil.example/healthz"),
    "target without a path": get(b"http://127.0.0.1"),
    "target of a tunnel": b"CONNECT a:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    "target not ASCII": get(b"/\xff\xfe"),
    "null in the target": get(b"/\0"),
    "null in a header": get(b"/healthz", b"X: a\0b\r\n"),
    "bare CR in a header": get(b"/healthz", b"X: a\rb\r\n"),
    "folded header": get(b"/healthz", b"X: a\r\n b\r\n"),
    "space before the colon": get(b"/healthz", b"X : a\r\n"),
    "header without a name": get(b"/healthz", b": a\r\n"),
    "bare LF": HEALTH.replace(b"\r", b""),
    "length and chunks": START
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": START + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n0000",
    "negative length": START + b"Content-Length: -1\r\n\r\n",
    "length beyond 64 bits": START + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "chunk size not hex": CHUNKED + b"ZZ\r\n",
    "chunk size beyond 64 bits": CHUNKED + b"fffffffffffffffff\r\n",
    "chunks not last": START + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": CHUNKED.replace(b"1.1", b"1.0") + b"0\r\n\r\n",
    "WebSocket by POST": get(b"/agent/socket", UPGRADE).replace(b"GET", b"POST"),
    "WebSocket over HTTP/1.0": get(b"/agent/socket", UPGRADE).replace(b"1.1", b"1.0"),
    "WebSocket with a body": get(b"/agent/socket", UPGRADE, b"Content-Length: 2\r\n") + b"{}",
    "WebSocket header of 9 KB": get(b"/agent/socket", UPGRADE, b"X: %b\r\n" % (b"a" * 9000)),
    "WebSocket key too short": get(b"/agent/socket", UPGRADE.replace(b"dGhl", b"")),
    "WebSocket subprotocol": get(b"/control/x", UPGRADE, b"Sec-WebSocket-Protocol: a b,;\r\n"),
    "surrogate in an order": order(b"PATCH", b"settings", b'{"\\ud800": 1}'),
    "surrogate in a name": order(b"POST", b"agents", b'{"name": "\\ud800"}'),
    "number beyond a double": order(b"PATCH", b"settings", b'{"ring_s": 1%b}' % (b"0" * 400)),
    "number beyond time": order(b"PATCH", b"settings", b'{"ring_s": 1e300}'),
    "no number": order(b"PATCH", b"settings", b'{"ring_s": NaN}'),
    "order nested deeply": order(b"PATCH", b"settings", b"[" * 500_000),
}
REFUSED_OTHERWISE = {
    "head too large": (get(b"/healthz", b"X: %b\r\n" % (b"a" * 40_000)), 431),
    "too many headers": (get(b"/healthz", b"X: a\r\n" * 101), 431),
    "target too long": (get(b"/" + b"a" * 40_000), 431),
    "long body announced": (
        START + b"Content-Length: 100000000\r\nExpect: 100-continue\r\n\r\n",
        413,
    ),
    "odd expectation": (START + b"Expect: tea\r\nContent-Length: 2\r\n\r\n{}", 417),
    "origin that is none": (get(b"/_local/state", b"Origin: http://[\r\n"), 403),
    "desk of another origin": (get(b"/agent/socket", UPGRADE, b"Origin: http://[\r\n"), 403),
    "WebSocket on an API path": (get(b"/contact/webrtc", UPGRADE), 403),
    "request on a WebSocket path": (get(b"/agent/socket"), 404),
    "request on a signalling path": (get(b"/control/x"), 404),
    "verb of no operation": (get(b"/contact/webrtc").replace(b"GET", b"TRACE"), 404),
    "HEAD": (get(b"/contact/webrtc").replace(b"GET", b"HEAD"), 404),
    "label of null": (get(b"/contacts/i/%00"), 403),
    "label not encoded": (get(b"/contacts/%/%zz"), 403),
    "null in a file's name": (get(b"/agent/static/dist/%00"), 404),
    "file outside": (get(b"/agent/static/dist/..%2f..%2f__main__.py"), 404),
    "name too long": (get(b"/agent/static/dist/" + b"a" * 5000), 404),
    "year beyond reckoning": (
        get(b"/contacts/i/c", SIGNED_BY_NOBODY, b"Date: Mon, 01 Jan 99999999999 00:00:00 GMT\r\n"),
        403,
    ),
    "last year of all": (
        get(b"/contacts/i/c", SIGNED_BY_NOBODY, b"Date: Fri, 31 Dec 9999 23:59:59 -2300\r\n"),
        403,
    ),
}
ALL = {name: (data, 400) for name, data in NOT_HTTP.items()} | REFUSED_OTHERWISE


@pytest.fixture(autouse=True)
def _no_failure(running_connect: LocalConnect, control: ControlApi) -> Iterator[None]:
    """Whatever a client sends, nothing here may fail."""
    yield
    assert exchange(running_connect, HEALTH).status == 200
    assert "Traceback" not in running_connect.logs()


@pytest.mark.parametrize("name", ALL)
def test_bad_request_is_refused_with_one_line_in_the_log(
    running_connect: LocalConnect, name: str
) -> None:
    """Should answer with a 4xx that says what is wrong, and note it."""
    data, status = ALL[name]
    before = len(running_connect.logs())

    reply = exchange(running_connect, data)

    assert reply.status == status
    [line] = wait_for(lambda: running_connect.logs()[before:].splitlines())
    assert str(status) in line


def test_refusal_has_the_form_of_an_aws_error(running_connect: LocalConnect) -> None:
    """Should be readable to the clients of AWS."""
    reply = exchange(running_connect, REFUSED_OTHERWISE["long body announced"][0])

    assert b"x-amzn-errortype: RequestEntityTooLargeException" in reply.head
    assert b"x-amzn-requestid: " in reply.head
    assert json.loads(reply.body) == {"message": "A request may have at most 1048576 bytes"}


def test_absolute_target_of_this_server_is_served(running_connect: LocalConnect) -> None:
    """Should understand what a client sends that takes it for a proxy."""
    assert exchange(running_connect, get(b"http://127.0.0.1/healthz")).status == 200


def test_old_client_without_host_is_served(running_connect: LocalConnect) -> None:
    """Should ask for a Host header only where HTTP does."""
    assert exchange(running_connect, b"GET /healthz HTTP/1.0\r\n\r\n").status == 200


def test_other_upgrade_is_not_taken(running_connect: LocalConnect) -> None:
    """Should answer in HTTP/1.1 whoever would rather speak HTTP/2, also to what follows."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    with connected(running_connect) as raw:
        raw.send(get(b"/healthz", offer))
        assert raw.reply().status == 200
        raw.send(HEALTH)
        assert raw.reply().status == 200


def test_trailers_are_no_headers(running_connect: LocalConnect) -> None:
    """Should not take an authorisation from behind the body."""
    reply = exchange(running_connect, CHUNKED + b"2\r\n{}\r\n0\r\nAuthorization: x\r\n\r\n")

    assert json.loads(reply.body) == {"message": "Missing Authentication Token"}


def test_pipelined_requests_are_answered_in_turn(running_connect: LocalConnect) -> None:
    """Should answer each request of several sent at once."""
    with connected(running_connect) as raw:
        raw.send(HEALTH + get(b"/contacts/i/c") + HEALTH)
        assert [raw.reply().status for _ in range(3)] == [200, 403, 200]


def test_bad_request_behind_a_good_one_does_not_answer_for_it(
    running_connect: LocalConnect,
) -> None:
    """Should answer the good request and then close, never let a refusal take its place."""
    with connected(running_connect) as raw:
        raw.send(HEALTH + b"BAD\r\n\r\n")
        assert raw.reply().status == 200
        assert raw.is_closed_by_server()


def test_flood_of_pipelined_requests_is_cut_off(running_connect: LocalConnect) -> None:
    """Should not queue requests without end for a client that sends them all at once."""
    with connected(running_connect) as raw:
        raw.send(HEALTH * 10_000)
        assert raw.reply().status == 200
        assert raw.is_closed_by_server()


def test_body_without_end_is_cut_off(running_connect: LocalConnect) -> None:
    """Should read no body for ever, whatever path it is for, and even if nobody there wants it."""
    for path, status in (
        (b"/contact/webrtc", 413),
        (b"/v1/client-events", 413),
        (b"/_local/agents", 400),
        (b"/_local/reset", 200),
    ):
        with connected(running_connect) as raw:
            raw.send(
                b"POST %b HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\n" % (path, HOST)
                + (b"100000\r\n" + bytes(0x100000) + b"\r\n") * 18
            )
            assert raw.reply().status == status
            assert raw.is_closed_by_server()


def test_client_that_leaves_is_forgotten(running_connect: LocalConnect) -> None:
    """Should mind neither a client that leaves within its request nor one that does not wait for the answer."""
    whole = get(b"/contacts/i/c")
    for data in (b"", b"G", whole[:20], START + b"Content-Length: 99\r\n\r\n{", whole, HEALTH * 9):
        with connected(running_connect) as raw:
            raw.send(data)


def test_log_cannot_be_written_by_a_client(running_connect: LocalConnect) -> None:
    """Should escape what a client says, so that it begins no line of its own, and leave secrets out."""
    before = len(running_connect.logs())

    exchange(running_connect, get(b"/agent/%0a2026-01-01%20ERROR%1b[31m%e2%80%a8x?token=secret"))
    exchange(running_connect, get(b"/participant/socket/secret", UPGRADE))

    lines = wait_for(
        lambda: len(found := running_connect.logs()[before:].splitlines()) == 2 and found
    )
    assert "\\n2026-01-01 ERROR\\x1b" in lines[0]
    assert "secret" not in "".join(lines)
    assert all(character.isprintable() for line in lines for character in line)
