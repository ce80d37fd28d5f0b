"""What is wrong with a reply, held against botocore's model of its operation, more strictly than botocore does.

Types, required and unknown members, limits, enums, patterns; times are numbers. An error must be one that the
operation declares, with its status, or one of the API's front end.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

from tests.conformance.conftest import Reply

FRONT_END = {
    "SerializationException": 400,
    "RequestEntityTooLargeException": 413,
    "TooManyRequestsException": 429,
    "UnknownOperationException": 404,
}
"""Errors of the front end that a signed request may meet, and their statuses."""

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}
_NOT_FOR_OUTPUT = {"ContactTagKey", "ContactTagMap"}
"""Shapes whose limits are meant for input: Amazon Connect's own tags have the prefix that is forbidden, and come on top."""


def problems_of(model: Any, reply: Reply) -> list[str]:
    """Everything that is wrong with a reply of the operation `model`; nothing, if it is as modelled."""
    found = list(_frame_problems(reply))
    try:
        document = json.loads(reply.body, parse_constant=_refuse)
    except ValueError as error:
        return [*found, f"the body is not JSON: {error}"]
    if reply.status == 200:
        shape = model.output_shape
        if shape is None:
            return found if document == {} else [*found, f"expected an empty reply: {document}"]
        return [*found, *shape_problems(document, shape, "reply")]
    return [*found, *_error_problems(model, reply, document)]


def shape_problems(value: Any, shape: Any, path: str) -> Iterator[str]:
    """What is wrong with `value` as the shape."""
    kind = shape.type_name
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{path}: {type(value).__name__} is no {kind}"
        return
    yield from _limit_problems(value, shape, path)
    if kind == "structure":
        yield from _member_problems(value, shape, path)
    elif kind == "list":
        for index, item in enumerate(value):
            yield from shape_problems(item, shape.member, f"{path}[{index}]")
    elif kind == "map":
        for key, item in value.items():
            yield from shape_problems(key, shape.key, f"{path} (key)")
            yield from shape_problems(item, shape.value, f"{path}.{key}")


def _member_problems(value: dict[str, Any], shape: Any, path: str) -> Iterator[str]:
    members = {
        member.serialization.get("name", name): member for name, member in shape.members.items()
    }
    for name in value.keys() - members.keys():
        yield f"{path}.{name}: unknown to {shape.name}"
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name}: missing"
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        yield f"{path}: a union has one member"
    for name in value.keys() & members.keys():
        yield from shape_problems(value[name], members[name], f"{path}.{name}")


def _limit_problems(value: Any, shape: Any, path: str) -> Iterator[str]:
    traits = {} if shape.name in _NOT_FOR_OUTPUT else shape.metadata
    size = len(value) if isinstance(value, str | list | dict) else value
    if "min" in traits and size < traits["min"]:
        yield f"{path}: {size} is less than {traits['min']}"
    if "max" in traits and size > traits["max"]:
        yield f"{path}: {size} is more than {traits['max']}"
    if "enum" in traits and value not in traits["enum"]:
        yield f"{path}: {value} is none of {traits['enum']}"
    pattern = traits.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        yield f"{path}: {value} does not match {pattern}"


def _frame_problems(reply: Reply) -> Iterator[str]:
    if reply.headers.get("content-type") != "application/json":
        yield f"content-type: {reply.headers.get('content-type')}"
    request_id = reply.headers.get("x-amzn-requestid", "")
    try:
        is_canonical = str(uuid.UUID(request_id)) == request_id
    except ValueError:
        is_canonical = False
    if not is_canonical:
        yield f"x-amzn-requestid: {request_id!r}"
    if (reply.status == 200) is not (reply.error is None):
        yield f"x-amzn-errortype: {reply.error} with status {reply.status}"


def _error_problems(model: Any, reply: Reply, document: Any) -> Iterator[str]:
    shapes = {shape.name: shape for shape in model.error_shapes}
    shape = shapes.get(reply.error or "")
    if shape is None:
        if FRONT_END.get(reply.error or "") != reply.status:
            yield f"{reply.status} {reply.error} is neither modelled nor the front end's"
        elif not (isinstance(document, dict) and isinstance(document.get("message"), str)):
            yield f"the front end says {document}"
        return
    declared = shape.metadata["error"]["httpStatusCode"]
    if reply.status != declared:
        yield f"{reply.error} has status {declared}, not {reply.status}"
    yield from shape_problems(document, shape, "error")
    if isinstance(document, dict) and not document.get("Message"):
        yield f"{reply.error} says nothing"


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
