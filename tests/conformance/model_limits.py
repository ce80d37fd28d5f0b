"""What is just allowed and just not for one member, from its shape in botocore's service model.

Values come from the shapes' own limits; where a pattern leaves no choice, from `SAMPLES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_UUID = "99999999-9999-4999-8999-999999999999"
SAMPLES: dict[str, str] = {
    "InstanceIdOrArn": _UUID,
    "CurrentMetricId": _UUID,
    "HoursOfOperationOverrideYearMonthDayDateFormat": "2026-03-01",
    "RegionName": "us-east-1",
    "AiAgentId": _UUID,
    "EmailAddress": "a@example.com",
}
"""A value of each shape whose pattern a row of the letter `a` does not match."""

TIME = 1_767_322_800

_ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

Put = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Variant:
    """A valid request with one member changed; `member` is how the server's messages name it."""

    member: str
    change: str
    params: dict[str, Any]
    is_allowed: bool

    def __str__(self) -> str:
        return f"{self.member}: {self.change}"


@dataclass(frozen=True, slots=True)
class Place:
    """A member in a request: what it is called, how a value gets there, and whether as text."""

    path: str
    put: Put
    is_text: bool = False
    entered: tuple[str, ...] = ()

    def wrong(self, change: str, value: Any) -> Variant:
        return Variant(self.path, change, self.put(value), is_allowed=False)

    def right(self, change: str, value: Any) -> Variant:
        return Variant(self.path, change, self.put(value), is_allowed=True)


def sample(shape: Any) -> Any:
    """The smallest value of a shape that still has something in it."""
    kind = shape.type_name
    if kind == "structure":
        return {name: sample(shape.members[name]) for name in shape.required_members}
    if kind == "list":
        return [sample(shape.member)]
    if kind == "map":
        return {sample(shape.key): sample(shape.value)}
    if kind == "string":
        choices = shape.metadata.get("enum") or [SAMPLES.get(shape.name)]
        return choices[0] or "a" * max(1, shape.metadata.get("min", 1))
    return {"integer": 1, "boolean": True, "timestamp": TIME}[kind]


def _string_limits(
    shape: Any, _value: Any, place: Place, location: str | None
) -> Iterator[Variant]:
    if "enum" in shape.metadata:
        yield from _choice_limits(shape, place)
        return
    if "pattern" in shape.metadata:
        yield from _pattern_limits(shape, place)
    yield from _length_limits(shape, place, location)


def _choice_limits(shape: Any, place: Place) -> Iterator[Variant]:
    choices = shape.metadata["enum"]
    for choice in choices:
        yield place.right(f"the choice {choice}", choice)
    for choice in ("NOVELTY", choices[0].lower()):
        yield place.wrong(f"not a choice: {choice}", choice)


def _pattern_limits(shape: Any, place: Place) -> Iterator[Variant]:
    pattern = shape.metadata["pattern"]
    yield place.right("a sample", sample(shape))
    if r"\d" in pattern:
        yield place.wrong("digits of another script", sample(shape).translate(_ARABIC_INDIC))
    if not re.fullmatch(pattern, "¿ ?"):
        yield place.wrong("not of the pattern", "¿ ?" + "?" * shape.metadata.get("min", 0))


def _length_limits(shape: Any, place: Place, location: str | None) -> Iterator[Variant]:
    pattern = shape.metadata.get("pattern")
    shortest, longest = shape.metadata.get("min", 0), shape.metadata.get("max")
    for length in {shortest, longest} - {None}:
        fits = not pattern or re.fullmatch(pattern, "a" * length)
        if fits and (length or location != "uri"):
            yield place.right(f"{length} characters", "a" * length)
    if shortest and location != "uri":
        yield place.wrong("shorter than the minimum", "a" * (shortest - 1))
    if longest is not None:
        yield place.wrong("longer than the maximum", "a" * (longest + 1))
        if not pattern and location is None:
            yield place.right(f"{longest} characters beyond the BMP", "\U0001f600" * longest)


def _number_limits(
    shape: Any, _value: Any, place: Place, _location: str | None
) -> Iterator[Variant]:
    lowest = shape.metadata.get("min", -(2**31))
    highest = shape.metadata.get("max", 2**31 - 1)
    for number in (lowest, highest):
        yield place.right(f"{number}", number)
    for number in (lowest - 1, highest + 1, 2**63, 10**30):
        yield place.wrong(f"{number}", number)


def _list_limits(shape: Any, value: Any, place: Place, _location: str | None) -> Iterator[Variant]:
    item = (value or [sample(shape.member)])[0]
    yield from _size_limits(shape, place, lambda size: [item] * size)


def _map_limits(shape: Any, value: Any, place: Place, _location: str | None) -> Iterator[Variant]:
    item = next(iter(value.values()))
    yield from _size_limits(shape, place, lambda size: {f"k{n}": item for n in range(size)})


def _size_limits(shape: Any, place: Place, make: Callable[[int], Any]) -> Iterator[Variant]:
    smallest, largest = shape.metadata.get("min"), shape.metadata.get("max")
    if smallest and not place.is_text:  # in a query a list of nothing is absence
        yield place.wrong("smaller than the minimum", make(smallest - 1))
    for size in {smallest, largest} - {None}:
        yield place.right(f"{size} entries", make(size))
    if largest is not None:
        yield place.wrong("larger than the maximum", make(largest + 1))


def _time_limits(
    _shape: Any, _value: Any, place: Place, _location: str | None
) -> Iterator[Variant]:
    for time in (0, -1, TIME + 0.5, 253_402_300_799, "2026-01-02T03:04:05Z"):
        yield place.right(f"the time {time}", time)
    for time in (253_402_300_800, 1e308, 10**400):
        yield place.wrong("a time beyond every calendar", time)


def no_limits(*_: Any) -> Iterator[Variant]:
    return iter(())


LIMITS = {
    "string": _string_limits,
    "integer": _number_limits,
    "list": _list_limits,
    "map": _map_limits,
    "timestamp": _time_limits,
}
