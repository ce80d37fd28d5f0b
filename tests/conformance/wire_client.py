"""Requests of any shape on one kept connection, as an SDK that checks nothing would send them.

Knows how rest-json puts parameters into a request and how it is signed; what the parameters mean is the tests' business.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit

from tests.conformance.conftest import RawClient, Reply
from tests.servers import LocalConnect

Encode = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Wire:
    """An HTTP request but for its signature."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def written(model: Any, params: dict[str, Any], *, encode: Encode = json.dumps) -> Wire:
    """`params` (by member name, of any type) as botocore's `model` of the operation places them.

    :param encode: writes the members of the body; what it cannot do, no test asks for.
    """
    labels: dict[str, str] = {}
    query: list[str] = []
    headers = {"Content-Type": "application/json"}
    document: dict[str, Any] = {}
    for name, value in params.items():
        traits = model.input_shape.members[name].serialization
        wire_name = traits.get("name", name)
        location = traits.get("location")
        if location == "uri":
            labels[wire_name] = _quoted(value)
        elif location == "querystring":
            for item in value if isinstance(value, list) else [value]:
                query.append(f"{_quoted(wire_name)}={_quoted(item)}")
        elif location == "header":
            headers[wire_name] = str(value)
        else:
            document[wire_name] = value
    path = model.http["requestUri"].partition("?")[0].replace("+}", "}").format(**labels)
    body = encode(document).encode("utf-8", "surrogatepass") if document else b""
    return Wire(
        model.http["method"], f"{path}?{'&'.join(query)}" if query else path, headers, body
    )


class WireClient(RawClient):
    """Like `RawClient`, on one connection that is kept."""

    def __init__(self, server: LocalConnect) -> None:
        super().__init__(server)
        self._connection = HTTPConnection(urlsplit(server.url).netloc, timeout=60)

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        """One request exactly as given."""
        self._connection.request(method, path, body or None, headers or {})
        response = self._connection.getresponse()
        return Reply(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read(),
        )

    def ask(self, model: Any, wire: Wire) -> Reply:
        """One request, signed where its service wants that."""
        headers = wire.headers
        if model.service_model.service_name == "connect":
            headers = {**self.sign(wire.method, wire.path, wire.body), **headers}
        return self.send(wire.method, wire.path, wire.body, headers)

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def wire_client(server: LocalConnect) -> Iterator[WireClient]:
    client = WireClient(server)
    try:
        yield client
    finally:
        client.close()


def _quoted(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return quote(text, safe="", errors="surrogatepass")
