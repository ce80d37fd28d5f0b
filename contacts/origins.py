"""Refuses requests that another site's page makes with our customer's cookie: sockets and unsafe HTTP requests alike.

Our own pages send an `Origin` that equals `Host`; other programs send none. A foreign page cannot forge either.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from channels.generic.websocket import AsyncWebsocketConsumer

SAFE_FETCH_SITES = ("", "same-origin", "none")


def is_same_origin(origin: str, host: str) -> bool:
    """Whether `origin` (a header's value, possibly "null") is a page served by `host` (name and port)."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    default_port = ":443" if parts.scheme == "https" else ":80"
    return parts.netloc.lower().removesuffix(default_port) == host.lower().removesuffix(
        default_port
    )


def is_foreign_request(*, origin: str | None, fetch_site: str, host: str) -> bool:
    """Whether a browser says that another site's page made the request."""
    if origin is not None:
        return not is_same_origin(origin, host)
    return fetch_site not in SAFE_FETCH_SITES


class RefusedSocket(AsyncWebsocketConsumer):
    """Answers a handshake with 403."""

    async def connect(self) -> None:
        """Refuse."""
        await self.close()


class SameOriginSockets:
    """Lets a WebSocket handshake through only if its `Origin` is our own."""

    def __init__(self, application: Callable[..., Awaitable[Any]]) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Run the application, or refuse."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if is_same_origin(headers.get(b"origin", ""), headers.get(b"host", "")):
            return await self.application(scope, receive, send)
        return await RefusedSocket.as_asgi()(scope, receive, send)
