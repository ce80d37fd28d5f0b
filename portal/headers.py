"""Response headers every answer carries: the permissions policy and the request's id, as the logs know it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

import structlog


class ResponseHeadersMiddleware:
    """Adds `Permissions-Policy` and `X-Request-ID`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request` and add the headers."""
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        if request_id:
            response["X-Request-ID"] = str(request_id)
        return response
