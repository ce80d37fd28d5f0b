"""Checks parameters against an input shape: everything the service model says, and botocore does not check.

botocore looks at types, required members and minimum lengths only; maximum lengths, patterns and enums arrive
unchecked, and other clients check nothing at all. Rules that no model can express belong to the services.

A shape's check is built once, from the checks of what it holds; it returns what is wrong, most often nothing. Where in
the request that is, each check on the way out puts in front.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from localconnect.aws.errors import ApiError, Cause
from localconnect.aws.service_model import Shape

_MAX_DEPTH = 32
"""Recursive shapes (segment attributes) may not be nested deeper than this."""

_MAX_REPORTED = 10
_MAX_PATH = 200
_BITS = {"integer": 32, "long": 64}
_FIRST_TIME, _LAST_TIME = -62_135_596_800, 253_402_300_799
"""Epoch seconds of 0001-01-01 and 9999-12-31: what a calendar can say."""

_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a value, and where it is below the value that was checked."""

    rule: str
    path: str = ""
    subject: str = "Value"

    def inside(self, step: str) -> Problem:
        """The same, seen from what holds the value as its `step`: `.Member` or `[0]`."""
        return replace(self, path=step + self.path)

    def __str__(self) -> str:
        path = self.path.removeprefix(".")[:_MAX_PATH]
        return f"{self.subject} at '{path}' failed to satisfy constraint: Member must {self.rule}"


Check = Callable[[Any, int], Sequence[Problem]]
"""Takes a value and how deep it lies; returns what is wrong with it."""


def validate(params: dict[str, Any], shape: Shape) -> None:
    """Accept `params`, or say what is wrong with them.

    :raises ApiError: cause MEMBER; the text names up to ten members and the limit each one broke. Values are never
        repeated, since they may be personal.
    """
    problems = _check_of(shape)(params, 0)[:_MAX_REPORTED]
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise ApiError(
            Cause.MEMBER,
            f"{len(problems)} validation error{plural} detected: {'; '.join(map(str, problems))}",
        )


@cache
def _check_of(shape: Shape) -> Check:
    return _built(shape, {})


def _built(shape: Shape, known: dict[Shape, Check]) -> Check:
    """The check of `shape`; `known` are those being built, since a shape may contain itself."""
    return known.get(shape) or _BUILDERS[shape.kind](shape, known)


def _structure(shape: Shape, known: dict[Shape, Check]) -> Check:
    members: dict[str, Check] = {}
    is_union = shape.is_union
    required = [
        (name, Problem("not be null", f".{name}", "Value null")) for name in shape.required
    ]

    def check(value: Any, depth: int) -> Sequence[Problem]:
        if not isinstance(value, dict):
            return _must("be an object")
        if depth > _MAX_DEPTH:
            return _must(f"not be nested deeper than {_MAX_DEPTH} levels")
        problems = [missing for name, missing in required if value.get(name) is None]
        problems += _of_members(value, members, depth)
        if is_union and sum(value.get(name) is not None for name in members) != 1:
            problems.append(Problem("have exactly one member set"))
        return problems

    known[shape] = check
    for name, member in shape.members.items():
        members[name] = _built(member.shape, known)
    return check


def _of_members(value: dict[str, Any], members: dict[str, Check], depth: int) -> Sequence[Problem]:
    problems: list[Problem] = []
    for name, item in value.items():
        if item is not None and name in members:
            found = members[name](item, depth + 1)
            if found:
                problems += [problem.inside(f".{name}") for problem in found]
                if len(problems) >= _MAX_REPORTED:
                    break
    return problems


def _map(shape: Shape, known: dict[Shape, Check]) -> Check:
    assert shape.key is not None  # noqa: S101 - a map has both
    assert shape.value is not None  # noqa: S101
    size = _limits(shape, "size")
    check_key, check_item = _built(shape.key, known), _built(shape.value, known)

    def check(value: Any, depth: int) -> Sequence[Problem]:
        if not isinstance(value, dict):
            return _must("be an object")
        problems = list(size(len(value)))
        for key, item in value.items():
            problems += [problem.inside(" (key)") for problem in check_key(key, depth + 1)]
            problems += [problem.inside(f".{key[:64]}") for problem in check_item(item, depth + 1)]
            if len(problems) >= _MAX_REPORTED:
                break
        return problems

    return check


def _list(shape: Shape, known: dict[Shape, Check]) -> Check:
    assert shape.value is not None  # noqa: S101 - a list has one
    size = _limits(shape, "size")
    check_item = _built(shape.value, known)

    def check(value: Any, depth: int) -> Sequence[Problem]:
        if not isinstance(value, list):
            return _must("be a list")
        problems = list(size(len(value)))
        for index, item in enumerate(value):
            problems += [problem.inside(f"[{index}]") for problem in check_item(item, depth + 1)]
            if len(problems) >= _MAX_REPORTED:
                break
        return problems

    return check


def _string(shape: Shape, _known: object) -> Check:
    length = _limits(shape, "length")
    choices, pattern = shape.choices, shape.pattern

    def check(value: Any, _depth: int) -> Sequence[Problem]:
        if not isinstance(value, str):
            return _must("be a string")
        problems = length(len(value))
        if problems:
            return problems  # a pattern is never run over text of unbounded length
        if choices and value not in choices:
            problems = _must(f"satisfy enum value set: [{', '.join(sorted(choices))}]")
        if pattern is not None and not pattern.fullmatch(value):
            problems += _must(f"satisfy regular expression pattern: {pattern.pattern}")
        return problems

    return check


def _number(shape: Shape, _known: object) -> Check:
    kind, limits = shape.kind, _limits(shape, "value")
    types = int if kind in _BITS else (int, float)

    def check(value: Any, _depth: int) -> Sequence[Problem]:
        if isinstance(value, bool) or not isinstance(value, types):
            return _must("be a whole number" if kind in _BITS else "be a number")
        if not _is_in_range(value, kind):
            return _must(f"be within the range of {kind}")
        return limits(value)

    return check


def _limits(shape: Shape, noun: str) -> Callable[[float], tuple[Problem, ...]]:
    """What is wrong with a length, a size or a number, by the shape's minimum and maximum."""
    lowest = -math.inf if shape.minimum is None else shape.minimum
    highest = math.inf if shape.maximum is None else shape.maximum
    too_low = _must(f"have {noun} greater than or equal to {lowest}")
    too_high = _must(f"have {noun} less than or equal to {highest}")

    def check(number: float) -> tuple[Problem, ...]:
        if number < lowest:
            return too_low
        return too_high if number > highest else ()

    return check


def _is_in_range(value: float, kind: str) -> bool:
    if kind in _BITS:
        limit = 1 << (_BITS[kind] - 1)
        return -limit <= value < limit
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number too large for a double
        return False


def _boolean(value: Any, _depth: int) -> Sequence[Problem]:
    return () if isinstance(value, bool) else _must("be true or false")


def _timestamp(value: Any, _depth: int) -> Sequence[Problem]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        is_time = _FIRST_TIME <= value <= _LAST_TIME
        return () if is_time else _must("be a time of the years 1 to 9999")
    if isinstance(value, str) and _is_iso_time(value):
        return ()
    return _must("be a time: epoch seconds")


def _is_iso_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _blob(value: Any, _depth: int) -> Sequence[Problem]:
    is_base64 = isinstance(value, str) and _BASE64.fullmatch(value)
    return () if is_base64 else _must("be base64 text")


def _must(rule: str) -> tuple[Problem, ...]:
    return (Problem(rule),)


_BUILDERS: dict[str, Callable[[Shape, dict[Shape, Check]], Check]] = {
    "structure": _structure,
    "map": _map,
    "list": _list,
    "string": _string,
    "integer": _number,
    "long": _number,
    "float": _number,
    "double": _number,
    "boolean": lambda _shape, _known: _boolean,
    "timestamp": lambda _shape, _known: _timestamp,
    "blob": lambda _shape, _known: _blob,
}
