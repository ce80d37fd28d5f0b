"""Whether this process lives, and whether it can do its work."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse


def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """Placeholder until the parts are asked."""
    return JsonResponse({"status": "ok"})
