"""Says of a route, in every answer and in the API's description, that it is to go: RFC 9745 (`Deprecation`) and RFC 8594 (`Sunset`).

@deprecated("GET", since=date(2027, 1, 1), sunset=date(2028, 1, 1), see="/api/v1/docs/")
class OldView(APIView): …
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date

View = TypeVar("View", bound=type[Any])

LEAST_NOTICE = timedelta(days=365)  # as docs/reference/versions.md promises


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since when something should not be used, when it goes, and where it is said what to use instead."""

    since: date
    sunset: date
    see: str

    def headers(self, request: HttpRequest) -> dict[str, str]:
        """Return what an answer says of it."""
        link = f'<{request.build_absolute_uri(self.see)}>; rel="deprecation"; type="text/html"'
        return {
            "Deprecation": f"@{_seconds(self.since)}",
            "Sunset": http_date(_seconds(self.sunset)),
            "Link": link,
        }


def deprecated(*methods: str, since: date, sunset: date, see: str) -> Callable[[View], View]:
    """Declare that methods of a view are to go.

    :raises ValueError: programs would have less than a year.
    """
    if sunset - since < LEAST_NOTICE:
        raise ValueError("What is deprecated stays for a year at least")

    def declare(view: View) -> View:
        view.deprecations = dict.fromkeys(methods, Deprecation(since, sunset, see))
        return view

    return declare


def deprecation_of(view: Any, method: str | None) -> Deprecation | None:
    """Return what was declared of a method of a view, if anything was."""
    found: Deprecation | None = getattr(view, "deprecations", {}).get(method)
    return found


class DeprecationMiddleware:
    """Adds the headers to the answers of what is to go, refusals included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer `request`."""
        response = self.get_response(request)
        match = request.resolver_match
        view = None if match is None else getattr(match.func, "cls", None)
        found = deprecation_of(view, request.method)
        if found is not None:
            for name, value in found.headers(request).items():
                others = response.get(name) if name == "Link" else None
                response[name] = f"{others}, {value}" if others else value
        return response


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
