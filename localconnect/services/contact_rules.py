"""What Amazon Connect asks of a contact beyond what its service model can say.

Totals in UTF-8 bytes, the characters of attribute keys, which references may be given at creation and what a DATE
looks like. Each check raises `ApiError` naming the member and the limit; what AWS leaves undocumented follows the
project's reference and is listed in docs/reference/fidelity.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from localconnect.aws.errors import ApiError, Cause
from localconnect.contacts import (
    MAX_ATTRIBUTES_BYTES,
    NOTHING,
    Capabilities,
    Reference,
    attributes_bytes,
)

MAX_REFERENCES_BYTES = 4_096
REFERENCE_TYPES_AT_CREATION = ("URL", "NUMBER", "STRING", "DATE", "EMAIL")

_ATTRIBUTE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_EPOCH = re.compile(r"[0-9]{1,15}")


def check_attributes(attributes: Mapping[str, str]) -> None:
    """Accept user-defined attributes.

    :raises ApiError: MEMBER for a key with a forbidden character, RULE when all pairs have over 32,768 UTF-8 bytes.
    """
    for key in attributes:
        if not _ATTRIBUTE_KEY.fullmatch(key):
            raise ApiError(
                Cause.MEMBER,
                f"Attributes: the key {key[:64]!r} may contain only alphanumeric characters, - and _",
            )
    total = attributes_bytes(attributes)
    if total > MAX_ATTRIBUTES_BYTES:
        raise ApiError(
            Cause.RULE,
            f"Attributes: {total} UTF-8 bytes over all keys and values; at most {MAX_ATTRIBUTES_BYTES} are allowed",
        )


def check_references(references: Mapping[str, Reference]) -> None:
    """Accept the references of a contact that is being created.

    :raises ApiError: RULE for a type that cannot be given at creation, a DATE that is no epoch timestamp, or more than
        4,096 UTF-8 bytes over all names and values.
    """
    for name, reference in references.items():
        if reference.type not in REFERENCE_TYPES_AT_CREATION:
            raise ApiError(
                Cause.RULE,
                f"References.{name[:64]}.Type: {reference.type} cannot be given at creation; "
                f"allowed are {', '.join(REFERENCE_TYPES_AT_CREATION)}",
            )
        if reference.type == "DATE" and not _EPOCH.fullmatch(reference.value):
            raise ApiError(
                Cause.RULE,
                f"References.{name[:64]}.Value: a DATE is an epoch timestamp in seconds",
            )
    total = sum(_bytes(name) + _bytes(reference.value) for name, reference in references.items())
    if total > MAX_REFERENCES_BYTES:
        raise ApiError(
            Cause.RULE,
            f"References: {total} UTF-8 bytes over all names and values; at most {MAX_REFERENCES_BYTES} are allowed",
        )


def references_of(value: Mapping[str, Any]) -> Mapping[str, Reference]:
    """A request's References as values."""
    if not value:
        return NOTHING
    return {
        name: Reference(
            item["Type"],
            item.get("Value") or "",
            item.get("Status"),
            item.get("Arn"),
            item.get("StatusReason"),
        )
        for name, item in value.items()
    }


def capabilities_of(value: Mapping[str, Any] | None) -> Capabilities:
    """ParticipantCapabilities as a value; what is absent is not allowed."""
    value = value or NOTHING
    return _capabilities(value.get("Video") == "SEND", value.get("ScreenShare") == "SEND")


@cache  # there are four of them, and every contact has two
def _capabilities(video: bool, screen_share: bool) -> Capabilities:
    return Capabilities(video, screen_share)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
