"""Answers those who ask a process itself: load balancers, container platforms, Prometheus.

They know it by its address, over HTTP, so neither `ALLOWED_HOSTS` nor `SECURE_SSL_REDIRECT` is for them.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

PATHS = ("/healthz", "/readyz", "/metrics")


class ProbesMiddleware:
    """Answers before anybody looks at the host's name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request` if it is a probe."""
        if request.path_info not in PATHS:
            return self.get_response(request)
        request.resolver_match = resolve(request.path_info)
        response: HttpResponse = request.resolver_match.func(request)
        return response
