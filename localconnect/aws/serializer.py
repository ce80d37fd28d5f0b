"""Writes replies and errors in AWS's JSON forms: rest-json, or json for services whose model says so.

Times become epoch seconds as numbers, absent members are left out, `x-amzn-RequestId` is on everything. Headers are
returned as ASGI wants them: pairs of bytes, names in lower case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from localconnect.aws.errors import FRONT_END, QUERY_CODES, ServiceError
from localconnect.aws.service_model import Operation, Protocol, Shape
from localconnect.timestamps import to_milliseconds


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response, ready to be sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


_REST = Protocol()


def serialize(result: dict[str, Any] | None, operation: Operation, request_id: str) -> Reply:
    """The 200 reply carrying `result`, by the operation's output shape; members the shape lacks are dropped."""
    document = _writer(operation.output)(result or {})
    return _reply(200, document, request_id, operation.protocol, [])


def serialize_error(
    error: ServiceError, request_id: str, operation: Operation | None = None
) -> Reply:
    """The reply for `error` of `operation`, None where none was found.

    Its class is in `x-amzn-ErrorType` and its text in `Message` (or `message`, see FRONT_END); in the json protocol
    the class is in `__type`, the text in `message`.
    """
    if operation is None or operation.protocol.target_prefix is None:
        key = "message" if error.code in FRONT_END else "Message"
        header = (b"x-amzn-errortype", _header_text(error.code))
        return _reply(error.status, {key: error.message}, request_id, _REST, [header])
    headers = []
    if operation.protocol.is_query_compatible:
        fault = "Sender" if error.status < 500 else "Receiver"
        code = f"{QUERY_CODES.get(error.code, error.code)};{fault}"
        headers.append((b"x-amzn-query-error", _header_text(code)))
    document = {
        "__type": f"com.amazonaws.{operation.service}#{error.code}",
        "message": error.message,
    }
    return _reply(error.status, document, request_id, operation.protocol, headers)


def _header_text(text: str) -> bytes:
    return text.encode("latin-1", "replace")


def _reply(
    status: int,
    document: dict[str, Any],
    request_id: str,
    protocol: Protocol,
    headers: list[tuple[bytes, bytes]],
) -> Reply:
    body = orjson.dumps(document)
    return Reply(
        status,
        [
            (b"x-amzn-requestid", request_id.encode()),
            (b"content-type", protocol.content_type),
            (b"content-length", b"%d" % len(body)),
            *headers,
        ],
        body,
    )


Writer = Callable[[Any], Any]


@cache
def _writer(shape: Shape) -> Writer:
    """What makes a result of `shape` ready for JSON: built once, for it is needed with every reply."""
    return _compiled(shape, {}) or _as_it_is


def _compiled(shape: Shape, known: dict[Shape, Writer]) -> Writer | None:
    """The writer of `shape`; None for one whose values are written as they are.

    :param known: the structures being built, since a shape may contain itself.
    """
    if shape.kind == "structure":
        return known.get(shape) or _structure(shape, known)
    if shape.kind == "timestamp":
        return _epoch_seconds
    inner = None if shape.value is None else _compiled(shape.value, known)
    if inner is None:
        return None
    if shape.kind == "map":
        return lambda value: {key: inner(item) for key, item in value.items()}
    return lambda value: [inner(item) for item in value]


def _structure(shape: Shape, known: dict[Shape, Writer]) -> Writer:
    members: dict[str, tuple[str, Writer | None]] = {}

    def write(value: dict[str, Any]) -> dict[str, Any]:
        written = {}
        for name, item in value.items():
            if item is not None and name in members:
                wire_name, writer = members[name]
                written[wire_name] = item if writer is None else writer(item)
        return written

    known[shape] = write
    for name, member in shape.members.items():
        members[name] = (member.wire_name, _compiled(member.shape, known))
    return write


def _as_it_is(value: Any) -> Any:
    return value


def _epoch_seconds(value: datetime | float) -> float:
    seconds = value.timestamp() if isinstance(value, datetime) else value
    return to_milliseconds(seconds)
