"""Writes replies and errors in AWS's rest-json form.

Times become epoch seconds as numbers, absent members are left out, `x-amzn-RequestId` is on everything. Headers are
returned as ASGI wants them: pairs of bytes, names in lower case.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from localconnect.aws.errors import FRONT_END, ServiceError
from localconnect.aws.service_model import Shape


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response, ready to be sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def serialize(result: dict[str, Any] | None, shape: Shape, request_id: str) -> Reply:
    """The 200 reply carrying `result`, by the operation's output shape; members the shape lacks are dropped."""
    document = _structure(result or {}, shape)
    return _reply(200, document, request_id, [])


def serialize_error(error: ServiceError, request_id: str) -> Reply:
    """The reply for `error`: its class in `x-amzn-ErrorType`, its text in `Message` (or `message`, see FRONT_END)."""
    key = "message" if error.code in FRONT_END else "Message"
    header = (b"x-amzn-errortype", error.code.encode("latin-1", "replace"))
    return _reply(error.status, {key: error.message}, request_id, [header])


def _reply(
    status: int, document: dict[str, Any], request_id: str, headers: list[tuple[bytes, bytes]]
) -> Reply:
    body = _encode(document).encode("utf-8", "replace")
    return Reply(
        status,
        [
            (b"x-amzn-requestid", request_id.encode()),
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            *headers,
        ],
        body,
    )


def _structure(value: dict[str, Any], shape: Shape) -> dict[str, Any]:
    written = {}
    for name, item in value.items():
        member = shape.members.get(name)
        if member is not None and item is not None:
            written[member.wire_name] = _written(item, member.shape)
    return written


def _written(value: Any, shape: Shape) -> Any:
    kind = shape.kind
    if kind == "structure":
        return _structure(value, shape)
    if kind == "map" and shape.value is not None:
        inner = shape.value
        return {key: _written(item, inner) for key, item in value.items()}
    if kind == "list" and shape.value is not None:
        inner = shape.value
        return [_written(item, inner) for item in value]
    if kind == "timestamp":
        return _epoch_seconds(value)
    return value


def _epoch_seconds(value: datetime | float) -> float:
    seconds = value.timestamp() if isinstance(value, datetime) else value
    return round(seconds, 3)
