"""Counts every request and its answer, names its caller and the contact it is about in each line it logs, and shows the metrics."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.throttling import BaseThrottle

import structlog
from django_structlog.signals import bind_extra_request_metadata

from contacts import metrics, metrics_page

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNROUTED = "none"  # files, and addresses that there are not


class MeasuringMiddleware:
    """Measures the others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request`, and count it under its route's name: never under its address."""
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        route = (match.view_name if match else "") or UNROUTED
        method = request.method if request.method in METHODS else "other"
        metrics.REQUESTS.labels(method, route, str(response.status_code)).inc()
        metrics.REQUEST_S.labels(route).observe(time.perf_counter() - began)
        return response

    def process_view(
        self, _request: HttpRequest, _view: Any, _arguments: Any, named: dict[str, Any]
    ) -> None:
        """Have all that is logged from here on say which contact the address names."""
        if "contact_id" in named:
            structlog.contextvars.bind_contextvars(contact=str(named["contact_id"]))


@receiver(bind_extra_request_metadata)
def name_caller(request: HttpRequest, **_: Any) -> None:
    """Have all that is logged say which address asks: the one that our own proxies saw, not one that the caller claims."""
    structlog.contextvars.bind_contextvars(ip=_address_of(request))


def show(request: HttpRequest) -> HttpResponse:
    """Show the metrics to whom they are meant for; to others there is no such page."""
    if not metrics_page.may_read(request.headers.get("Authorization", ""), _address_of(request)):
        raise Http404
    return HttpResponse(
        metrics_page.page(),
        content_type=metrics_page.CONTENT_TYPE,
        headers={"Cache-Control": "no-store"},
    )


def _address_of(request: HttpRequest) -> str:
    return BaseThrottle().get_ident(request)  # type: ignore[arg-type]
