"""Checks parameters against an input shape: everything the service model says, and botocore does not check.

botocore looks at types, required members and minimum lengths only; maximum lengths, patterns and enums arrive
unchecked, and other clients check nothing at all. Rules that no model can express belong to the services.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from localconnect.aws.errors import ApiError, Cause
from localconnect.aws.service_model import Shape

_MAX_DEPTH = 32
"""Recursive shapes (segment attributes) may not be nested deeper than this."""

_MAX_REPORTED = 10
_BITS = {"integer": 32, "long": 64}
_FAILED = "failed to satisfy constraint:"


def validate(params: dict[str, Any], shape: Shape) -> None:
    """Accept `params`, or say what is wrong with them.

    :raises ApiError: cause MEMBER; the text names up to ten members and the limit each one broke. Values are never
        repeated, since they may be personal.
    """
    problems: list[str] = []
    for problem in _structure(params, shape, "", 0):
        problems.append(problem)
        if len(problems) == _MAX_REPORTED:
            break
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise ApiError(
            Cause.MEMBER,
            f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}",
        )


def _check(value: Any, shape: Shape, path: str, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return iter(
            (
                f"Value at '{path[:200]}' {_FAILED} Member must not be nested deeper than {_MAX_DEPTH} levels",
            )
        )
    return _CHECKS[shape.kind](value, shape, path, depth)


def _structure(value: Any, shape: Shape, path: str, depth: int) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _wrong_type(path, "an object")
        return
    for name in shape.required:
        if value.get(name) is None:
            yield f"Value null at '{_join(path, name)}' {_FAILED} Member must not be null"
    present = 0
    for name, item in value.items():
        member = shape.members.get(name)
        if member is not None and item is not None:
            present += 1
            yield from _check(item, member.shape, _join(path, name), depth + 1)
    if shape.is_union and present != 1:
        yield f"Value at '{path}' {_FAILED} Exactly one member must be set"


def _map(value: Any, shape: Shape, path: str, depth: int) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _wrong_type(path, "an object")
        return
    assert shape.key is not None  # noqa: S101 - a map has both
    assert shape.value is not None  # noqa: S101
    yield from _size(len(value), shape, path, "size")
    for key, item in value.items():
        where = f"{path}.{key[:64]}"
        yield from _string(key, shape.key, f"{path} (key)", depth)
        yield from _check(item, shape.value, where, depth + 1)


def _list(value: Any, shape: Shape, path: str, depth: int) -> Iterator[str]:
    if not isinstance(value, list):
        yield _wrong_type(path, "a list")
        return
    assert shape.value is not None  # noqa: S101 - a list has one
    yield from _size(len(value), shape, path, "size")
    for index, item in enumerate(value):
        yield from _check(item, shape.value, f"{path}[{index}]", depth + 1)


def _string(value: Any, shape: Shape, path: str, _depth: int) -> Iterator[str]:
    if not isinstance(value, str):
        yield _wrong_type(path, "a string")
        return
    if shape.minimum is not None or shape.maximum is not None:
        too_long = False
        for problem in _size(len(value), shape, path, "length"):
            too_long = True
            yield problem
        if too_long:
            return  # a pattern is never run over text of unbounded length
    if shape.choices and value not in shape.choices:
        yield f"Value at '{path}' {_FAILED} Member must satisfy enum value set: [{', '.join(sorted(shape.choices))}]"
    if shape.pattern is not None and not shape.pattern.fullmatch(value):
        yield f"Value at '{path}' {_FAILED} Member must satisfy regular expression pattern: {shape.pattern.pattern}"


def _number(value: Any, shape: Shape, path: str, _depth: int) -> Iterator[str]:
    whole = shape.kind in _BITS
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        yield _wrong_type(path, "a whole number" if whole else "a number")
        return
    if not _is_in_range(value, shape.kind):
        yield _wrong_type(path, f"within the range of {shape.kind}")
        return
    if shape.minimum is not None and value < shape.minimum:
        yield f"Value at '{path}' {_FAILED} Member must have value greater than or equal to {shape.minimum}"
    if shape.maximum is not None and value > shape.maximum:
        yield f"Value at '{path}' {_FAILED} Member must have value less than or equal to {shape.maximum}"


def _is_in_range(value: float, kind: str) -> bool:
    if kind in _BITS:
        return isinstance(value, int) and value.bit_length() < _BITS[kind]
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number too large for a double
        return False


def _boolean(value: Any, _shape: Shape, path: str, _depth: int) -> Iterator[str]:
    if not isinstance(value, bool):
        yield _wrong_type(path, "true or false")


def _timestamp(value: Any, _shape: Shape, path: str, _depth: int) -> Iterator[str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return
    if isinstance(value, str) and _is_iso_time(value):
        return
    yield _wrong_type(path, "a time: epoch seconds")


def _is_iso_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _blob(value: Any, _shape: Shape, path: str, _depth: int) -> Iterator[str]:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", value):
        yield _wrong_type(path, "base64 text")


def _size(count: int, shape: Shape, path: str, noun: str) -> Iterator[str]:
    if shape.minimum is not None and count < shape.minimum:
        yield f"Value at '{path}' {_FAILED} Member must have {noun} greater than or equal to {shape.minimum}"
    if shape.maximum is not None and count > shape.maximum:
        yield f"Value at '{path}' {_FAILED} Member must have {noun} less than or equal to {shape.maximum}"


def _wrong_type(path: str, expected: str) -> str:
    return f"Value at '{path}' {_FAILED} Member must be {expected}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_CHECKS: dict[str, Callable[[Any, Shape, str, int], Iterator[str]]] = {
    "structure": _structure,
    "map": _map,
    "list": _list,
    "string": _string,
    "integer": _number,
    "long": _number,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "blob": _blob,
}
