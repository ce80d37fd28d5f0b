"""Answers 503 instead of 500 while the database is away: proxies and monitors take it for what it is, and it passes."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from contacts.commits import AWAY
from portal.error_pages import failed

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5


class OutageMiddleware:
    """Turns a view's failure to reach the database into a page that says to come again. The API has its own way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for `error`, or None if it is of another kind."""
        if not isinstance(error, AWAY):
            return None
        logger.error("database_away", exc_info=error)
        headers = {"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"}
        page = failed(request, status=503)
        for name, value in headers.items():
            page[name] = value
        return page
