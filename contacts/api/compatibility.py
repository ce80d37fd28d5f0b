"""Says what a new description of the API takes away from an earlier one: what programs written for that would miss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """What is said of one value: its types, which words it may be, and whether it is always there."""

    types: frozenset[str]
    words: frozenset[str] | None
    is_required: bool


def taken_away(before: Schema, after: Schema) -> list[str]:
    """Return what programs written for `before` cannot rely on in `after`, one line each; nothing if only was added."""
    return list(_of_operations(before, after))


def _of_operations(before: Schema, after: Schema) -> Iterator[str]:
    for path, methods in before["paths"].items():
        for method in METHODS:
            if method not in methods:
                continue
            name = f"{method.upper()} {path}"
            operation, other = methods[method], after["paths"].get(path, {}).get(method)
            if other is None:
                yield f"{name} is gone"
                continue
            if operation["operationId"] != other["operationId"]:
                yield f"{name} is called {other['operationId']}, no longer {operation['operationId']}"
            yield from _of_input(name, _input_of(operation, before), _input_of(other, after))
            yield from _of_answers(name, operation, other, before, after)


def _of_input(name: str, before: Mapping[str, Field], after: Mapping[str, Field]) -> Iterator[str]:
    for place, field in before.items():
        other = after.get(place)
        if other is None:
            yield f"{name} takes no {place}"
        elif not field.types <= other.types:
            yield f"{name} takes {place} as {_listed(other.types)} only"
        elif other.words is not None and (field.words is None or not field.words <= other.words):
            yield f"{name} takes {place} as {_listed(other.words)} only"
    for place, field in after.items():
        if field.is_required and not (place in before and before[place].is_required):
            yield f"{name} needs {place}"


def _of_answers(
    name: str, before: Schema, after: Schema, before_root: Schema, after_root: Schema
) -> Iterator[str]:
    for status, answer in before["responses"].items():
        if not status.startswith("2"):
            continue
        if status not in after["responses"]:
            yield f"{name} is not answered with {status}"
            continue
        told = dict(_fields(_schema_of(answer), before_root))
        tells = dict(_fields(_schema_of(after["responses"][status]), after_root))
        for place, field in told.items():
            other = tells.get(place)
            if other is None:
                yield f"{name} tells no {place}"
            elif not other.types <= field.types:
                yield f"{name} tells {place} as {_listed(other.types)}"
            elif field.is_required and not other.is_required:
                yield f"{name} does not always tell {place}"


def _input_of(operation: Schema, root: Schema) -> dict[str, Field]:
    found = dict(_fields(_schema_of(operation.get("requestBody", {})), root))
    for one in operation.get("parameters", []):
        schema = _resolved(one["schema"], root)
        place = f"{one['in']} {one['name']}"
        found[place] = Field(_types(schema), _words(schema), bool(one.get("required")))
    return found


def _schema_of(message: Schema) -> Schema:
    found: Schema = message.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _fields(
    schema: Schema, root: Schema, place: str = "", above: tuple[str, ...] = ()
) -> Iterator[tuple[str, Field]]:
    """Yield each member of a schema, and the members of these."""
    reference = schema.get("$ref", "")
    if reference and reference in above:  # it contains itself
        return
    below = (*above, reference)
    whole = _resolved(schema, root)
    for part in [*whole.get("allOf", []), *whole.get("oneOf", []), *whole.get("anyOf", [])]:
        yield from _fields(part, root, place, below)
    if "items" in whole:
        yield from _fields(whole["items"], root, f"{place}[]", below)
    for name, member in whole.get("properties", {}).items():
        inner, here = _resolved(member, root), f"{place}.{name}".lstrip(".")
        is_required = name in whole.get("required", [])
        yield here, Field(_types(inner), _words(inner), is_required)
        yield from _fields(member, root, here, below)


def _resolved(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Schema = root["components"]["schemas"][reference.rpartition("/")[2]]
    return found


def _types(schema: Schema) -> frozenset[str]:
    given = schema.get("type", "any")
    return frozenset([given] if isinstance(given, str) else given)


def _words(schema: Schema) -> frozenset[str] | None:
    return frozenset(map(str, schema["enum"])) if "enum" in schema else None


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words))
