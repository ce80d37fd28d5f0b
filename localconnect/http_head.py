"""What a request may have, and what is wrong with its head beyond what its parser refuses.

Pure rules over what has been read; who tells the client, and how, is `http_protocol`. Source: RFC 9110 and 9112.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

Headers = Sequence[tuple[bytes, bytes]]

MAX_HEAD = 32 * 1024
MAX_HEADERS = 100
MAX_BODY = 1024 * 1024
TRANSPORT_EXTENSION = "localconnect.transport"
"""Among the ASGI extensions of a request: its `transport`, for ending the connection without an answer."""

_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::[0-9]{1,5})?")
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)
_MAX_HOST = 255


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a request is refused: its HTTP status and a sentence for whoever wrote the client."""

    status: int
    text: str


MALFORMED = Flaw(400, "This is not an HTTP request")
HEAD_TOO_LARGE = Flaw(431, f"A head may have at most {MAX_HEAD} bytes and {MAX_HEADERS} headers")
BODY_TOO_LARGE = Flaw(413, f"A request may have at most {MAX_BODY} bytes")
HEAD_TOO_SLOW = Flaw(408, "The request's head did not arrive in time")
BODY_TOO_SLOW = Flaw(408, "The request's body did not arrive in time")
TOO_MANY_REQUESTS = Flaw(400, "Too many requests wait for their answers on one connection")
NO_ROOM = Flaw(503, "There are too many connections; try again soon")


def flaw_in_head(
    version: str, method: bytes, target: bytes, headers: Headers, *, upgrades: bool
) -> Flaw | None:
    """The first rule that a complete head breaks, or None.

    :param headers: names in lower case; `upgrades` says that the client asks for a WebSocket.
    """
    if version not in ("1.0", "1.1"):
        return Flaw(400, "This server speaks HTTP/1.1")
    values: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return (
        _host_flaw(version, target, values.get(b"host", []))
        or _length_flaw(version, values)
        or (_upgrade_flaw(version, method, values) if upgrades else None)
    )


def _host_flaw(version: str, target: bytes, hosts: list[bytes]) -> Flaw | None:
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        return Flaw(400, "A request has exactly one Host header")
    host = hosts[0] if hosts else None
    if host is not None and (len(host) > _MAX_HOST or not _HOST.fullmatch(host)):
        return Flaw(400, "The Host header is not a host and port")
    if target.startswith(b"/"):
        return None
    absolute = _ABSOLUTE.match(target)
    if absolute is None:
        return Flaw(400, "The request's target must be a path")
    if host is None or absolute[1].lower() != host.lower():
        return Flaw(400, "The request's target and its Host header differ")
    return None


def _length_flaw(version: str, values: dict[bytes, list[bytes]]) -> Flaw | None:
    if version == "1.0" and b"transfer-encoding" in values:
        return Flaw(400, "Transfer-Encoding is not part of HTTP/1.0")
    expected = values.get(b"expect", [])
    if any(value.lower() != b"100-continue" for value in expected):
        return Flaw(417, "The only expectation that can be met is 100-continue")
    length = int(values.get(b"content-length", [b"0"])[0])  # the parser admits digits only
    return BODY_TOO_LARGE if expected and length > MAX_BODY else None


def _upgrade_flaw(version: str, method: bytes, values: dict[bytes, list[bytes]]) -> Flaw | None:
    if (
        method != b"GET"
        or version != "1.1"
        or values.keys() & {b"content-length", b"transfer-encoding"}
    ):
        return Flaw(400, "A WebSocket is opened by GET over HTTP/1.1, without a body")
    return None
