"""Finds the operation a request addresses: by the target it names, or else by the method and the raw path.

Clients percent-encode labels (an ARN becomes one segment), so the raw path is split first and decoded afterwards. An
endpoint address may carry a path prefix, which is tolerated by leaving leading segments out until something matches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from localconnect.aws.service_model import Operation
from localconnect.aws.signature import normalised

_MAX_SEGMENTS = 32


@dataclass(frozen=True, slots=True)
class Route:
    """The operation, and the decoded labels of its path by their name on the wire."""

    operation: Operation
    labels: dict[str, str]


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    label: _Node | None = None
    operations: dict[str, tuple[Operation, tuple[str, ...]]] = field(default_factory=dict)
    """By method: the operation and the names of the labels on the way, in order."""


class Router:
    """A tree of path segments, in which a literal segment wins over a label, and a table of targets."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        self._targets: dict[str, Route] = {}
        for operation in operations:
            if operation.protocol.target_prefix is None:
                self._add(operation)
            else:
                target = f"{operation.protocol.target_prefix}.{operation.name}"
                self._targets[target] = Route(operation, {})

    def find(self, method: str, raw_path: str, target: str | None = None) -> Route | None:
        """The operation at `raw_path` (still percent-encoded, without the query), or None.

        A literal beats a prefix: the whole path is tried first, then ever shorter ends of it. A known `target` (the
        header X-Amz-Target) beats every path: clients may send such requests to any, the address of a queue for one.
        """
        route = self._targets.get(target) if target is not None else None
        if route is not None and route.operation.method == method:
            return route
        # What is done is what was signed: dots lead nowhere else than in the canonical path.
        segments = [segment for segment in normalised(raw_path).split("/") if segment]
        if len(segments) > _MAX_SEGMENTS:
            return None
        for start in range(len(segments)):
            found = _walk(self._root, segments, start, method, ())
            if found is not None:
                operation, names, values = found
                return Route(
                    operation,
                    {name: unquote(value) for name, value in zip(names, values, strict=True)},
                )
        return None

    def _add(self, operation: Operation) -> None:
        node = self._root
        names: list[str] = []
        for segment in operation.uri.partition("?")[0].strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment.strip("{}+"))
                node.label = node.label or _Node()
                node = node.label
            else:
                node = node.literal.setdefault(segment, _Node())
        node.operations.setdefault(operation.method, (operation, tuple(names)))


def _walk(
    node: _Node, segments: list[str], position: int, method: str, values: tuple[str, ...]
) -> tuple[Operation, tuple[str, ...], tuple[str, ...]] | None:
    if position == len(segments):
        found = node.operations.get(method)
        return None if found is None else (*found, values)
    segment = segments[position]
    if segment in node.literal:
        deeper = _walk(node.literal[segment], segments, position + 1, method, values)
        if deeper is not None:
            return deeper
    if node.label is None:
        return None
    return _walk(node.label, segments, position + 1, method, (*values, segment))
