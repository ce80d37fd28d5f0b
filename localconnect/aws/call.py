"""One API request on its way through the gateway, and what each step has found out about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from localconnect.aws.router import Route
from localconnect.aws.serializer import Reply
from localconnect.aws.service_model import Operation


@dataclass(slots=True)
class Call:
    """What was sent (`path` and `query` still encoded, header names in lower case), then what became of it."""

    request_id: str
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    base_url: str
    """`http://host:port` under which the client reached this server."""
    receive: Callable[[], Awaitable[Any]]
    """ASGI's: once the body is read, it returns when the client has left."""

    route: Route | None = None
    params: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    reply: Reply | None = None

    @property
    def operation(self) -> Operation:
        """The operation addressed; only after routing."""
        assert self.route is not None  # noqa: S101 - steps run in order
        return self.route.operation
