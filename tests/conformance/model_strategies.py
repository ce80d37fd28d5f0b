"""Whole requests for hypothesis to draw: mostly as the service model wants them, in places as nobody should send them.

JSON is written by hand here, since what matters most no JSON library writes: NaN, halves of surrogate pairs, the same
key twice, numbers and nesting without end.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from hypothesis import strategies as st

from tests.conformance.model_limits import SAMPLES, TIME


class Literal(str):
    """JSON text to be written as it stands."""


class Pairs(list[tuple[str, Any]]):
    """An object whose keys may repeat."""


def written_json(value: Any) -> str:
    """`value` with its literals and pairs as JSON, or what looks like it."""
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, dict | Pairs):
        items = value if isinstance(value, Pairs) else value.items()
        return "{" + ",".join(f"{json.dumps(k)}:{written_json(v)}" for k, v in items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written_json, value)) + "]"
    return json.dumps(value)


_TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        (
            "",
            "\x00",
            "\ud800",
            "\udc00\ud800",
            "\U0001f600" * 300,
            "é" * 2049,
            "a" * 40_000,
            "a\r\nb",
            "../..",
            "\u202e",
            "aws:x",
            "{}",
        )
    ),
)
_NUMBERS = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from((2**31, -(2**63) - 1, 10**300, -0.0)),
)
_NONSENSE = st.one_of(
    _TEXTS,
    _NUMBERS,
    st.sampled_from(
        (
            None,
            True,
            [],
            {},
            [[[]]],
            Literal("NaN"),
            Literal("-Infinity"),
            Literal("1e999"),
            Literal("9" * 5000),
            Literal("01"),
            Literal("'a'"),
            Literal('"\\ud83d"'),
            Literal('"\\x41"'),
            Literal("[" * 50 + "]" * 50),
            Literal("[" * 3000 + "]" * 3000),
            Literal('{"a":' * 3000 + "1" + "}" * 3000),
            Literal("{"),
            Literal(""),
            Pairs([("a", 1), ("a", 2)]),
        )
    ),
)


@st.composite
def requests(draw: st.DrawFn, model: Any, base: dict[str, Any]) -> dict[str, Any]:
    """Parameters of the operation: those of `base`, some left out, some changed, others added."""
    params = dict(base)
    members = model.input_shape.members
    for name in draw(st.lists(st.sampled_from(sorted(members)), max_size=6, unique=True)):
        member = members[name]
        location = member.serialization.get("location")
        if location is None:
            change = draw(st.sampled_from(("model", "model", "nonsense", "absent")))
            if change == "absent":
                params.pop(name, None)
            else:
                params[name] = draw(_values(member, 0) if change == "model" else _NONSENSE)
        elif location == "uri":
            params[name] = draw(_TEXTS.map(_brief).filter(bool))
        elif location == "querystring":
            params[name] = draw(st.one_of(_values(member, 0), _TEXTS).map(_brief))
        else:
            params[name] = draw(_TEXTS.map(_fit_for_a_header))
    return params


def _values(shape: Any, depth: int) -> st.SearchStrategy[Any]:
    """Values of a shape, in every tenth place or so of none."""
    return st.integers(0, 11).flatmap(lambda n: _NONSENSE if n == 11 else _sound(shape, depth))


def _sound(shape: Any, depth: int) -> st.SearchStrategy[Any]:
    kind = shape.type_name
    if kind in _CONTAINERS:
        return _CONTAINERS[kind](shape, depth + 1) if depth < 6 else st.just({})
    if kind == "string":
        return _strings(shape)
    if kind == "integer":
        low, high = shape.metadata.get("min", -(2**31)), shape.metadata.get("max", 2**31 - 1)
        return st.integers(low, high)
    return {
        "boolean": st.booleans(),
        "blob": st.binary(max_size=30).map(lambda raw: base64.b64encode(raw).decode()),
        "timestamp": st.one_of(st.integers(TIME - 10**7, TIME + 10**7), st.floats(0, 2e9)),
    }[kind]


@st.composite
def _structures(draw: st.DrawFn, shape: Any, depth: int) -> dict[str, Any]:
    optional = [name for name in shape.members if name not in shape.required_members]
    chosen = [
        *shape.required_members,
        *(draw(st.lists(st.sampled_from(optional), max_size=3, unique=True)) if optional else ()),
    ]
    return {name: draw(_values(shape.members[name], depth)) for name in chosen}


def _lists(shape: Any, depth: int) -> st.SearchStrategy[Any]:
    low = shape.metadata.get("min", 0)
    return st.lists(_values(shape.member, depth), min_size=low, max_size=low + 3)


def _maps(shape: Any, depth: int) -> st.SearchStrategy[Any]:
    pairs = st.tuples(_strings(shape.key), _values(shape.value, depth))
    return st.lists(pairs, min_size=shape.metadata.get("min", 0), max_size=3).map(Pairs)


def _strings(shape: Any) -> st.SearchStrategy[str]:
    traits = shape.metadata
    if "enum" in traits:
        return st.sampled_from(traits["enum"])
    if shape.name in SAMPLES:
        return st.just(SAMPLES[shape.name])
    low = traits.get("min", 0)
    return st.text(min_size=low, max_size=min(traits.get("max", 30), low + 30))


_CONTAINERS = {"structure": _structures, "list": _lists, "map": _maps}


def _brief(value: Any) -> Any:
    """What fits into the head of a request, beside others like it."""
    if isinstance(value, list):
        return [_brief(item) for item in value[:4]]
    return value if isinstance(value, bool) else str(value)[:300]


def _fit_for_a_header(text: str) -> str:
    return "".join(c for c in text if 32 <= ord(c) < 256 and ord(c) != 127)[:2000].strip()
