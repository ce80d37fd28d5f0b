"""Turns an HTTP request into an operation's parameters, as its input shape says; nothing is checked here.

What cannot be read at all (bytes that are not UTF-8, broken or abysmal JSON) is refused as SerializationException;
values of the wrong type are passed on as they are, for `validation` to name.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn
from urllib.parse import unquote_plus

from localconnect.aws.errors import ServiceError
from localconnect.aws.service_model import Member, Operation, Shape


def parse(
    operation: Operation,
    *,
    labels: dict[str, str],
    query: str,
    headers: dict[str, str],
    body: bytes,
) -> dict[str, Any]:
    """The parameters of one request by member name. Unknown members are dropped, null is absence.

    :param labels: decoded path labels by wire name; `query` still encoded; header names in lower case.
    :raises ServiceError: SerializationException for a body that is not one JSON object.
    """
    document = _document(body)
    queried = _queried(query) if query else {}
    values: dict[str, Any] = {}
    for name, member in operation.input.members.items():
        if member.location == "body":
            value = document.get(member.wire_name)
        elif member.location == "uri":
            value = labels.get(member.wire_name)
        elif member.location == "querystring":
            value = _from_query(member, queried)
        else:
            value = headers.get(member.wire_name.lower())
        if value is not None:
            values[name] = value
    return values


def _document(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        text = body.decode()
        document = _decode(text)
        if "\\ud" in text or "\\uD" in text:
            # Half of a surrogate pair is legal in JSON's grammar, but is no character: it could not be written out again.
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ServiceError(
            "SerializationException", f"The request body is not valid JSON: {_reason(error)}."
        ) from None
    if not isinstance(document, dict):
        raise ServiceError("SerializationException", "The request body must be one JSON object.")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeEncodeError):
        return "it has half of a surrogate pair"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return str(error)[:100]


def _queried(query: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for item in query.split("&"):
        name, _, value = item.partition("=")
        values.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return values


def _from_query(member: Member, queried: dict[str, list[str]]) -> Any:
    found = queried.get(member.wire_name)
    if not found:
        return None
    shape = member.shape
    if shape.kind == "list" and shape.value is not None:
        return [_typed(shape.value, value) for value in found]
    return _typed(shape, found[-1])


def _typed(shape: Shape, text: str) -> Any:
    """A query value as the shape's type where it reads as one, else the text itself."""
    if shape.kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if shape.kind in ("integer", "long") and len(text) <= 20:
        try:
            return int(text)
        except ValueError:
            return text
    if shape.kind in ("float", "double"):
        try:
            return float(text)
        except ValueError:
            return text
    return text
