"""Records what localconnect answers to every case of `wire_cases`, byte by byte, in `wire/<name>.http`.

    python -m tests.conformance.wire_recordings        # from the project's folder; rewrites every recording

Only what must differ from run to run is replaced by a name in angle brackets. Lines end in CR LF on the wire, which is
checked here, and in LF in the files.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

from tests.conformance.conftest import ControlApi, RawClient
from tests.conformance.live_world import make_world
from tests.conformance.wire_cases import CASES, INSTANCE, TOO_LONG, Case
from tests.conformance.wire_client import wire_client
from tests.servers import LocalConnect

FOLDER = Path(__file__).with_name("wire")
_VARYING = (
    (rb"(?m)^date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$", b"date: <date>"),
    (
        rb"(?m)^x-amzn-requestid: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        b"x-amzn-requestid: <request id>",
    ),
    # The name of 413 depends on the version of Python.
    (rb"413 Content Too Large", b"413 Request Entity Too Large"),
)


def record(case: Case, server: LocalConnect) -> str:
    """The case's request and the answer to it, on a contact centre as good as new."""
    control = ControlApi(server.url)
    names = _arrange(control, server)
    control.call("PATCH", "settings", case.settings)
    if case.fault:
        control.call("POST", "faults", case.fault)
    body = _filled(case.body, names)
    path = _filled(case.path, names)
    headers = {name: _filled(value, names) for name, value in case.headers.items()}
    if case.signing is not None:
        headers |= RawClient(server).sign(case.method, path, body.encode(), **case.signing)
    answer = _exchange(server, case.method, path, headers, body.encode())
    for pattern, name in _VARYING:
        answer = re.sub(pattern, name, answer)
    text = answer.decode()
    for name, value in names.items():
        text = text.replace(value, name)
    return f"{_request_text(case)}\n\n{text}\n"


def _arrange(control: ControlApi, server: LocalConnect) -> dict[str, str]:
    with wire_client(server) as client:
        world = make_world(control, client)
        request = {"InstanceId": INSTANCE, "ContactId": world.waiting}
        third = client.signed("PUT", "/contact/webrtc", world.request("StartWebRTCContact"))
        assert client.signed("POST", "/contact/stop", request).status == 200
        return {
            "<connected>": world.connected,
            "<ended>": world.waiting,
            "<waiting>": third.json["ContactId"],
            "<connection token>": world.connection_token,
            "<mebibyte>": "m" * TOO_LONG,
        }


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(name, value)
    return text


def _request_text(case: Case) -> str:
    signature = {} if case.signing is None else {"Authorization": "<signature>"}
    headers = {"Content-Type": "application/json", **case.headers, **signature}
    lines = [f"{case.method} {case.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\n".join([*lines, "", case.body] if case.body else lines)


def _exchange(
    server: LocalConnect, method: str, path: str, headers: dict[str, str], body: bytes
) -> bytes:
    """The bytes that come back, heads with their lines' ends checked and simplified."""
    sent = {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}
    sent["Host"] = urlsplit(server.url).netloc
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        received = b""
        while b"\r\n\r\n" not in received:
            received += _some(connection)
        head, _, rest = received.partition(b"\r\n\r\n")
        [length] = re.findall(rb"(?im)^content-length: (\d+)\r?$", head)
        while len(rest) < int(length):
            rest += _some(connection)
    assert len(rest) == int(length)
    simple = head.replace(b"\r\n", b"\n")
    assert b"\r" not in simple
    assert simple.count(b"\n") == head.count(b"\n")
    return simple + b"\n\n" + rest


def _some(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    assert data, "The connection ended early"
    return data


def main() -> None:
    """Write every recording anew."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.http"):
        old.unlink()
    with LocalConnect().running() as server:
        for name, case in CASES.items():
            (FOLDER / f"{name}.http").write_text(record(case, server))


if __name__ == "__main__":
    main()
