"""The one door to botocore: its service models, turned into this package's own plain values.

botocore's shapes are rebuilt with each access; the hot path needs them many times a request, so an operation is
translated once, when first used. No other module of localconnect imports botocore.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, cast

import botocore.model
from botocore.loaders import Loader

Kind = Literal[
    "structure",
    "map",
    "list",
    "string",
    "integer",
    "long",
    "float",
    "double",
    "boolean",
    "timestamp",
    "blob",
]
Location = Literal["body", "uri", "querystring", "header"]


@dataclass(slots=True, eq=False)
class Shape:
    """One type of a service model with its constraints. Shapes may refer to themselves."""

    name: str
    kind: Kind
    minimum: int | None = None
    maximum: int | None = None
    pattern: re.Pattern[str] | None = None
    choices: frozenset[str] = frozenset()
    is_union: bool = False
    members: dict[str, Member] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    key: Shape | None = None
    value: Shape | None = None
    """What a list or a map holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One member of a structure: its name for code, its name on the wire and where it travels."""

    name: str
    wire_name: str
    location: Location
    shape: Shape


@dataclass(slots=True, eq=False)
class ErrorShape:
    """One error an operation declares."""

    code: str
    status: int


_CORRECTIONS: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("sqs", "ReceiveMessage"): (("AttributeNames", "MessageSystemAttributeNames"),),
}
"""Members of an input that take what another member takes, and not what the model says."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a service writes its messages, beyond what its shapes say."""

    content_type: bytes = b"application/json"
    target_prefix: str | None = None
    """Where set, the header X-Amz-Target names the operation, `<prefix>.<operation>`, and errors name themselves in
    the member `__type`; otherwise method and path do, and the header x-amzn-ErrorType."""
    is_query_compatible: bool = False
    """Errors also carry the code they had in the older query protocol."""


@dataclass(eq=False)
class Operation:
    """One operation of a service: how it is addressed, what goes in, what comes out, how it fails."""

    service: str
    name: str
    key: str
    """What behaviours, rate limits and faults know it by."""
    method: str
    uri: str
    protocol: Protocol
    _model: Any = field(repr=False)

    @cached_property
    def input(self) -> Shape:
        shape = _translated(self._model.input_shape)
        for wrong, right in _CORRECTIONS.get((self.service, self.name), ()):
            shape.members[wrong] = replace(shape.members[wrong], shape=shape.members[right].shape)
        return shape

    @cached_property
    def output(self) -> Shape:
        return _translated(self._model.output_shape)

    @cached_property
    def errors(self) -> Mapping[str, ErrorShape]:
        return {
            shape.name: ErrorShape(
                shape.name, shape.metadata.get("error", {}).get("httpStatusCode", 400)
            )
            for shape in self._model.error_shapes
        }


def load_operations(service: str, key_prefix: str = "") -> Iterator[Operation]:
    """Every operation of `service` (botocore's name, e.g. `connect`) in the newest model botocore brings along.

    :param key_prefix: begins their keys, for a service some operations of which are called as another service's are.
    """
    # Not through a session, which would load all that signs and sends requests.
    description = Loader().load_service_model(service, "service-2")
    model = botocore.model.ServiceModel(description, service)
    protocol = _protocol(model.metadata)
    for name in model.operation_names:
        operation = model.operation_model(name)
        http = operation.http
        yield Operation(
            service,
            name,
            key_prefix + name,
            http["method"],
            http["requestUri"],
            protocol,
            operation,
        )


def _protocol(metadata: Mapping[str, Any]) -> Protocol:
    if metadata["protocol"] != "json":
        return Protocol()
    return Protocol(
        f"application/x-amz-json-{metadata['jsonVersion']}".encode(),
        metadata["targetPrefix"],
        "awsQueryCompatible" in metadata,
    )


def _translated(shape: botocore.model.Shape | None) -> Shape:
    if shape is None:
        return Shape("Nothing", "structure")
    return _translate(shape, {})


def _translate(source: Any, known: dict[str, Shape]) -> Shape:
    if source.name in known:
        return known[source.name]
    traits = source.metadata
    shape = Shape(
        source.name,
        _kind_of(source.type_name),
        minimum=traits.get("min"),
        maximum=traits.get("max"),
        pattern=_compiled(traits.get("pattern")),
        choices=frozenset(traits.get("enum", ())),
    )
    known[source.name] = shape  # before descending: a shape may contain itself
    if shape.kind == "structure":
        shape.is_union = bool(getattr(source, "is_tagged_union", False))
        shape.required = tuple(source.required_members)
        shape.members = {
            name: _member(name, member, known) for name, member in source.members.items()
        }
    elif shape.kind == "map":
        shape.key, shape.value = _translate(source.key, known), _translate(source.value, known)
    elif shape.kind == "list":
        shape.value = _translate(source.member, known)
    return shape


def _member(name: str, source: Any, known: dict[str, Shape]) -> Member:
    location = source.serialization.get("location", "body")
    return Member(
        name,
        source.serialization.get("name", name),
        location if location in ("uri", "querystring", "header") else "body",
        _translate(source, known),
    )


def _kind_of(type_name: str) -> Kind:
    if type_name == "character":
        return "string"
    return cast("Kind", type_name)


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    """The pattern for Python, or None when it uses a Java-only class such as `\\p{L}`."""
    if pattern is None:
        return None
    try:
        return re.compile(pattern, re.ASCII)  # \d is 0 to 9 alone, as in Java
    except re.error:
        return None
