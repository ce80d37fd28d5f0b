"""Requests made from botocore's service models: for each member at every depth, what is just allowed and just not.

`variants` changes one member of a valid request at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import botocore.session

from tests.conformance.model_limits import LIMITS, TIME, Place, Put, Variant, no_limits, sample

SERVED = {
    "connect": (
        "CreateParticipant",
        "DescribeContact",
        "DescribeContactFlow",
        "DescribeHoursOfOperation",
        "DescribeInstance",
        "DescribeInstanceAttribute",
        "DescribeQueue",
        "GetContactAttributes",
        "GetContactMetrics",
        "GetCurrentMetricData",
        "GetEffectiveHoursOfOperations",
        "ListAssociatedContacts",
        "ListContactFlows",
        "ListContactReferences",
        "ListHoursOfOperations",
        "ListInstances",
        "ListQueues",
        "MonitorContact",
        "SearchContacts",
        "StartScreenSharing",
        "StartWebRTCContact",
        "StopContact",
        "TagContact",
        "TransferContact",
        "UntagContact",
        "UpdateContact",
        "UpdateContactAttributes",
    ),
    "connectparticipant": (
        "CreateParticipantConnection",
        "DisconnectParticipant",
        "SendEvent",
        "SendMessage",
    ),
}
"""What localconnect implements, by service."""

_session = botocore.session.get_session()
MODELS = {service: _session.get_service_model(service) for service in SERVED}
OPERATIONS = {
    name: MODELS[service].operation_model(name)
    for service, names in SERVED.items()
    for name in names
}

_WRONG_TYPES: dict[str, tuple[Any, ...]] = {
    "structure": ("a", 7, True, ["a"]),
    "map": ("a", 7, True, [{}]),
    "list": ("a", 7, True, {"a": "a"}),
    "string": (7, 1.5, True, ["a"], {"a": "a"}),
    "integer": ("1", 1.5, True, [1], {}),
    "boolean": ("true", 1, []),
    "timestamp": ("yesterday", True, [TIME], {}),
}
_WRONG_TEXTS: dict[str, tuple[str, ...]] = {"integer": ("one", "1.5", "")}
"""What a member that travels as text may wrongly be; text itself is never of the wrong type."""

_DEEPEST = 2
"""How often a shape that contains itself is entered."""

_ABSENT = object()


def variants(model: Any, base: dict[str, Any]) -> Iterator[Variant]:
    """Every member of the operation's input at and beyond each of its limits; the rest stays as in `base`."""
    yield from _of_members(model.input_shape, base, Place("", lambda value: value))


def _of_members(shape: Any, value: dict[str, Any], place: Place) -> Iterator[Variant]:
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        inner = Place(
            f"{place.path}.{name}" if place.path else name,
            _put_into(value, name, place.put),
            is_text=location in ("uri", "querystring", "header"),
            entered=place.entered,
        )
        is_required = name in shape.required_members
        if is_required and location != "uri":  # without its label the request is another one
            yield inner.wrong("missing", _ABSENT)
        if not inner.is_text:
            null = inner.wrong if is_required else inner.right
            yield null("null", None)
        yield from _of_value(member, value.get(name, sample(member)), inner, location)


def _put_into(value: dict[str, Any], name: str, put: Put) -> Put:
    def put_member(item: Any) -> dict[str, Any]:
        kept = {key: other for key, other in value.items() if key != name}
        return put(kept if item is _ABSENT else {**kept, name: item})

    return put_member


def _of_value(shape: Any, value: Any, place: Place, location: str | None) -> Iterator[Variant]:
    kind = shape.type_name
    wrong = _WRONG_TEXTS.get(kind, ()) if place.is_text else _WRONG_TYPES[kind]
    for item in wrong:
        yield place.wrong(f"wrong type {item!r}", item)
    yield from LIMITS.get(kind, no_limits)(shape, value, place, location)
    if place.entered.count(shape.name) >= _DEEPEST:
        return
    inside = (*place.entered, shape.name)
    if kind == "structure":
        yield from _of_members(shape, value, Place(place.path, place.put, entered=inside))
    elif kind == "list":
        item = Place(f"{place.path}[0]", lambda item: place.put([item]), place.is_text, inside)
        yield from _of_value(shape.member, (value or [sample(shape.member)])[0], item, location)
    elif kind == "map":
        yield from _of_entries(shape, value, place, inside)


def _of_entries(
    shape: Any, value: dict[str, Any], place: Place, inside: tuple[str, ...]
) -> Iterator[Variant]:
    key, item = next(iter(value.items()))
    keys = Place(f"{place.path} (key)", lambda key: place.put({key: item}), is_text=True)
    yield from LIMITS["string"](shape.key, key, keys, None)
    inner = Place(f"{place.path}.{key}", lambda item: place.put({key: item}), entered=inside)
    yield inner.wrong("null", None)
    yield from _of_value(shape.value, item, inner, None)
