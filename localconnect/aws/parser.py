"""Turns an HTTP request into an operation's parameters, as its input shape says; nothing is checked here.

What cannot be read at all (bytes that are not UTF-8, broken or abysmal JSON) is refused as SerializationException;
values of the wrong type are passed on as they are, for `validation` to name.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn
from urllib.parse import unquote

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
    values: dict[str, Any] = {}
    places = _places(operation.input)
    for wire, value in _document(body).items():
        if value is not None and wire in places.body:
            values[places.body[wire]] = value
    values |= {name: labels[wire] for wire, name in places.uri if wire in labels}
    if query and places.query:
        values |= _from_query(places.query, _queried(query))
    values |= {name: headers[wire] for wire, name in places.headers if wire in headers}
    return values


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the members of an input shape travel: wire name and name of each, header names in lower case."""

    body: dict[str, str]
    uri: list[tuple[str, str]]
    query: list[Member]
    headers: list[tuple[str, str]]


@cache
def _places(shape: Shape) -> _Places:
    by_location: dict[str, list[Member]] = defaultdict(list)
    for member in shape.members.values():
        by_location[member.location].append(member)
    return _Places(
        body={member.wire_name: member.name for member in by_location["body"]},
        uri=[(member.wire_name, member.name) for member in by_location["uri"]],
        query=by_location["querystring"],
        headers=[(member.wire_name.lower(), member.name) for member in by_location["header"]],
    )


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


_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}")
"""What Python's int() takes besides, such as 1_0 or digits of other scripts, is no number to Amazon Connect."""

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
        # A plus sign is one, as in the canonical query that was signed.
        values.setdefault(unquote(name), []).append(unquote(value))
    return values


def _from_query(members: list[Member], queried: dict[str, list[str]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for member in members:
        found, shape = queried.get(member.wire_name), member.shape
        if found and shape.kind == "list" and shape.value is not None:
            values[member.name] = [_typed(shape.value, value) for value in found]
        elif found:
            # Several values where one belongs are a list, which `validation` refuses by the member's name.
            values[member.name] = _typed(shape, found[0]) if len(found) == 1 else found
    return values


def _typed(shape: Shape, text: str) -> Any:
    """A query value as the shape's type where it reads as one, else the text itself."""
    if shape.kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if shape.kind in ("integer", "long") and _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    if shape.kind in ("float", "double"):
        try:
            return float(text)
        except ValueError:
            return text
    return text
