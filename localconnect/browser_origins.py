"""Which web pages may call `/participant/*`: cross-origin resource sharing for ChatJS and its kind.

Everything else of the API is signed with a secret that has no place in a browser, and is open to no page. Which
operation is meant decides, not how the path looks: an endpoint address may have a prefix.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware

from localconnect.aws.router import Router
from localconnect.setting_values import ANY_ORIGIN
from localconnect.settings import Settings

logger = logging.getLogger(__name__)

Application = Callable[[Any, Any, Any], Awaitable[None]]
Scope = MutableMapping[str, Any]

_SERVICE = "connectparticipant"
_METHODS = ("GET", "POST")
_REQUEST_HEADERS = (
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "authorization",
    "content-type",
    "x-amz-bearer",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-user-agent",
)
"""What the SDKs for JavaScript send to this service."""

_REPLY_HEADERS = ("x-amzn-requestid", "x-amzn-errortype")
_MAX_AGE_S = 600


class BrowserOrigins:
    """The API with answers for browsers around it, where the setting `browser_origins` allows it."""

    def __init__(self, api: Application, *, router: Router, settings: Settings) -> None:
        self._api = api
        self._shared = _Sharing(api, settings)
        self._router = router

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one request."""
        is_shared = any(name == b"origin" for name, _ in scope["headers"]) and self._is_for_pages(
            scope
        )
        await (self._shared if is_shared else self._api)(scope, receive, send)

    def _is_for_pages(self, scope: Scope) -> bool:
        method = scope["method"]
        if method == "OPTIONS":
            method = Headers(scope=scope).get("access-control-request-method", "")
        route = self._router.find(method, scope["raw_path"].decode("latin-1"))
        return route is not None and route.operation.service == _SERVICE


class _Sharing(CORSMiddleware):
    """Starlette's rules, with origins that may change while the server runs."""

    def __init__(self, api: Application, settings: Settings) -> None:
        super().__init__(
            api,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_REPLY_HEADERS,
            max_age=_MAX_AGE_S,
        )
        self._settings = settings

    def is_allowed_origin(self, origin: str) -> bool:
        allowed = self._settings.browser_origins
        if origin in allowed or ANY_ORIGIN in allowed:
            return True
        logger.info("A page of the origin %a may not call /participant/", origin[:200])
        return False
