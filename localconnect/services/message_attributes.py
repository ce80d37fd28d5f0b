"""Attributes that a message's sender adds to it: their rules, their size, their digest, and which are asked for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from localconnect.aws.errors import ServiceError

_MAX_ATTRIBUTES = 10
_NAME = re.compile(r"(?!(?i:aws|amazon)\.)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_MAX_NAME = 256
_TYPE = re.compile(r"(String|Number|Binary)(\..+)?", re.DOTALL)

Attributes = Mapping[str, Mapping[str, Any]]


def check_attributes(attributes: Attributes) -> None:
    """Accept `attributes`, or say what is wrong with them.

    :raises ServiceError: InvalidParameterValue.
    """
    if len(attributes) > _MAX_ATTRIBUTES:
        raise _refusal(
            f"Number of message attributes exceeds the allowed maximum [{_MAX_ATTRIBUTES}]."
        )
    for name, value in attributes.items():
        if len(name) > _MAX_NAME or not _NAME.fullmatch(name):
            raise _refusal(
                "Can only include alphanumeric characters, hyphens, underscores, or periods."
            )
        kind = value["DataType"]
        if len(kind) > _MAX_NAME or not _TYPE.fullmatch(kind):
            raise _refusal(
                f"The message attribute '{name}' has an invalid message attribute type."
            )
        member = "BinaryValue" if kind.startswith("Binary") else "StringValue"
        if not value.get(member):
            raise _refusal(
                f"The message attribute '{name}' must have a {member}, which is not empty."
            )
        _raw(value)


def size_of_attributes(attributes: Attributes) -> int:
    """Bytes of names, types and values."""
    return sum(
        len(name.encode()) + len(value["DataType"].encode()) + len(_raw(value))
        for name, value in attributes.items()
    )


def md5_of_attributes(attributes: Attributes) -> str | None:
    """The digest that clients may check; None where there is nothing to check."""
    if not attributes:
        return None
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        value = attributes[name]
        is_binary = value["DataType"].startswith("Binary")
        for part in (name.encode(), value["DataType"].encode()):
            digest.update(len(part).to_bytes(4, "big") + part)
        raw = _raw(value)
        digest.update((b"\2" if is_binary else b"\1") + len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()


def selected_attributes(attributes: Attributes, asked: Iterable[str]) -> Attributes:
    """Those asked for by name, by prefix (`name.*`) or altogether (`All`, `.*`)."""
    names = set(asked)
    prefixes = tuple(name[:-1] for name in names if name.endswith(".*"))
    if names & {"All", ".*"}:
        return attributes
    return {
        name: value
        for name, value in attributes.items()
        if name in names or (prefixes and name.startswith(prefixes))
    }


def _raw(value: Mapping[str, Any]) -> bytes:
    """What a value stands for, as bytes."""
    if not value["DataType"].startswith("Binary"):
        return str(value.get("StringValue", "")).encode()
    try:
        return base64.b64decode(value.get("BinaryValue", ""))
    except (ValueError, binascii.Error):
        raise _refusal("A BinaryValue is not base64.") from None


def _refusal(text: str) -> ServiceError:
    return ServiceError("InvalidParameterValueException", text)
